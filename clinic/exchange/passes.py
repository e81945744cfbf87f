"""Going over a file's rows more than once without holding them all: to count them, to find numbers that are double."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Generic, TypeVar

from clinic.exchange.duplicates import doubles
from clinic.exchange.import_rows import Fault, IncomingPatient, Place

T = TypeVar("T")
FEW = 2_000  # rows that are held rather than read again


def again(rows: Iterable[T]) -> Iterable[T]:
    """What can be gone over as often as one likes: the same, or a list where it is an iterator."""
    return list(rows) if isinstance(rows, Iterator) else rows


def in_batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """As many at a time, as they are read."""
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """Rows that were read once: how many, and the same again."""

    rows: Iterable[T]
    total: int


def read(shown: Iterable[T], rows: Iterable[T]) -> Read[T]:
    """`shown`: the rows, while somebody is shown how far they are read. A few are held, many are read again."""
    held: list[T] = []
    total = 0
    for total, row in enumerate(shown, start=1):
        if total <= FEW:
            held.append(row)
    return Read(held if total <= FEW else rows, total)


class NumbersSeen:
    """The patient numbers that went by, eight bytes each, to find those that stand twice."""

    def __init__(self) -> None:
        self.hashes = array("q")

    def noting(self, rows: Iterable[IncomingPatient]) -> Iterator[IncomingPatient]:
        """The same rows."""
        for row in rows:
            if row.number:
                self.hashes.append(hash(row.number))
            yield row

    def doubled(self, rows: Iterable[IncomingPatient]) -> dict[Place, Fault]:
        """The fault of each row whose number stands on another row too. `rows`: all of them again."""
        suspects = {one for one, other in pairwise(sorted(self.hashes)) if one == other}
        return doubles([row for row in rows if hash(row.number) in suspects]) if suspects else {}
