"""Patients from CSV (docs/import.md lists the columns). Pure."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from clinic.exchange import cells, tables
from clinic.exchange.cells import BadCell
from clinic.exchange.import_rows import Fault, IncomingPatient, Why
from clinic.exchange.tables import Columns, CsvTable, TableRow
from patients import zone_names

COLUMNS = Columns(
    needed=("number", "given_name", "family_name", "birth_date"),
    optional=("language", "time_zone", "phone", "email", "consent"),
)
T = TypeVar("T")
YES, NO = {"yes", "y", "true", "1", "x", "si", "sí"}, {"no", "n", "false", "0"}


def read(text: str, *, file: str = "") -> CsvTable:
    table = tables.read(text, COLUMNS, file=file)
    if not {"phone", "email"} & set(table.header):
        table.notes.append("There is no “phone” or “email” column, so nobody in this file can be reached.")
    return table


def patients(table: CsvTable, *, date_order: str = "") -> Iterator[IncomingPatient]:
    for record in table.records():
        yield _patient(record, date_order)


def _patient(record: TableRow, date_order: str) -> IncomingPatient:
    if record.faults:  # its cells may stand in the wrong columns
        return IncomingPatient(record.place, record.sure_of("number"), faults=record.faults)
    reader = CellReader(record)
    birth_date = reader.get("birth_date", Why.DATE, lambda cell: cells.day(cell, order=date_order))
    return IncomingPatient(
        place=record.place,
        number=reader.get("number", Why.NUMBER, cells.code) or "",
        given_name=reader.get("given_name", Why.NAME, cells.words) or "",
        family_name=reader.get("family_name", Why.NAME, cells.words) or "",
        birth_date=birth_date,
        language=cells.language(reader.get("language", Why.LANGUAGE, cells.code) or ""),
        time_zone=zone_names.from_windows(reader.get("time_zone", Why.TIME_ZONE, cells.code) or ""),
        phones=reader.as_typed("phone"),
        emails=reader.as_typed("email"),
        consent=bool(reader.get("consent", Why.CONSENT, _consent)) if "consent" in record.cells else None,
        faults=tuple(reader.faults),
    )


def _consent(cell: str) -> bool:
    word = cells.plain(cell).lower()
    if word not in YES | NO:
        raise BadCell("Write yes or no. An empty cell means no.")
    return word in YES


class CellReader:
    """Reads cells by name and gathers what is wrong with them; an empty cell is None."""

    def __init__(self, record: TableRow) -> None:
        self.record = record
        self.faults: list[Fault] = []

    def get(self, name: str, why: Why, read: Callable[[str], T]) -> T | None:
        cell = self.record.cells.get(name, "")
        if not cell.strip():
            return None
        try:
            return read(cell)
        except BadCell as error:
            self.faults.append(cells.fault(why, name, error))
            return None

    def as_typed(self, name: str) -> tuple[str, ...]:
        cell = cells.plain(self.record.cells.get(name, "")).removeprefix("'")
        return (cell,) if cell else ()
