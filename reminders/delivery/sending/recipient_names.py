"""Whom a message must name, looked up when it is claimed: whether a phone is shared may change at any time."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import CharField, Exists, OuterRef, Q
from django.db.models.functions import Cast

from patients import initials, shared_contacts
from patients.initials import Person
from patients.models import Contact
from patients.models.contact import Relationship
from reminders.bulk import Among


@dataclass(frozen=True, slots=True)
class RecipientName:
    """`tag`: empty where no initials tell the people on this phone apart. `several`: others are written to there."""

    tag: str
    several: bool


NOT_NAMED = RecipientName("", several=False)


def named(channel: str, contacts: Iterable[int]) -> dict[int, RecipientName]:
    """By contact: a caregiver's, and one that another patient on a running plan shares. Most need no name."""
    found = _candidates(channel, contacts)
    people = shared_contacts.people((site, address) for _, _, site, address, _ in found) if found else {}
    names: dict[int, RecipientName] = {}
    for contact, patient, site, address, relationship in found:
        is_caregiver = relationship == Relationship.CAREGIVER
        if name := name_of(patient, people.get((site, address), []), is_caregiver=is_caregiver):
            names[contact] = name
    return names


def name_of(patient: int, there: list[Person], *, is_caregiver: bool) -> RecipientName | None:
    """`there`: who is written to at that phone or mailbox, the patient among them. None: no name is needed. Pure."""
    several = initials.are_several(there)
    return RecipientName(initials.tags(there).get(patient, ""), several) if several or is_caregiver else None


def _candidates(channel: str, contacts: Iterable[int]) -> list[tuple[int, int, int, str, str]]:
    field = "phone" if channel == "sms" else "email"
    same = Contact.objects.filter(site=OuterRef("site"), ended_at=None, **{field: OuterRef(field)})
    others = Exists(same.exclude(patient=OuterRef("patient")))
    rows = Contact.objects.filter(Among("pk", contacts)).filter(Q(relationship=Relationship.CAREGIVER) | others)
    plain = rows.annotate(number=Cast(field, CharField()))  # to parse a phone costs more than the row
    return list(plain.values_list("pk", "patient", "site", "number", "relationship"))
