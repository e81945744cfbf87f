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
PERSON = ("patient", "patient__given_name", "patient__family_name", "patient__birth_date",
          "patient__birth_known")  # fmt: skip


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
    fresh = {*patients} | _patients(with_address(addresses) if addresses else Contact.objects.none())
    while fresh:
        known |= fresh
        shared = {address for address, _ in _own(Contact.objects.filter(patient__in=fresh, ended_at=None))}
        fresh = _patients(with_address(shared)) - known if shared else set()
    return known


def _own(contacts: ContactQuerySet) -> list[tuple[Address, int]]:
    """Address and patient. A caregiver's phone counts for nobody's plan: what it hears are copies."""
    own = contacts.filter(relationship=Relationship.SELF).annotate(letters=Cast("phone", CharField()))
    rows = own.values_list("site", "letters", "email", "patient")
    return [((site, number or email), patient) for site, number, email, patient in rows]


def _patients(contacts: ContactQuerySet) -> set[int]:
    return {patient for _, patient in _own(contacts)}


def lock_connected(surgeries: Collection[int]) -> list[int]:
    """The same, locked in key order: two who lock some of the same wait for each other, and neither for ever."""
    keys = connected(surgeries)
    rows = Surgery.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def newly_shared(since: datetime, until: datetime) -> list[int]:
    """Operations whose patients have come to share, or share no longer, a phone or mailbox with another patient."""
    events = ConsentEvent.objects.filter(at__gt=since, at__lte=until).values("contact")
    agreed = _own(Contact.objects.filter(pk__in=events))
    ended = _own(Contact.objects.filter(ended_at__gt=since, ended_at__lte=until))
    left = {address for address, _ in ended}
    whose: dict[Address, set[int]] = defaultdict(set)
    for address, patient in _own(with_address({address for address, _ in agreed} | left)) + ended:
        whose[address].add(patient)
    shared = {patient for patients in whose.values() if len(patients) > 1 for patient in patients}
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
