"""Which patients on a running plan share a phone or a mailbox at one site."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import CharField, Exists, OuterRef, Q
from django.db.models.functions import Cast

from patients.initials import Person
from patients.models import ConsentEvent, Contact, Surgery
from patients.models.contact import ContactQuerySet, Relationship
from patients.models.patient import PatientStatus

Address = tuple[int, str]  # of a site
PERSON = ("patient", "patient__given_name", "patient__family_name", "patient__birth_date")


def people(addresses: Iterable[Address]) -> dict[Address, list[Person]]:
    """The people behind each address, in the order it was recorded, as patient or as caregiver."""
    wanted = set(addresses)
    plans = Surgery.objects.active().filter(patient=OuterRef("patient"))
    rows = with_address(wanted).filter(Exists(plans), patient__status=PatientStatus.ACTIVE).order_by("pk")
    found: dict[Address, dict[int, Person]] = defaultdict(dict)
    for site, number, email, patient, *name in rows.values_list("site", "number", "email", *PERSON):
        found[site, number or email].setdefault(patient, Person(patient, *name))
    return {address: list(found[address].values()) for address in wanted if address in found}


def connected(surgeries: Collection[int]) -> list[int]:
    """These, and every operation of their patients and of whoever shares a phone or mailbox with one of them.

    Messages to one phone count together, so their plans are laid out together. In key order, the order of their locks.
    """
    patients = connected_patients(set(Surgery.objects.filter(pk__in=surgeries).values_list("patient", flat=True)))
    return sorted({*surgeries, *Surgery.objects.filter(patient__in=patients).values_list("pk", flat=True)})


def connected_patients(patients: Collection[int], addresses: Collection[Address] = ()) -> set[int]:
    """These and whoever shares a phone or mailbox of their own with them, or has one of `addresses`."""
    known: set[int] = set()
    fresh = {*patients}
    if addresses:
        fresh |= set(_own(with_address(addresses)).values_list("patient", flat=True))
    while fresh:
        known |= fresh
        own = _own(Contact.objects.filter(patient__in=fresh, ended_at=None)).values_list("site", "number", "email")
        shared = {(site, number or email) for site, number, email in own}
        fresh = set(_own(with_address(shared)).values_list("patient", flat=True)) - known if shared else set()
    return known


def _own(contacts: ContactQuerySet) -> ContactQuerySet:
    """A caregiver's phone counts for nobody's plan: what it hears are copies."""
    return contacts.filter(relationship=Relationship.SELF).annotate(number=Cast("phone", CharField()))


def lock_connected(surgeries: Collection[int]) -> list[int]:
    """The same, locked in key order: two who lock some of the same wait for each other, and neither for ever."""
    keys = connected(surgeries)
    rows = Surgery.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def newly_shared(since: datetime, until: datetime) -> list[int]:
    """Operations whose patients have come to share, or share no longer, a phone or mailbox with another patient."""
    events = ConsentEvent.objects.filter(at__gt=since, at__lte=until).values("contact")
    changed = _own(Contact.objects.filter(Q(pk__in=events) | Q(ended_at__gt=since, ended_at__lte=until)))
    found = {(site, number or email) for site, number, email in changed.values_list("site", "number", "email")}
    whose: dict[Address, set[int]] = defaultdict(set)
    for site, number, email, patient in _own(with_address(found)).values_list("site", "number", "email", "patient"):
        whose[site, number or email].add(patient)
    ended = set(changed.exclude(ended_at=None).values_list("patient", flat=True))
    shared = {patient for patients in whose.values() if len(patients) > 1 for patient in patients} | ended
    running = Surgery.objects.active().filter(patient__in=shared, patient__status=PatientStatus.ACTIVE)
    return list(running.order_by("pk").values_list("pk", flat=True))


def with_address(addresses: Iterable[Address]) -> ContactQuerySet:
    """All contacts in use behind these; `number` is the phone in plain letters: to parse it costs more."""
    wanted = set(addresses)
    at_sites = Contact.objects.filter(site__in={site for site, _ in wanted}, ended_at=None)
    mails = {address for _, address in wanted if "@" in address}
    phones = {address for _, address in wanted if address and "@" not in address}
    either = Q(phone__in=phones, email="") | Q(email__in=mails, phone="")
    return at_sites.filter(either).annotate(number=Cast("phone", CharField()))
