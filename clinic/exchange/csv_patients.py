"""Patients from CSV or Excel (docs/import.md lists the columns). Pure; `today` tells a death from a mistyped year."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from clinic.exchange import cells, tables
from clinic.exchange.cells import BadCell
from clinic.exchange.columns import Columns
from clinic.exchange.import_rows import Fault, IncomingPatient, Why
from clinic.exchange.tables import CsvTable, Heading, TableRow
from patients import zone_names

COLUMNS = Columns(
    needed=("number", "given_name", "family_name", "birth_date"),
    optional=(
        "language", "time_zone", "phone", "email", "consent", "deceased", "death_date", "status", "end_date",
    ),
    synonyms={
        "number": (
            "patient_number", "mrn", "medical_record_number", "medical_record", "record_number", "chart_number",
            "chart", "chart_no", "chart_id", "patient_id", "patientid", "patient_no", "pat_id", "account_number",
            "acct_no", "id",
            "número", "numero", "expediente", "número_de_expediente", "historia", "historia_clínica", "nhc",
        ),
        "given_name": (
            "first_name", "firstname", "first", "fname", "given", "givenname", "forename", "patient_first_name",
            "pat_first_name", "nombre", "nombres", "primer_nombre",
        ),
        "family_name": (
            "last_name", "lastname", "last", "lname", "family", "familyname", "surname", "patient_last_name",
            "pat_last_name", "apellido", "apellidos", "primer_apellido",
        ),
        "birth_date": (
            "dob", "date_of_birth", "birthdate", "birthday", "born", "birth", "d_o_b", "patient_dob", "pat_dob",
            "fecha_de_nacimiento", "fecha_nacimiento", "nacimiento", "f_nacimiento",
        ),
        "language": ("lang", "preferred_language", "primary_language", "idioma", "lengua"),
        "time_zone": ("timezone", "tz", "zona_horaria"),
        "phone": (
            "cell", "cell_phone", "cellphone", "mobile", "mobile_phone", "mobilephone", "mobile_number", "cell_number",
            "celular", "móvil", "movil", "phone_number", "telephone", "tel", "phone1", "phone_1", "primary_phone",
            "home_phone", "homephone", "phone_home", "teléfono", "telefono",
        ),
        "email": (
            "e_mail", "email_address", "emailaddress", "mail", "e_mail_address", "correo", "correo_electrónico",
            "correo_electronico",
        ),
        "consent": ("sms_consent", "text_consent", "consented", "opt_in", "consentimiento"),
        "deceased": ("dead", "is_deceased", "deceased_flag", "died", "fallecido", "fallecida"),
        "death_date": (
            "deathdate", "date_of_death", "dod", "deceased_date", "deceaseddate", "death", "fecha_de_defunción",
            "fecha_de_defuncion", "fecha_de_fallecimiento", "defunción",
        ),
        "status": ("patient_status", "vital_status", "record_status", "estado"),
        "end_date": (
            "inactive_date", "inactive_since", "ended", "ended_on", "transfer_date", "transferred_on", "left_on",
            "fecha_de_baja", "baja",
        ),
    },
)  # fmt: skip
T = TypeVar("T")
YES, NO = {"yes", "y", "true", "1", "x", "si", "sí", "t"}, {"no", "n", "false", "0", "f"}
DEAD = {"deceased", "dead", "died", "expired", "d", "fallecido", "fallecida", "difunto"}
LIVES = {"active", "alive", "living", "a", "activo", "activa", "vivo", "viva", "current", "enrolled"}
ENDED = {
    "inactive", "transferred", "moved", "discharged", "archived", "closed", "i", "inactivo", "inactiva", "baja",
    "trasladado", "trasladada", "merged", "duplicate", "deleted", "left",
}  # fmt: skip


class PatientTable(Protocol):
    """A CSV file or a workbook whose columns were found."""

    @property
    def heading(self) -> Heading: ...

    @property
    def header(self) -> list[str]: ...

    @property
    def notes(self) -> list[str]: ...

    def records(self) -> Iterator[TableRow]: ...


def read(text: str, *, file: str = "", told: Mapping[str, str] | None = None) -> CsvTable:
    table = tables.read(text, COLUMNS, file=file, told=told)
    table.notes.extend(notes(table.header))
    return table


def notes(header: Iterable[str]) -> list[str]:
    """What the columns as a whole leave to be desired."""
    if {"phone", "email"} & {*header}:
        return []
    return ["There is no “phone” or “email” column, so nobody in this file can be reached."]


def patients(table: PatientTable, *, today: date = date.max, date_order: str = "") -> Iterator[IncomingPatient]:
    for record in table.records():
        yield _patient(record, today, date_order)


def _patient(record: TableRow, today: date, date_order: str) -> IncomingPatient:
    if record.faults:  # its cells may stand in the wrong columns
        return IncomingPatient(record.place, record.sure_of("number"), faults=record.faults)
    reader = CellReader(record)
    birth_date = reader.get("birth_date", Why.DATE, lambda cell: cells.day(cell, order=date_order))
    number = reader.get("number", Why.NUMBER, cells.code) or ""
    given_name = reader.get("given_name", Why.NAME, cells.words) or ""
    family_name = reader.get("family_name", Why.NAME, cells.words) or ""
    language = cells.language(reader.get("language", Why.LANGUAGE, cells.code) or "")
    time_zone = reader.get("time_zone", Why.TIME_ZONE, cells.code) or ""
    consent = bool(reader.get("consent", Why.CONSENT, _yes)) if "consent" in record.cells else None
    standing = _standing(reader, today, date_order)
    return IncomingPatient(
        place=record.place,
        number=number,
        given_name=given_name,
        family_name=family_name,
        birth_date=birth_date,
        language=language,
        time_zone=zone_names.from_windows(time_zone),
        phones=reader.as_typed("phone"),
        emails=reader.as_typed("email"),
        consent=consent,
        dead=standing.dead,
        died_on=standing.died_on,
        alive=standing.alive,
        in_use=standing.in_use,
        faults=tuple(reader.faults),
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """What a row says of life and death, and whether the clinic still cares for the person."""

    dead: bool = False
    died_on: date | None = None
    alive: bool = False
    in_use: bool = True


def _standing(reader: "CellReader", today: date, order: str) -> Standing:
    """From up to four columns. A death counts wherever it is said; a date of death in the future is a fault."""
    died_on = reader.get("death_date", Why.DATE, lambda cell: _past(cell, today, order))
    deceased = reader.get("deceased", Why.DATE, lambda cell: _deceased(cell, today, order))
    status = reader.get("status", Why.OTHER, _status) or ""
    end = reader.get("end_date", Why.DATE, lambda cell: cells.day(cell, order=order))
    if isinstance(deceased, date):
        died_on = died_on or deceased
    dead = died_on is not None or bool(deceased) or status == "dead"
    said = deceased is False or status == "alive"
    return Standing(dead, died_on, said and not dead, status != "ended" and (end is None or end > today))


def _past(cell: str, today: date, order: str) -> date:
    return cells.not_in_future(cells.day(cell, order=order), today)


def _deceased(cell: str, today: date, order: str) -> bool | date:
    """Yes, no, or the day itself, as some systems write it there."""
    word = cells.plain(cell).lower()
    if word in YES | DEAD:
        return True
    if word in NO | LIVES:
        return False
    if not any(sign.isdigit() for sign in word):
        raise BadCell("Write yes or no, or the date of death like 2025-04-02. An empty cell means no.")
    return _past(cell, today, order)


def _status(cell: str) -> str:
    word = cells.plain(cell).lower()
    for words, meaning in ((DEAD, "dead"), (LIVES, "alive"), (ENDED, "ended")):
        if word in words:
            return meaning
    raise BadCell("This status is not known. Write active, inactive, transferred or deceased, or leave the cell empty.")


def _yes(cell: str) -> bool:
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
