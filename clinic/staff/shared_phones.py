"""Which patients share a phone or mailbox, as staff may see it: for unassigned texts, and beside a contact."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from patients import shared_contacts
from patients.models import Contact, StaffMember, Surgery
from patients.models.contact import Relationship
from patients.shared_contacts import Address


@dataclass(frozen=True, slots=True)
class Served:
    """`surgery`: the latest one, where the name leads to."""

    patient: int
    name: str
    surgery: int | None
    is_held: bool


def served(addresses: Iterable[Address], *, staff: StaffMember, but: int = 0) -> dict[Address, list[Served]]:
    """By address, each patient once, with or without a plan that runs, `but` this one. Nobody of another's site."""
    wanted = set(addresses)
    if not wanted:
        return {}
    rows = shared_contacts.with_address(wanted).filter(pk__in=Contact.objects.for_staff(staff).values("pk"))
    contacts = list(rows.exclude(patient=but).select_related("patient").order_by("pk"))
    if not contacts:
        return {}
    surgeries = latest_surgeries({contact.patient_id for contact in contacts}, staff=staff)
    found: dict[Address, dict[int, Served]] = defaultdict(dict)
    for contact in contacts:
        address, surgery = (contact.site_id, contact.address), surgeries.get(contact.patient_id)
        one = Served(contact.patient_id, _name(contact), surgery, contact.held_since is not None)
        found[address].setdefault(contact.patient_id, one)
    return {address: list(people.values()) for address, people in found.items() if address in wanted}


def latest_surgeries(patients: Iterable[int], *, staff: StaffMember) -> dict[int, int]:
    rows = Surgery.objects.for_staff(staff).filter(patient__in=list(patients)).order_by("date", "pk")
    return dict(rows.values_list("patient", "pk"))


def either(people: Iterable[Served]) -> str:
    return " or ".join(person.name for person in people)


def _name(contact: Contact) -> str:
    name = str(contact.patient)
    return name if contact.relationship == Relationship.SELF else f"{contact.name or 'A caregiver'} for {name}"
