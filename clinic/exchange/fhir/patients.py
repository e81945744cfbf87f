"""Patients from FHIR R4 NDJSON. Pure; `today` only tells which addresses have ended."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from fhir.resources.R4B.patient import Patient

from clinic.exchange import cells
from clinic.exchange.fhir.resources import Json, NotFhir, first, model, parse
from clinic.exchange.import_rows import Fault, IncomingPatient, Place, Why
from patients import characters, person_names

RECORD_NUMBER = ("http://terminology.hl7.org/CodeSystem/v2-0203", "MR")
PHONE_ORDER = ["sms", "mobile", "home", "", "temp", "work"]  # a text to work is the last resort


def patients(text: str, *, today: date, file: str = "") -> Iterator[IncomingPatient]:
    for index, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _patient(line, Place(index, file), today)


def _patient(line: str, place: Place, today: date) -> IncomingPatient:
    try:
        resource = parse(line)
    except NotFhir as error:
        return IncomingPatient(place, faults=(Fault(Why.UNREADABLE, str(error)),))
    patient, faults, warnings = model(resource)
    if patient is None:
        number = _raw_number(resource)
        return IncomingPatient(place, number, dead=_dead(resource), faults=(*faults,), warnings=(*warnings,))
    return _read(patient, resource, place, warnings, today)


def _read(patient: Patient, resource: Json, place: Place, warnings: list[Fault], today: date) -> IncomingPatient:
    given, family = _name(patient)
    birth_date, faults = _birth_date(patient)
    return IncomingPatient(
        place=place,
        number=_number(patient),
        given_name=given,
        family_name=family,
        birth_date=birth_date,
        language=_language(patient),
        phones=_phones(patient, today),
        emails=_emails(patient, today),
        dead=_dead(resource),
        in_use=patient.active is not False and not _replaced(patient),
        faults=tuple(faults),
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


def _birth_date(patient: Patient) -> tuple[date | None, list[Fault]]:
    """FHIR allows a year or a month alone; to know who is a minor we need the day."""
    born: object = patient.birthDate
    if born is None or isinstance(born, date):
        return born, []
    return None, [
        Fault(Why.DATE, "birthDate: The day is missing: write the whole date, like 1965-04-02.", about="birth_date")
    ]


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


def _dead(resource: Json) -> bool:
    """Read from the raw resource: a date of death that is badly written is still a death."""
    return resource.get("deceasedBoolean") in (True, "true") or bool(resource.get("deceasedDateTime"))


def _replaced(patient: Patient) -> bool:
    """Merged into another record, which stands in the file (or the hospital's system) on its own."""
    return any(link.type == "replaced-by" for link in patient.link or [])
