"""CSV text to rows by column name. One broken row is refused alone; the rows after it are read on. Pure."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clinic.exchange.import_rows import Fault, Place, UnusableInput, Why

DELIMITERS = ",;\t"
LONGEST_RECORD = 20  # lines that one quoted cell may run over, so that a lost quote does not swallow the file


@dataclass(frozen=True, slots=True)
class Columns:
    needed: Sequence[str]
    optional: Sequence[str] = ()

    @property
    def known(self) -> list[str]:
        return [*self.needed, *self.optional]


@dataclass(frozen=True, slots=True)
class TableRow:
    """Cells by column, as typed. With faults: the row could not be cut into cells, and they may be in wrong columns."""

    place: Place
    cells: dict[str, str]
    faults: tuple[Fault, ...] = ()

    def sure_of(self, name: str) -> str:
        """Of a broken row only the first cell is sure to stand where it belongs."""
        first, cell = next(iter(self.cells.items()))
        return cell.strip() if name == first else ""


@dataclass(frozen=True, slots=True)
class CsvTable:
    header: list[str]
    known: Sequence[str]
    delimiter: str
    lines: list[str]
    start: int  # the index of the first line below the header
    notes: list[str]
    file: str = ""

    def records(self) -> Iterator[TableRow]:
        index = self.start
        while index < len(self.lines):
            if not self.lines[index].strip(self.delimiter + " \t"):
                index += 1
                continue
            cells, used, says = self._cut(index)
            yield self._record(cells, Place(index + 1, self.file), says)
            index += used

    def _cut(self, index: int) -> tuple[list[str], int, str]:
        """The cells of the record that begins here, how many lines it takes, and what is wrong with it, if anything."""
        cells, says = _parse(self.lines[index : index + 1], self.delimiter)
        if not says:
            return cells, 1, ""
        for count in range(2, min(LONGEST_RECORD, len(self.lines) - index) + 1):
            cells, broken = _parse(self.lines[index : index + count], self.delimiter)
            if not broken and self._fits(cells):
                return cells, count, ""
        return self.lines[index].replace('"', "").split(self.delimiter), 1, says

    def _fits(self, cells: list[str]) -> bool:
        """Only an ignored column may run over several lines: elsewhere, two lost quotes have found each other."""
        named = zip(self.header, cells, strict=False)
        return len(cells) == len(self.header) and not any("\n" in cell and name in self.known for name, cell in named)

    def _record(self, cells: list[str], place: Place, says: str) -> TableRow:
        extra = any(cell.strip() for cell in cells[len(self.header) :])
        if extra and not says:
            says = "This row has more cells than the header: put quotes around a cell that holds the delimiter."
        faults = (Fault(Why.UNREADABLE, says),) if says else ()
        padded = cells + [""] * (len(self.header) - len(cells))
        return TableRow(place, dict(zip(self.header, padded, strict=False)), faults)


def read(text: str, columns: Columns, *, file: str = "") -> CsvTable:
    """Header names in any case and order; `,`, `;` or tab. Raises UnusableInput when a needed column is not there."""
    lines = re.split(r"\r\n|\n|\r", text)
    at = next((index for index, line in enumerate(lines) if line.strip() and not re.match(r"(?i)sep=.$", line)), None)
    if at is None:
        raise UnusableInput(f"The file is empty. Its first line names the columns: {', '.join(columns.needed)}.")
    delimiter = max(DELIMITERS, key=lines[at].count)
    cells, broken = _parse([lines[at]], delimiter)
    if broken:
        raise UnusableInput(f"The first line cannot be read. {broken}")
    header = [_name(cell) for cell in cells]
    notes = _check(header, columns)
    return CsvTable(header, columns.known, delimiter, lines, at + 1, notes, file)


def _name(cell: str) -> str:
    return re.sub(r"[\s-]+", "_", cell.strip().strip("'\ufeff").lower())


def _check(header: list[str], columns: Columns) -> list[str]:
    missing = [name for name in columns.needed if name not in header]
    if missing:
        word = "Column" if len(missing) == 1 else "Columns"
        raise UnusableInput(
            f"{word} missing: {', '.join(missing)}. The first line of the file must name the columns;"
            f" those needed are {', '.join(columns.needed)}; those understood as well: {', '.join(columns.optional)}."
        )
    twice = sorted({name for name in header if name in columns.known and header.count(name) > 1})
    if twice:
        raise UnusableInput(f"Column named twice: {', '.join(twice)}. Keep one of them.")
    extra = [name for name in header if name and name not in columns.known]
    return [f"Columns ignored: {', '.join(extra)}."] if extra else []


def _parse(lines: list[str], delimiter: str) -> tuple[list[str], str]:
    try:
        rows = list(csv.reader((line + "\n" for line in lines), delimiter=delimiter, strict=True))
    except csv.Error:
        return [], 'The quotes of this row do not match: write "…" around a cell, and "" for a quote inside it.'
    return (rows[0], "") if len(rows) == 1 else ([], "The row does not end where its line ends.")
