"""Operations from CSV (docs/import.md lists the columns). Pure."""

from collections.abc import Iterator

from clinic.exchange import cells, tables
from clinic.exchange.csv_patients import CellReader
from clinic.exchange.import_rows import Fault, IncomingSurgery, Why
from clinic.exchange.tables import Columns, CsvTable, TableRow

COLUMNS = Columns(needed=("number", "procedure", "date", "surgeon"), optional=("pt", "job"))
KINDS = {"number": Why.PATIENT, "procedure": Why.PROCEDURE, "date": Why.DATE, "surgeon": Why.SURGEON}


def read(text: str, *, file: str = "") -> CsvTable:
    return tables.read(text, COLUMNS, file=file)


def surgeries(table: CsvTable, *, date_order: str = "") -> Iterator[IncomingSurgery]:
    for record in table.records():
        yield _surgery(record, date_order)


def _surgery(record: TableRow, date_order: str) -> IncomingSurgery:
    if record.faults:
        return IncomingSurgery(record.place, record.sure_of("number"), faults=record.faults)
    reader = CellReader(record)
    words = [name for name in COLUMNS.known if name != "date"]
    code = {name: reader.get(name, KINDS.get(name, Why.OTHER), cells.code) or "" for name in words}
    day = reader.get("date", Why.DATE, lambda cell: cells.day(cell, order=date_order))
    empty = [name for name in COLUMNS.needed if not record.cells[name].strip()]
    missing = [Fault(Why.MISSING, f"The {name} is missing.") for name in empty]
    return IncomingSurgery(
        place=record.place,
        number=code["number"],
        procedure=code["procedure"].lower(),
        day=day,
        surgeon=code["surgeon"],
        physical_therapy=code["pt"].lower(),
        job=code["job"].lower(),
        faults=(*missing, *reader.faults),
    )
