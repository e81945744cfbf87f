"""A path to rows: which format it is, and which files of a folder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path

from clinic.exchange import csv_patients, encodings
from clinic.exchange.fhir import patients as fhir_patients
from clinic.exchange.import_rows import IncomingPatient, UnusableInput

FHIR, CSV = {".ndjson", ".jsonl"}, {".csv", ".tsv", ".txt"}


@dataclass(frozen=True, slots=True)
class Source:
    """Rows are read while they are asked for; notes are about the file as a whole."""

    rows: Iterator[IncomingPatient]
    notes: Sequence[str]


def patients(path: Path, *, today: date, date_order: str = "") -> Source:
    """Raises UnusableInput before any row is read when the input as a whole is no good."""
    paths = _files(path)
    several = len(paths) > 1
    sources = [_source(each, each.name if several else "", today, date_order) for each in paths]
    return Source(chain.from_iterable(s.rows for s in sources), [note for s in sources for note in s.notes])


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise UnusableInput(f"There is no file or folder {path}.")
    if not path.is_dir():
        return [path]
    found = sorted(path.glob("Patient*.ndjson"))
    if not found:
        raise UnusableInput(f"In the folder {path} there is no file Patient*.ndjson. Name a CSV file itself.")
    return found


def _source(path: Path, name: str, today: date, date_order: str) -> Source:
    text, notes = text_of(path)
    if _is_fhir(path, text):
        if not text.strip():
            raise UnusableInput(f"{path.name} is empty: it should hold one FHIR Patient per line.")
        _refuse_document(text)
        return Source(fhir_patients.patients(text, today=today, file=name), notes)
    table = csv_patients.read(text, file=name)
    return Source(csv_patients.patients(table, date_order=date_order), [*notes, *table.notes])


def text_of(path: Path) -> tuple[str, list[str]]:
    """The text, and a note where its encoding had to be guessed."""
    try:
        text, encoding = encodings.decode(path.read_bytes())
    except OSError as error:
        raise UnusableInput(f"{path} cannot be read: {error.strerror}.") from None
    if encoding == "cp1252":
        return text, ["Read as Windows-1252. Where accents look wrong, save the file as CSV UTF-8 and import it again."]
    return text, []


def _is_fhir(path: Path, text: str) -> bool:
    suffix = path.suffix.lower()
    return suffix in FHIR or (suffix not in CSV and text.lstrip().startswith("{"))


def _refuse_document(text: str) -> None:
    """A pretty-printed resource or Bundle would be refused line by line, which helps nobody."""
    if text.split("\n", 1)[0].strip() in ("{", "["):
        raise UnusableInput("This is one JSON document over many lines: FHIR NDJSON has one Patient on each line.")
