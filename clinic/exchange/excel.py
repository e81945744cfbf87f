"""Rows of an Excel workbook as text, as clinics have them: hidden sheets, titles above the columns, numbers for phones.

A workbook of any size is read row by row. Cells hold what stands in them, not what the screen shows: a phone shown as
2.03E+09 still has all its digits here.
"""

import re
import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

from openpyxl.reader.excel import load_workbook

from clinic.exchange.columns import Columns, matched
from clinic.exchange.import_rows import Place, UnusableInput
from clinic.exchange.tables import Heading, TableRow, heading

WORKBOOK, ZIP, OLE = "xl/workbook.xml", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
BEFORE_HEADER = 30  # rows of titles and blanks above the row that names the columns
LARGEST = 1 << 30  # bytes unpacked; a workbook of a million rows has a tenth of that
BLANK_ROWS = 5_000  # in a row: what follows is the formatting of an empty sheet, down to the last row Excel has
SAVE_AS = "Save it as an Excel workbook (.xlsx) or as “CSV UTF-8”."
STRICT = [  # ISO 29500 Strict has other names for the same parts
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    (b"http://purl.oclc.org/ooxml/drawingml/main", b"http://schemas.openxmlformats.org/drawingml/2006/main"),
]
OTHER_ARCHIVES = {
    "xl/workbook.bin": "This is an Excel binary workbook (.xlsb).",
    "word/document.xml": "This is a Word document.",
    "content.xml": "This is an OpenDocument file.",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with all needed columns. `start`: the number of the row that names them; rows count from 1."""

    title: str
    heading: Heading
    start: int


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheets to read, one after the other."""

    path: Path
    sheets: Sequence[Sheet]
    notes: list[str]
    file: str = ""

    @property
    def header(self) -> list[str]:
        return self.sheets[0].heading.names

    @property
    def heading(self) -> Heading:
        return self.sheets[0].heading

    def records(self) -> Iterator[TableRow]:
        """Every row that holds something, of every sheet."""
        with _opened(self.path) as book:
            for sheet in self.sheets:
                yield from self._rows(book[sheet.title], sheet)

    def _rows(self, rows: Any, sheet: Sheet) -> Iterator[TableRow]:
        file = " ".join(filter(None, [self.file, f"sheet “{sheet.title}”" if len(self.sheets) > 1 else ""]))
        blank, width = 0, len(sheet.heading.names)
        for number, row in enumerate(_cells(rows), start=1):
            cells = [_written(cell) for cell in row[:width]]
            blank = 0 if any(cells) else blank + 1
            if blank > BLANK_ROWS:
                return
            if number > sheet.start and not blank:
                padded = cells + [""] * (width - len(cells))
                named = dict(zip(sheet.heading.names, padded, strict=True))
                yield TableRow(Place(number, file, "row"), named)


def is_workbook(path: Path) -> bool:
    """By its first bytes: Excel's own formats, old or with a password too, which `read` then refuses."""
    with path.open("rb") as file:
        return file.read(4) in (ZIP, OLE)


def read(path: Path, columns: Columns, *, file: str = "", told: Mapping[str, str] | None = None) -> Workbook:
    """Raises UnusableInput where it cannot be read or no sheet that is shown has the needed columns."""
    _refuse_others(path)
    with _opened(path) as book:
        shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
        found = [one for sheet in shown if (one := _headed(sheet, columns, told or {}))]
        if not found:
            _say_what_is_missing(shown, columns, told or {})
    notes = [note for one in found for note in one.heading.notes]
    passed_over = [sheet.title for sheet in shown if sheet.title not in {one.title for one in found}]
    notes += [f"Hidden sheets are not read: {', '.join(hidden)}."] if hidden else []
    notes += [f"Sheets without these columns are not read: {', '.join(passed_over)}."] if passed_over else []
    return Workbook(path, found, list(dict.fromkeys(notes)), file)


def _refuse_others(path: Path) -> None:
    with path.open("rb") as file:
        is_ole = file.read(4) == OLE
        if is_ole and "EncryptedPackage".encode("utf-16-le") in file.read():
            raise UnusableInput(
                "This Excel workbook has a password. Open it in Excel, take the password off (File, Info, Protect"
                " Workbook, Encrypt with Password: empty), save it, and import it again."
            )
    if is_ole:
        raise UnusableInput(f"This is an old Excel workbook (.xls). {SAVE_AS}")
    try:
        with zipfile.ZipFile(path) as archive:
            names, size = set(archive.namelist()), sum(one.file_size for one in archive.infolist())
    except (zipfile.BadZipFile, OSError):
        raise UnusableInput(f"This Excel workbook is damaged: it cannot be opened. {SAVE_AS}") from None
    if WORKBOOK not in names:
        kind = next((says for name, says in OTHER_ARCHIVES.items() if name in names), "This is a zip archive.")
        raise UnusableInput(f"{kind} {SAVE_AS}")
    if size > LARGEST:
        raise UnusableInput("This Excel workbook is too large when unpacked. Save its sheet as “CSV UTF-8”.")


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and validations, which nobody reads here
        try:
            book = load_workbook(_transitional(path, Path(folder)), read_only=True, data_only=True)
        except Exception:  # whatever a damaged part makes of it
            raise UnusableInput(f"This Excel workbook is damaged: it cannot be read. {SAVE_AS}") from None
        try:
            yield book
        finally:
            book.close()


def _transitional(path: Path, folder: Path) -> Path:
    """The same workbook under the names that are read: a copy where it was saved as “Strict Open XML”."""
    with zipfile.ZipFile(path) as archive:
        if STRICT[0][0] not in archive.read(WORKBOOK):
            return path
        copied = folder / "copied.xlsx"
        with zipfile.ZipFile(copied, "w", zipfile.ZIP_DEFLATED) as copy:
            for part in archive.infolist():
                with archive.open(part) as source, copy.open(part.filename, "w") as target:
                    _renamed(source, target) if part.filename.endswith((".xml", ".rels")) else shutil.copyfileobj(
                        source, target
                    )
    return copied


def _renamed(source: Any, target: Any) -> None:
    """Block by block, up to the end of a tag, as no name is cut in two there."""
    left = b""
    while block := source.read(1 << 20):
        text, left = left + block, b""
        if (end := text.rfind(b">")) >= 0:
            text, left = text[: end + 1], text[end + 1 :]
        for strict, usual in STRICT:
            text = text.replace(strict, usual)
        target.write(text)
    target.write(left)


def _headed(sheet: Any, columns: Columns, told: Mapping[str, str]) -> Sheet | None:
    """Where the columns are named: the first row that names all that are needed."""
    for number, row in enumerate(islice(_cells(sheet), BEFORE_HEADER), start=1):
        names = _names(row)
        if {*columns.needed} <= {*matched(names, columns, told)}:
            return Sheet(sheet.title, heading(names, columns, told), number)
    return None


def _say_what_is_missing(sheets: Iterable[Any], columns: Columns, told: Mapping[str, str]) -> None:
    rows = [_names(row) for sheet in sheets for row in islice(_cells(sheet), BEFORE_HEADER)]
    fullest = max(rows, key=lambda names: sum(map(bool, names)), default=[])
    if not any(fullest):
        raise UnusableInput("There is nothing in this workbook, or only in hidden sheets: show the sheet to import.")
    heading(fullest, columns, told)


def _names(row: Sequence[Any]) -> list[str]:
    names = [_written(cell) for cell in row]
    while names and not names[-1]:
        names.pop()
    return names


def _cells(sheet: Any) -> Iterator[Sequence[Any]]:
    """All rows, whatever the file says of its own size: some programs write that wrongly."""
    sheet.reset_dimensions()
    rows: Iterator[Sequence[Any]] = sheet.iter_rows()
    return rows


def _written(cell: Any) -> str:
    """As somebody would have typed it."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(value, cell.number_format or "")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def _number(value: float, shown_as: str) -> str:
    """Whole numbers without `.0`; where the sheet shows leading zeros, such as 00123, with them."""
    if value != value or value != int(value):
        return repr(value)
    digits = str(int(value))
    return digits.zfill(len(shown_as)) if re.fullmatch(r"0{2,}", shown_as) else digits
