"""Which patients on a running plan share a phone or a mailbox at one site."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import CharField, Exists, OuterRef, Q
from django.db.models.functions import Cast

from patients.initials import Person
from patients.models import Contact, Surgery
from patients.models.contact import ContactQuerySet
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


def with_address(addresses: Iterable[Address]) -> ContactQuerySet:
    """All contacts in use behind these; `number` is the phone in plain letters: to parse it costs more."""
    wanted = set(addresses)
    at_sites = Contact.objects.filter(site__in={site for site, _ in wanted}, ended_at=None)
    mails = {address for _, address in wanted if "@" in address}
    phones = {address for _, address in wanted if address and "@" not in address}
    either = Q(phone__in=phones, email="") | Q(email__in=mails, phone="")
    return at_sites.filter(either).annotate(number=Cast("phone", CharField()))
