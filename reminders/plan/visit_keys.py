"""The occurrence number of a message about one visit: which visit it is, and which of its bookings or changes. Pure.

Each visit has a hundred numbers in a row, and another hundred in each block above: so the 101st change of one visit
never takes a number of the next visit, and every number up to the hundredth is what it always was.
"""

IN_A_ROW = 100
BLOCK = 10_000_000  # above every visit's first hundred: a visit's own number is at most 32,767


def key_of(occurrence: int, number: int) -> int:
    """`occurrence`: of the check-up; `number`: of its booking, its change or its repeat, from 0."""
    block, rest = divmod(number, IN_A_ROW)
    return block * BLOCK + occurrence * IN_A_ROW + rest


def visit_of(key: int) -> tuple[int, int]:
    """The check-up's occurrence and the number that `key_of` was given."""
    block, rest = divmod(key, BLOCK)
    occurrence, number = divmod(rest, IN_A_ROW)
    return occurrence, block * IN_A_ROW + number
