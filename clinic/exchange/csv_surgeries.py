"""Operations from CSV or Excel (docs/import.md lists the columns). Pure."""

from collections.abc import Iterator

from clinic.exchange import cells, csv_patients, tables
from clinic.exchange.columns import Columns
from clinic.exchange.csv_patients import CellReader, PatientTable
from clinic.exchange.import_rows import Fault, IncomingSurgery, Why
from clinic.exchange.tables import CsvTable, TableRow

COLUMNS = Columns(
    needed=("number", "procedure", "date", "surgeon"),
    optional=("pt", "job"),
    synonyms={
        "number": csv_patients.COLUMNS.synonyms["number"],
        "procedure": ("procedure_code", "operation", "operation_code", "procedimiento", "cirugía", "operación"),
        "date": (
            "surgery_date", "date_of_surgery", "surgerydate", "operation_date", "dos", "procedure_date", "or_date",
            "fecha", "fecha_de_cirugía", "fecha_de_la_cirugía", "fecha_cirugía",
        ),
        "surgeon": ("surgeon_user_name", "surgeon_username", "operating_surgeon", "cirujano", "cirujana"),
        "pt": ("physical_therapy", "therapy", "fisioterapia"),
        "job": ("work", "kind_of_job", "occupation", "trabajo"),
    },
)  # fmt: skip
KINDS = {"number": Why.PATIENT, "procedure": Why.PROCEDURE, "date": Why.DATE, "surgeon": Why.SURGEON}


def read(text: str, *, file: str = "") -> CsvTable:
    return tables.read(text, COLUMNS, file=file)


def surgeries(table: PatientTable, *, date_order: str = "") -> Iterator[IncomingSurgery]:
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
