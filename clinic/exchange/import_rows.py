"""What every format is read into: one plain value per row, with what is wrong in the row itself. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from patients.birth_dates import Known

Progress = Callable[[int, int | None], None]  # rows done, of how many; None while nobody knows


class Why(StrEnum):
    """The kinds of trouble a report counts by, worst first."""

    UNREADABLE = "unreadable row"
    MISSING = "missing field"
    DUPLICATE = "duplicate number"
    DEAD = "dead"
    INACTIVE = "not in use"
    MINOR = "minor"
    NO_CONTACT = "no reachable contact"
    PHONE = "invalid phone"
    EMAIL = "invalid e-mail"
    DATE = "bad date"
    LANGUAGE = "bad language"
    TIME_ZONE = "bad time zone"
    CONSENT = "consent"
    NUMBER = "bad number"
    NAME = "bad name"
    PATIENT = "unknown patient"
    PROCEDURE = "procedure"
    PROTOCOL = "no signed protocol"
    SURGEON = "surgeon"
    SAME_DAY = "two operations that day"
    RUNNING = "a plan ran already"
    ALIKE = "perhaps registered already"
    RECORD = "differs from the record"
    OTHER = "refused by a rule"


@dataclass(frozen=True, slots=True)
class Fault:
    """`says` is for the report: a sentence that names the field and what would be right, never a name or a phone."""

    why: Why
    says: str
    about: str = ""  # the field of IncomingPatient that is empty because of it


class UnusableInput(Exception):
    """The input as a whole cannot be read; the message is a sentence for the person who gave it."""


class MissingColumns(UnusableInput):
    """Somebody can say which columns are meant. `typed`: as they are named; `names`: the fields that were found."""

    def __init__(self, says: str, typed: Sequence[str], names: Sequence[str]) -> None:
        super().__init__(says)
        self.typed, self.names = typed, names


class OtherEncoding(UnusableInput):
    """`codec`: the encoding it probably has."""

    def __init__(self, says: str, codec: str) -> None:
        super().__init__(says)
        self.codec = codec


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands; lines count from 1, as an editor shows them. `kind`: what is counted, row or entry too."""

    line: int
    file: str = ""
    kind: str = "line"

    def __str__(self) -> str:
        return f"{self.file} {self.kind} {self.line}" if self.file else f"{self.kind} {self.line}"


@dataclass(frozen=True, slots=True)
class IncomingPatient:
    """One row as read. `phones` and `emails` are as typed, best first; `consent` None: the file says nothing."""

    place: Place
    number: str = ""
    given_name: str = field(default="", repr=False)
    family_name: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    birth_known: str = Known.DAY  # month or year: then birth_date is the first day of it
    language: str = ""
    time_zone: str = ""
    phones: tuple[str, ...] = field(default=(), repr=False)
    emails: tuple[str, ...] = field(default=(), repr=False)
    consent: bool | None = None
    dead: bool = False
    died_on: date | None = field(default=None, repr=False)  # where the source says it; only with `dead`
    alive: bool = False  # the source says in so many words that the person lives
    in_use: bool = True
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class IncomingSurgery:
    """One operation as read: codes and names are still words, looked up when it is taken."""

    place: Place
    number: str = ""
    procedure: str = ""
    day: date | None = None
    surgeon: str = ""
    physical_therapy: str = ""
    job: str = ""
    faults: tuple[Fault, ...] = ()
