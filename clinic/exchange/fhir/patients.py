"""Patients from FHIR R4: NDJSON, a Bundle or one resource. Pure; `today` tells what has ended and who has died."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from clinic.exchange import cells
from clinic.exchange.fhir.plain import Part
from clinic.exchange.fhir.resources import Json, NotFhir, first, model, parse, patient_of
from clinic.exchange.import_rows import Fault, IncomingPatient, Place, UnusableInput, Why
from patients import birth_dates, characters, person_names
from patients.birth_dates import BirthDate, Known

if TYPE_CHECKING:
    from fhir.resources.R4B.patient import Patient as Model

Patient: TypeAlias = "Model | Part"
RECORD_NUMBER = ("http://terminology.hl7.org/CodeSystem/v2-0203", "MR")
PHONE_ORDER = ["sms", "mobile", "home", "", "temp", "work"]  # a text to work is the last resort


def patients(text: str, *, today: date, file: str = "") -> Iterator[IncomingPatient]:
    """One Patient on each line."""
    return from_lines(text.split("\n"), today=today, file=file)


def from_lines(lines: Iterable[str], *, today: date, file: str = "") -> Iterator[IncomingPatient]:
    """The same, of lines that are read as they are needed."""
    for index, line in enumerate(lines, start=1):
        if line.strip():
            yield _patient(line, Place(index, file), today)


def from_document(text: str, *, today: date, file: str = "") -> tuple[list[IncomingPatient], list[str]]:
    """The patients of one JSON document, a Bundle or a Patient, and notes. Raises UnusableInput for anything else.

    What else is in a Bundle is passed over: an export of one person holds hundreds of other resources.
    """
    entries = _entries(text)
    others = [number for number, one in enumerate(entries, start=1) if not _is_patient(one)]
    rows = [_of(one, Place(number, file, "entry"), today) for number, one in enumerate(entries, 1) if _is_patient(one)]
    notes = [f"{len(others):,} other resources of the Bundle were passed over: only Patient is read."] if others else []
    return rows, notes


def _entries(text: str) -> list[Any]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        raise UnusableInput("This is not whole JSON: the file ends too early or is damaged.") from None
    kind = whole.get("resourceType") if isinstance(whole, dict) else None
    if kind == "Patient":
        return [whole]
    entries = whole.get("entry") if kind == "Bundle" else whole if isinstance(whole, list) else None
    if not isinstance(entries, list):
        raise UnusableInput("This JSON document is no FHIR Bundle and no Patient: nothing in it can be imported.")
    return [one.get("resource", one) if isinstance(one, dict) else one for one in entries]


def _is_patient(resource: Any) -> bool:
    return isinstance(resource, dict) and resource.get("resourceType") == "Patient"


def _patient(line: str, place: Place, today: date) -> IncomingPatient:
    try:
        resource = parse(line)
    except NotFhir as error:
        return IncomingPatient(place, faults=(Fault(Why.UNREADABLE, str(error)),))
    return _of(resource, place, today)


def _of(resource: Json, place: Place, today: date) -> IncomingPatient:
    patient, faults, warnings = model(patient_of(resource))
    if patient is None:
        number = _raw_number(resource)
        dead, died_on, wrong = _death(resource, today)
        return IncomingPatient(
            place, number, dead=dead, died_on=died_on, faults=(*faults, *wrong), warnings=(*warnings,)
        )
    return _read(patient, resource, place, faults, warnings, today)


def _read(
    patient: Patient, resource: Json, place: Place, faults: list[Fault], warnings: list[Fault], today: date
) -> IncomingPatient:
    given, family = _name(patient)
    born, unread = _birth_date(patient)
    dead, died_on, wrong = _death(resource, today)
    return IncomingPatient(
        place=place,
        number=_number(patient),
        given_name=given,
        family_name=family,
        birth_date=born.first if born else None,
        birth_known=born.known if born else Known.DAY,
        language=_language(patient),
        phones=_phones(patient, today),
        emails=_emails(patient, today),
        dead=dead,
        died_on=died_on,
        alive=resource.get("deceasedBoolean") is False and not dead and not wrong,
        in_use=patient.active is not False and not _replaced(patient),
        faults=(*faults, *unread, *wrong),
        warnings=tuple(warnings),
    )


def _number(patient: Patient) -> str:
    """The medical record number, else the first identifier, else the resource's id."""
    with_value = [identifier for identifier in patient.identifier or [] if identifier.value]
    best = first(with_value, _is_record_number, lambda identifier: identifier.use != "old", lambda _: True)
    return characters.patient_number(str(best.value if best else patient.id or ""))


