"""A path to rows: which format it is, which files of a folder, in which encoding. Rows are read anew at each pass."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import chain, islice
from pathlib import Path

from clinic.exchange import csv_patients, csv_surgeries, encodings, excel, letters, tables
from clinic.exchange.columns import Columns, unknown_fields
from clinic.exchange.csv_patients import PatientTable
from clinic.exchange.fhir import patients as fhir_patients
from clinic.exchange.import_rows import IncomingPatient, IncomingSurgery, UnusableInput

NDJSON, JSON, TEXT = {".ndjson", ".jsonl"}, {".json"}, {".csv", ".tsv", ".txt", ".tab"}
LARGEST_DOCUMENT = 256 << 20  # bytes: one JSON document is read as a whole
NAMES_LOOKED_AT = 5_000
GUESSED = "Read as Windows-1252. Where accents look wrong, save the file as CSV UTF-8 and import it again."


@dataclass(frozen=True, slots=True)
class ReadAs:
    """What somebody said about a file. `told`: fields by column; `encoding` empty: it is recognized."""

    today: date
    date_order: str = ""
    told: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Iterating reads the file, each time from its beginning; notes are about the file as a whole.

    `columns`: each as typed, with the field it is read as (empty: ignored); none for FHIR.
    """

    read: Callable[[], Iterator[IncomingPatient]]
    notes: Sequence[str]
    columns: Sequence[tuple[str, str]] = ()

    def __iter__(self) -> Iterator[IncomingPatient]:
        return self.read()

    @property
    def rows(self) -> Iterator[IncomingPatient]:
        """From the beginning."""
        return self.read()


def patients(
    path: Path,
    *,
    today: date,
    date_order: str = "",
    told: Mapping[str, str] | None = None,
    encoding: str = "",
) -> Source:
    """Raises UnusableInput before any row is read when the input as a whole is no good."""
    read_as = ReadAs(today, date_order, told or {}, encoding)
    paths = _files(path)
    several = len(paths) > 1
    sources = [_source(each, each.name if several else "", read_as) for each in paths]
    notes = list(dict.fromkeys(note for source in sources for note in source.notes))
    return Source(lambda: chain.from_iterable(sources), notes, sources[0].columns)


@dataclass(frozen=True, slots=True)
class SurgerySource:
    """The same for operations."""

    read: Callable[[], Iterator[IncomingSurgery]]
    notes: Sequence[str]

    def __iter__(self) -> Iterator[IncomingSurgery]:
        return self.read()


def surgeries(path: Path, read_as: ReadAs) -> SurgerySource:
    """Raises UnusableInput as above."""
    table, notes = _table(path, csv_surgeries.COLUMNS, "", read_as)
    return SurgerySource(partial(csv_surgeries.surgeries, table, date_order=read_as.date_order), notes)


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise UnusableInput(f"There is no file or folder {path}.")
    if not path.is_dir():
        return [path]
    found = sorted(path.glob("Patient*.ndjson")) or sorted(path.glob("*.json"))
    if not found:
        raise UnusableInput(
            f"In the folder {path} there is no file Patient*.ndjson and no FHIR Bundle (*.json)."
            " Name a CSV file or a workbook itself."
        )
    return found


def _source(path: Path, name: str, read_as: ReadAs) -> Source:
    try:
        if not excel.is_workbook(path) and (kind := _json_kind(path)):
            return _fhir(path, kind, name, read_as)
        table, notes = _table(path, csv_patients.COLUMNS, name, read_as)
    except OSError as error:
        raise _unreadable(path, error) from None
    notes += csv_patients.notes(table.header)
    rows = partial(csv_patients.patients, table, today=read_as.today, date_order=read_as.date_order)
    known = csv_patients.COLUMNS.known
    pairs = zip(table.heading.typed, table.header, strict=True)
    return Source(rows, notes, [(cell, one if one in known else "") for cell, one in pairs])


def _unreadable(path: Path, error: OSError) -> UnusableInput:
    return UnusableInput(f"{path} cannot be read: {error.strerror}.")


def _json_kind(path: Path) -> str:
    """`lines` for NDJSON, `document` for a JSON document over one or more lines; empty for anything else."""
    suffix = path.suffix.lower()
    if suffix in TEXT:
        return ""
    lines = list(islice(filter(str.strip, encodings.lines(path, _text_encoding(path))), 2))
    if not lines:
        return "lines" if suffix in NDJSON | JSON else ""
    if not lines[0].lstrip().startswith(("{", "[")) and suffix not in NDJSON | JSON:
        return ""
    is_one = lines[0].strip() in ("{", "[") or suffix in JSON or '"Bundle"' in lines[0][:2_000]
    return "document" if is_one else "lines"


def _text_encoding(path: Path, told: str = "") -> str:
    found = encodings.of_file(path, told)
    if not found:
        raise UnusableInput(
            f"The encoding of this file is neither UTF-8, UTF-16 nor Windows-1252. {encodings.SAVE_AGAIN}"
        )
    return found


def _fhir(path: Path, kind: str, name: str, read_as: ReadAs) -> Source:
    encoding = _text_encoding(path, read_as.encoding)
    notes = [GUESSED] if encoding == "cp1252" and not read_as.encoding else []
    if not any(map(str.strip, islice(encodings.lines(path, encoding), 1_000))):
        raise UnusableInput(f"{path.name} is empty: it should hold one FHIR Patient per line.")
    if kind == "lines":
        return Source(
            lambda: fhir_patients.from_lines(encodings.lines(path, encoding), today=read_as.today, file=name), notes
        )
    if path.stat().st_size > LARGEST_DOCUMENT:
        raise UnusableInput("This JSON document is too large to be read whole: export it as FHIR NDJSON.")
    rows, more = fhir_patients.from_document(path.read_text(encoding), today=read_as.today, file=name)
    return Source(lambda: iter(rows), [*notes, *more])


def _table(path: Path, columns: Columns, name: str, read_as: ReadAs) -> tuple[PatientTable, list[str]]:
    if unknown := unknown_fields(read_as.told, columns):
        raise UnusableInput(f"There is no field {', '.join(unknown)}. The fields are: {', '.join(columns.known)}.")
    try:
        if excel.is_workbook(path):
            book = excel.read(path, columns, file=name, told=read_as.told)
            return book, [*book.notes]
        encoding = encodings.of_file(path, read_as.encoding)
    except OSError as error:
        raise _unreadable(path, error) from None
    lines = partial(encodings.lines, path, encoding or "latin-1")
    table = tables.read_lines(lines, columns, file=name, told=read_as.told)
    if encoding in ("", "cp1252") and not read_as.encoding:
        _refuse_other_alphabet(path, table)
    if not encoding:
        _text_encoding(path)
    notes = [GUESSED] if encoding == "cp1252" and not read_as.encoding else []
    return table, [*notes, *table.notes]


def _refuse_other_alphabet(path: Path, table: tables.CsvTable) -> None:
    """Only where the encoding was guessed: nothing in the file says which one it is."""
    as_bytes = tables.CsvTable(table.heading, table.delimiter, partial(encodings.lines, path, "latin-1"), table.start)
    found: dict[bytes, int] = {}
    for record in as_bytes.records():
        for name in ("given_name", "family_name"):
            cell = record.cells.get(name, "")
            if not cell.isascii():
                found.setdefault(cell.encode("latin-1"), record.place.line)
        if len(found) > NAMES_LOOKED_AT:
            break
    if found:
        letters.refuse_other_alphabet(found, min(found.values()))
