"""One patient number on two rows of one import. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from clinic.exchange.import_rows import Fault, IncomingPatient, Place, Why


def doubles(rows: Sequence[IncomingPatient]) -> dict[Place, Fault]:
    """The fault of every row to refuse. Identical rows: the first is taken. Different rows: all are refused."""
    by_number: dict[str, list[IncomingPatient]] = defaultdict(list)
    for row in rows:
        if row.number:
            by_number[row.number].append(row)
    faults: dict[Place, Fault] = {}
    for same in by_number.values():
        if len(same) > 1:
            faults |= _alike(same) if len({_facts(row) for row in same}) == 1 else _different(same)
    return faults


def _alike(rows: list[IncomingPatient]) -> dict[Place, Fault]:
    says = f"The same patient is in {rows[0].place} already; this row is not needed."
    return {row.place: Fault(Why.DUPLICATE, says) for row in rows[1:]}


def _different(rows: list[IncomingPatient]) -> dict[Place, Fault]:
    faults = {}
    for row in rows:
        others = ", ".join(str(other.place) for other in rows if other.place != row.place)
        says = f"This patient number is in {others} too, with other facts. Keep the row that is right."
        faults[row.place] = Fault(Why.DUPLICATE, says)
    return faults


def _facts(row: IncomingPatient) -> IncomingPatient:
    return replace(row, place=Place(0))