def _is_record_number(identifier: Any) -> bool:
    codings = identifier.type.coding if identifier.type else None
    return identifier.use != "old" and any((c.system, c.code) == RECORD_NUMBER for c in codings or [])


def _raw_number(resource: Json) -> str:
    """Of a resource that is not FHIR, only to say which one it was."""
    return resource["id"] if isinstance(resource.get("id"), str) else ""


def _name(patient: Patient) -> tuple[str, str]:
    """Given and family name; who has one name has one, and what is missing is looked for in `text`."""
    names = [name for name in patient.name or [] if name.use not in ("old", "maiden", "anonymous")]
    best = first(names, lambda name: name.use == "official", lambda name: name.use == "usual", lambda _: True)
    if best is None:
        return "", ""
    given, family = next((g for g in best.given or [] if g), ""), best.family or ""
    plain = (characters.person_name(part) for part in (given, family, best.text or ""))
    return person_names.completed(*plain)


def _birth_date(patient: Patient) -> tuple[BirthDate | None, list[Fault]]:
    """FHIR allows a year or a month alone, and so do we."""
    born: object = patient.birthDate
    if born is None:
        return None, []
    if isinstance(born, date):
        return BirthDate(born), []
    if known := birth_dates.partial(str(born)):
        return known, []
    if isinstance(patient, Part):  # a whole date, as it is plain
        return BirthDate(date.fromisoformat(str(born))), []
    return None, [Fault(Why.DATE, "birthDate: Write it like 1965-04-02, 1965-04 or 1965.", about="birth_date")]


def _language(patient: Patient) -> str:
    best = first(patient.communication, lambda one: bool(one.preferred), lambda _: True)
    codings = best.language.coding if best else None
    coding = first(codings, lambda c: c.system == "urn:ietf:bcp:47" and c.code, lambda c: c.code)
    return cells.language(coding.code) if coding else ""


def _phones(patient: Patient, today: date) -> tuple[str, ...]:
    """Best first: what takes texts, then by the sender's own rank, then as listed."""
    phones = [one for one in _in_use(patient, today) if one.system in ("phone", "sms")]
    ordered = sorted(phones, key=lambda one: (PHONE_ORDER.index(_kind(one)), one.rank or 99))
    return tuple(one.value for one in ordered)


def _kind(one: Any) -> str:
    kind = "sms" if one.system == "sms" else one.use or ""
    return kind if kind in PHONE_ORDER else ""


def _emails(patient: Patient, today: date) -> tuple[str, ...]:
    emails = [one for one in _in_use(patient, today) if one.system == "email"]
    ordered = sorted(emails, key=lambda one: (one.use == "work", one.rank or 99))
    return tuple(one.value.strip().removeprefix("mailto:") for one in ordered)


def _in_use(patient: Patient, today: date) -> list[Any]:
    listed = [one for one in patient.telecom or [] if one.value and one.use != "old"]
    return [one for one in listed if not _ended(one.period, today)]


def _ended(period: Any, today: date) -> bool:
    """An end may be a year, a month, a day or a moment; it lasts until that has passed."""
    end = str(period.end)[:10] if period and period.end else ""
    return bool(end) and end < today.isoformat()[: len(end)]


def _death(resource: Json, today: date) -> tuple[bool, date | None, list[Fault]]:
    """Whether, and on which day, and what is wrong with it.

    From the raw resource: a date of death that is badly written is still a death; one in the future is a typing error.
    """
    said = resource.get("deceasedDateTime")
    if said:
        day = _day_of(said)
        try:
            known = cells.not_in_future(day, today) if day else None
        except cells.BadCell as error:
            return False, None, [Fault(Why.DATE, f"deceasedDateTime: {error}")]
        return True, known, []
    return resource.get("deceasedBoolean") in (True, "true"), None, []


def _day_of(said: object) -> date | None:
    """The first day that `2020`, `2020-05` or a moment may mean; None where it is no date."""
    text = str(said)[:10]
    try:
        return datetime.strptime(f"{text}-01-01"[:10] if len(text) < 10 else text, "%Y-%m-%d").date()  # noqa: DTZ007
    except ValueError:
        return None


def _replaced(patient: Patient) -> bool:
    """Merged into another record, which stands in the file (or the hospital's system) on its own."""
    return any(link.type == "replaced-by" for link in patient.link or [])
