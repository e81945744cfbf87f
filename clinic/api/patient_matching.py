"""A new patient who may be registered already: a 409 that lists the candidates, unless the caller insists."""

from typing import Any

from rest_framework.request import Request

from clinic.api.access import staff
from clinic.api.problems import Conflict
from patients.models import Patient, Site
from patients.patient_matching import Candidate, shares_address
from reminders import enrolment
from reminders.enrolment import NewContact, NewPatient

INSIST = "This is another person than every candidate: register them although the 409 named some."
INSIST_ADDRESS = "Add it although the 409 named patients of the same date of birth who have this address too."
SHARED = (
    "Another patient of the same date of birth has this one: see candidates. If it is one person, merge the two "
    "numbers; else send insist: true here."
)
SAYS = "This person may be registered already: see candidates. Enrol one of them, or send insist: true here."


def refuse_alike(request: Request, site: Site, given: dict[str, Any], path: tuple[str, ...] = ()) -> None:
    """`given`: the validated fields of a new patient; `path`: where they stand in the body. Raises Conflict."""
    if given.get("insist") or not staff(request).is_at(site):
        return
    found = enrolment.who_may_be_meant(site, _person(given))
    if found:
        detail: Any = [SAYS]
        for name in reversed((*path, "insist")):
            detail = {name: detail}
        raise Conflict(detail, candidates=[_named(one) for one in found])


def refuse_shared_address(patient: Patient, given: dict[str, Any]) -> None:
    """`given`: the validated fields of a new contact. Raises Conflict where another of that date of birth has it."""
    if given.pop("insist", False):
        return
    found = shares_address(patient, given.get("phone") or given.get("email") or "")
    if found:
        raise Conflict({"insist": [SHARED]}, candidates=[_named(one) for one in found])


def _person(given: dict[str, Any]) -> NewPatient:
    contacts = [NewContact(phone=one.get("phone", ""), email=one.get("email", "")) for one in given.get("contacts", [])]
    facts = {name: given[name] for name in ("number", "given_name", "family_name", "birth_date", "birth_known")}
    return NewPatient(**facts, contacts=contacts)


def _named(one: Candidate) -> dict[str, Any]:
    return {"id": one.patient.pk, "number": one.patient.number, "why": [like.value for like in one.why]}
