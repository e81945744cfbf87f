"""What became of each row, counted and said. Pure; holds line and patient number, never a name or an address."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from clinic.exchange.import_rows import Fault, Place

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


@dataclass(slots=True)
class ImportReport:
    """Grows row by row, so that an interrupted run can still say what it did."""

    dry_run: bool = False
    interrupted: bool = False
    notes: list[str] = field(default_factory=list)
    rows: list[ReportedRow] = field(default_factory=list)

    def count(self, outcome: RowOutcome) -> int:
        return sum(row.outcome == outcome for row in self.rows)

    @property
    def refused(self) -> list[ReportedRow]:
        return [row for row in self.rows if row.outcome == RowOutcome.REFUSED]

    @property
    def exit_code(self) -> int:
        if self.interrupted:
            return 130  # as a shell says it after Ctrl-C
        return 1 if self.refused else 0

    def summary(self) -> Iterator[str]:
        """Counts; a refused row counts once, under its worst fault."""
        prefix = "Dry run, nothing was written. " if self.dry_run else ""
        counted = ", ".join(f"{self.count(outcome):,} {outcome}" for outcome in RowOutcome)
        yield f"{prefix}{len(self.rows):,} rows: {counted}."
        for why, number in Counter(row.faults[0].why for row in self.refused).most_common():
            yield f"  {number:,} refused: {why}"
        if warned := sum(bool(row.warnings) and row.outcome != RowOutcome.REFUSED for row in self.rows):
            yield f"  {warned:,} imported with a warning"
        if self.interrupted:
            yield "Stopped before the end. The rows counted above are done; run the same command again for the rest."

    def details(self) -> Iterator[str]:
        """One line per fault and warning, in the order of the file."""
        for row in self.rows:
            who = f"patient number {row.number}" if row.number else "no patient number"
            for what, fault in row.says():
                yield f"{row.place}, {who}: {what}, {fault.why}. {fault.says}"

    def first_details(self) -> Iterator[str]:
        """The first refused rows, then the first warnings, and how many more there are."""
        refused = ImportReport(rows=self.refused)
        warned = ImportReport(rows=[replace(row, faults=()) for row in self.rows if row.warnings and not row.faults])
        for what, part in (("refused", refused), ("warned", warned)):
            yield from ImportReport(rows=part.rows[:FIRST_SHOWN]).details()
            if (more := len(part.rows) - FIRST_SHOWN) > 0:
                yield f"… and {more:,} more rows {what}: --report FILE lists all of them."

    def save(self, path: Path) -> None:
        """The details as CSV; with a byte-order mark, as spreadsheets want it."""
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "line", "number", "outcome", "kind", "why", "says"])
            for row in self.rows:
                number = f"'{row.number}" if row.number.startswith(FORMULA) else row.number
                for what, fault in row.says():
                    writer.writerow([row.place.file, row.place.line, number, row.outcome, what, fault.why, fault.says])
