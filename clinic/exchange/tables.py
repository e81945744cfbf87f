"""CSV text to rows by column name. One broken row is refused alone; the rows after it are read on. Pure.

Lines are read as they are needed: of a large file no more than a few stand in memory.
"""

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from clinic.exchange.columns import Columns, matched
from clinic.exchange.import_rows import Fault, MissingColumns, Place, UnusableInput, Why

DELIMITERS = ",;\t"
LONGEST_RECORD = 20  # lines that one quoted cell may run over, so that a lost quote does not swallow the file
BEFORE_HEADER = 20  # lines in which the header is looked for
Lines = Callable[[], Iterator[str]]


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
class Heading:
    """The line that names the columns: as typed, and by field. `known`: the fields. `notes`: sentences about it."""

    typed: Sequence[str]
    names: list[str]
    known: Sequence[str]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class CsvTable:
    """`lines`: all of the file, anew each time it is called. `start`: how many of them come before the first row."""

    heading: Heading
    delimiter: str
    lines: Lines
    start: int
    file: str = ""

    @property
    def header(self) -> list[str]:
        return self.heading.names

    @property
    def notes(self) -> list[str]:
        return self.heading.notes

    def records(self) -> Iterator[TableRow]:
        """Every row that holds something."""
        lines, number = islice(self.lines(), self.start, None), self.start
        ahead: deque[str] = deque()
        while (line := ahead.popleft() if ahead else next(lines, None)) is not None:
            number += 1
            if not line.strip(self.delimiter + ' \t"'):
                continue
            cells, says = _parse([line], self.delimiter)
            used = 1
            if says:
                ahead.extend(islice(lines, LONGEST_RECORD - 1 - len(ahead)))
                cells, used, says = self._cut([line, *ahead], says)
            if any(map(str.strip, cells)) or says:
                yield self._record(cells, Place(number, self.file), says)
            for _ in range(used - 1):
                ahead.popleft()
                number += 1

    def _cut(self, lines: list[str], says: str) -> tuple[list[str], int, str]:
        """The cells of the record that begins here, how many lines it takes, and what is wrong with it, if anything."""
        for count in range(2, len(lines) + 1):
            cells, broken = _parse(lines[:count], self.delimiter)
            if not broken and self._fits(cells):
                return cells, count, ""
        return lines[0].replace('"', "").split(self.delimiter), 1, says

    def _fits(self, cells: list[str]) -> bool:
        """Only an ignored column may run over several lines: elsewhere, two lost quotes have found each other."""
        named = zip(self.header, cells, strict=False)
        known = self.heading.known
        return len(cells) == len(self.header) and not any("\n" in cell and name in known for name, cell in named)

    def _record(self, cells: list[str], place: Place, says: str) -> TableRow:
        extra = any(cell.strip() for cell in cells[len(self.header) :])
        if extra and not says:
            says = "This row has more cells than the header: put quotes around a cell that holds the delimiter."
        faults = (Fault(Why.UNREADABLE, says),) if says else ()
        padded = cells + [""] * (len(self.header) - len(cells))
        return TableRow(place, dict(zip(self.header, padded, strict=False)), faults)


def read(text: str, columns: Columns, *, file: str = "", told: Mapping[str, str] | None = None) -> CsvTable:
    """Header names in any case and order; `,`, `;` or tab. Raises UnusableInput when a needed column is not there."""
    lines = re.split(r"\r\n|\n|\r", text)
    return read_lines(lambda: iter(lines), columns, file=file, told=told)


def read_lines(lines: Lines, columns: Columns, *, file: str = "", told: Mapping[str, str] | None = None) -> CsvTable:
    """The same of a file that is read line by line."""
    first = list(islice(lines(), BEFORE_HEADER))
    at = next((index for index, line in enumerate(first) if line.strip() and not re.match(r"(?i)sep=.$", line)), None)
    if at is None:
        raise UnusableInput(f"The file is empty. Its first line names the columns: {', '.join(columns.needed)}.")
    delimiter = max(DELIMITERS, key=first[at].count)
    cells, broken = _parse([first[at]], delimiter)
    if broken:
        raise UnusableInput(f"The first line cannot be read. {broken}")
    return CsvTable(heading(cells, columns, told or {}), delimiter, lines, at + 1, file)


def heading(cells: Sequence[str], columns: Columns, told: Mapping[str, str]) -> Heading:
    """Raises UnusableInput when a needed column is not there, or one stands there twice."""
    names = matched(cells, columns, told)
    missing = [name for name in columns.needed if name not in names]
    if missing:
        word = "Column" if len(missing) == 1 else "Columns"
        raise MissingColumns(
            f"{word} missing: {', '.join(missing)}. The first line of the file must name the columns;"
            f" those needed are {', '.join(columns.needed)}; those understood as well: {', '.join(columns.optional)}."
            " Say --map “Name in the file=field” where a column has another name.",
            list(cells),
            names,
        )
    twice = sorted({name for name in names if name in columns.known and names.count(name) > 1})
    if twice:
        raise UnusableInput(f"Column named twice: {', '.join(twice)}. Keep one of them.")
    return Heading(list(cells), names, columns.known, list(_notes(cells, names, columns)))


def _notes(cells: Sequence[str], names: Sequence[str], columns: Columns) -> Iterator[str]:
    pairs = list(zip(cells, names, strict=True))
    extra = [name.removesuffix(" (left out)") for name in names if name and name not in columns.known]
    if extra:
        yield f"Columns ignored: {', '.join(extra)}."
    renamed = [f"“{cell.strip()}” as {name}" for cell, name in pairs if name in columns.known and not _is(cell, name)]
    if renamed:
        yield f"Columns read: {', '.join(renamed)}."


def _is(cell: str, name: str) -> bool:
    return matched([cell], Columns(needed=()), {}) == [name]


def _parse(lines: list[str], delimiter: str) -> tuple[list[str], str]:
    try:
        rows = list(csv.reader((line + "\n" for line in lines), delimiter=delimiter, strict=True))
    except csv.Error:
        return [], 'The quotes of this row do not match: write "…" around a cell, and "" for a quote inside it.'
    return (rows[0], "") if len(rows) == 1 else ([], "The row does not end where its line ends.")
