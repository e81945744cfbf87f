"""What became of each row, counted and said. Pure; holds line and patient number, never a name or an address."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from clinic.exchange.import_rows import Fault, Place, Why

HEADER = ["file", "line", "number", "outcome", "kind", "why", "says"]
FIRST_SHOWN = 10  # rows on the screen
FORMULA = ("=", "+", "-", "@", "\t")  # a cell that begins so is run by spreadsheets


class RowOutcome(StrEnum):
    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ReportedRow:
    """A refused row has at least one fault; a taken one may have warnings."""

    place: Place
    number: str
    outcome: RowOutcome
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()

    def says(self) -> Iterator[tuple[str, Fault]]:
        yield from (("refused", fault) for fault in self.faults)
        yield from (("warning", fault) for fault in self.warnings)

    def in_words(self) -> Iterator[str]:
        """A line for each fault and warning."""
        who = f"patient number {self.number}" if self.number else "no patient number"
        for what, fault in self.says():
            yield f"{self.place}, {who}: {what}, {fault.why}. {fault.says}"

    def cells(self) -> Iterator[list[str]]:
        """The same for a spreadsheet, under HEADER."""
        number = f"'{self.number}" if self.number.startswith(FORMULA) else self.number
        for what, fault in self.says():
            yield [self.place.file, str(self.place.line), number, self.outcome, what, fault.why, fault.says]


@dataclass(slots=True)
class ImportReport:
    """Grows row by row, so that an interrupted run can still say what it did.

    `keeps_all` False: `rows` holds the first refused and warned ones only, so that it does not grow with the file.
    `hears`: is told each row.
    """

    dry_run: bool = False
    interrupted: bool = False
    notes: list[str] = field(default_factory=list)
    rows: list[ReportedRow] = field(default_factory=list)
    keeps_all: bool = True
    hears: Callable[[ReportedRow], object] | None = None
    outcomes: Counter[RowOutcome] = field(default_factory=Counter)
    reasons: Counter[Why] = field(default_factory=Counter)  # a refused row counts once, under its worst fault
    warned: int = 0

    def add(self, row: ReportedRow) -> None:
        """One row more."""
        self.outcomes[row.outcome] += 1
        if row.outcome == RowOutcome.REFUSED:
            self.reasons[row.faults[0].why] += 1
        elif row.warnings:
            self.warned += 1
        if self.keeps_all or self._is_shown(row):
            self.rows.append(row)
        if self.hears:
            self.hears(row)

    def _is_shown(self, row: ReportedRow) -> bool:
        if row.outcome == RowOutcome.REFUSED:
            return self.count(RowOutcome.REFUSED) <= FIRST_SHOWN
        return bool(row.warnings) and self.warned <= FIRST_SHOWN

    @property
    def total(self) -> int:
        return self.outcomes.total()

    def count(self, outcome: RowOutcome) -> int:
        return self.outcomes[outcome]

    @property
    def refused(self) -> list[ReportedRow]:
        """Of the rows that were kept."""
        return [row for row in self.rows if row.outcome == RowOutcome.REFUSED]

    @property
    def exit_code(self) -> int:
        if self.interrupted:
            return 130  # as a shell says it after Ctrl-C
        return 1 if self.count(RowOutcome.REFUSED) else 0

    def summary(self) -> Iterator[str]:
        """Counts; a refused row counts once, under its worst fault."""
        prefix = "Dry run, nothing was written. " if self.dry_run else ""
        counted = ", ".join(f"{self.count(outcome):,} {outcome}" for outcome in RowOutcome)
        yield f"{prefix}{self.total:,} rows: {counted}."
        for why, number in self.reasons.most_common():
            yield f"  {number:,} refused: {why}"
        if self.warned:
            yield f"  {self.warned:,} imported with a warning"
        if self.interrupted:
            yield "Stopped before the end. The rows counted above are done; run the same command again for the rest."

    def details(self) -> Iterator[str]:
        """One line per fault and warning of the rows that were kept, in the order of the file."""
        for row in self.rows:
            yield from row.in_words()

    def first_details(self) -> Iterator[str]:
        """The first refused rows, then the first with a warning, and how many more there are."""
        warned = [row for row in self.rows if row.outcome != RowOutcome.REFUSED and row.warnings]
        counted = (("refused", self.refused, self.count(RowOutcome.REFUSED)), ("with a warning", warned, self.warned))
        for what, rows, number in counted:
            for row in rows[:FIRST_SHOWN]:
                yield from row.in_words()
            if number > FIRST_SHOWN:
                yield f"… and {number - FIRST_SHOWN:,} more rows {what}: --report FILE lists all of them."


class ReportFile:
    """The details as CSV, written as they come; with a byte-order mark, as spreadsheets want it."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("w", newline="", encoding="utf-8-sig")
        self.writer = csv.writer(self.file)
        self.writer.writerow(HEADER)

    def add(self, row: ReportedRow) -> None:
        self.writer.writerows(row.cells())

    def close(self) -> None:
        self.file.close()
