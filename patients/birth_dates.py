"""A date of birth as far as it is known: the day, or only the month or the year. Pure.

What is known is kept as the first day of it, with how much is known. So an age is the highest that it can be, which is
the careful one where healing slows with age; whether somebody may be a minor is asked of the last day.
"""

import re
from calendar import monthrange
from datetime import date
from enum import StrEnum
from typing import NamedTuple

PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?")


class Known(StrEnum):
    """How much of a date of birth is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


SPOKEN = {Known.DAY: "%-d %b %Y", Known.MONTH: "%b %Y", Known.YEAR: "%Y"}
WRITTEN = {Known.DAY: len("1965-04-02"), Known.MONTH: len("1965-04"), Known.YEAR: len("1965")}


class BirthDate(NamedTuple):
    """`first`: the first day that it can be."""

    first: date
    known: str = Known.DAY

    @property
    def last(self) -> date:
        """The last day that it can be."""
        if self.known == Known.YEAR:
            return self.first.replace(month=12, day=31)
        if self.known == Known.MONTH:
            return self.first.replace(day=monthrange(self.first.year, self.first.month)[1])
        return self.first

    def may_be(self, other: "BirthDate") -> bool:
        """Whether both can be the same day."""
        return self.first <= other.last and other.first <= self.last

    def __str__(self) -> str:
        """As staff read it: 2 Apr 1965, Apr 1965 or 1965."""
        return format(self.first, SPOKEN[Known(self.known)])

    def isoformat(self) -> str:
        """As FHIR writes it: 1965-04-02, 1965-04 or 1965."""
        return self.first.isoformat()[: WRITTEN[Known(self.known)]]


def partial(text: str) -> BirthDate | None:
    """`1965` or `1965-04`, as FHIR writes what it does not know; None for anything else, a whole date too."""
    match = PARTIAL.fullmatch(text.strip())
    if not match or not 1 <= int(match[2] or 1) <= 12 or int(match[1]) < 1:
        return None
    return BirthDate(date(int(match[1]), int(match[2] or 1), 1), Known.MONTH if match[2] else Known.YEAR)


def age(born: date, today: date) -> int:
    """In whole years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
