"""Who is cared for in a fault run: sites in several time zones, people with a phone, and promises that come due."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import count
from multiprocessing import get_context
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.db import close_old_connections, connection

from patients import clock
from patients.models import Contact, Procedure, Site, StaffMember
from reminders.plan.models import ProtocolVersion, Reminder, Step
from tests import canary, given
from tests.faults.stage import BASE

ZONES = ["America/New_York", "Europe/Berlin", "Asia/Tokyo", "America/Los_Angeles", "Australia/Sydney", "Africa/Nairobi"]
AT_ONCE = 2  # processes that lay out people
PEOPLE = 10  # of each site
ONLY_MAIL = 2  # of each site, beside one who has both
BY_MAIL = ["avoid-heavy-lifting-1", "pain-medicine", "phase-weeks-7-12"]  # sent as e-mails first
STEPS = ["walk-today", "check-in-1", "phase-weeks-3-6", "strengthening"]  # sent as texts first
DAY = timedelta(days=1)
ALWAYS = {"send_from": time(0), "send_until": time(23, 59, 59)}
_occurrences = count(10_000)  # far from any the plan itself has


@dataclass(frozen=True)
class FaultPatient:
    """One patient with one phone. No two have the same number, so a number stands for its owner in the ledger."""

    surgery: int
    site: int
    patient: int
    contact: int
    phone: str
    sender: str
    mail: str = ""


def visit(address: str) -> None:
    """From here on Django speaks to the database at this address."""
    connection.close()
    parts = urlsplit(address)
    known = {"HOST": parts.hostname, "PORT": parts.port, "PASSWORD": parts.password, "NAME": parts.path.strip("/")}
    connection.settings_dict |= known
    settings.DATABASES["default"] |= known


def leave() -> None:
    connection.close()


def lay_out(servers) -> list[FaultPatient]:
    """The database `base`: made once, copied for each run."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody signs in
    servers.ask(f"CREATE DATABASE {BASE}")
    visit(servers.address(BASE))
    call_command("migrate", verbosity=0)
    Procedure.objects.filter(code="miss").update(name=canary.PROCEDURE)
    surgeons = [_surgeon(number, zone) for number, zone in enumerate(ZONES)]
    connection.close()
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("fork")) as pool:
        return [person for some in pool.map(_people, range(len(ZONES)), surgeons) for person in some]


def _surgeon(number: int, zone: str) -> int:
    """Of a new site, by whom its people are enrolled; the key."""
    now = clock.now()
    plenty = {"texts_a_day": 1_000, "texts_a_week": 5_000}
    site = given.a_site(
        f"site-{number}", now=now, mode="live", time_zone=zone, stop_covers_all=number % 2 == 0, **ALWAYS, **plenty
    )
    _in_one_phase(site)
    surgeon = given.a_staff_member(site)
    given.a_signed_version(site, by=surgeon, now=now)
    return surgeon.pk


def _people(number: int, surgeon: int) -> list[FaultPatient]:
    """All of a site, in a process of its own."""
    given.number_from(1_000 * (number + 1))
    now, by = clock.now(), StaffMember.objects.get(pk=surgeon)
    site = Site.objects.get(code=f"site-{number}")
    people = [_person(site, by, given.phone(10 + number * PEOPLE + one), now) for one in range(PEOPLE)]
    by_mail = given.a_phone(given.phone(10 + len(ZONES) * PEOPLE + number)), given.an_email()  # the one, else the other
    for contacts in (by_mail, *((given.an_email(),) for _ in range(ONLY_MAIL))):
        given.an_enrolment(site, patient=canary.a_new_patient(*contacts), by=by, now=now)
    Reminder.objects.filter(site=site).update(status="skipped", reason="skipped_by_staff")  # the run makes its own
    connection.close()
    return people


def _in_one_phase(site: Site) -> None:
    """Where a closing keeps a message until tomorrow, one of a later phase rightly takes its place."""
    [version] = ProtocolVersion.objects.filter(protocol__site=site, protocol__code="miss-base")
    version.steps.filter(code__in=STEPS + BY_MAIL).update(phase=version.phases.get(first_day=1))


def with_mail() -> list[FaultPatient]:
    """Whom an e-mail can reach; without a number where nothing else can."""
    own = Contact.objects.exclude(email="").select_related("patient").order_by("pk")
    return [_reached(contact) for contact in own]


def _reached(contact: Contact) -> FaultPatient:
    phone = contact.patient.contacts.exclude(phone="").first()
    sender = contact.site.senders.get(channel="sms").address
    [surgery] = contact.patient.surgeries.all()
    ours = (phone or contact).pk
    number = phone.address if phone else ""
    return FaultPatient(surgery.pk, contact.site_id, contact.patient_id, ours, number, sender, contact.email)


def _person(site: Site, surgeon, phone: str, now: datetime) -> FaultPatient:
    patient = canary.a_new_patient(given.a_phone(phone))
    surgery = given.an_enrolment(site, patient=patient, by=surgeon, now=now)
    [contact] = surgery.patient.contacts.all()
    sender = site.senders.get(channel="sms").address
    return FaultPatient(surgery.pk, site.pk, surgery.patient_id, contact.pk, phone, sender)


def promise(
    people: Sequence[FaultPatient], *, at: datetime, step: str = STEPS[0], useful: timedelta = DAY
) -> list[int]:
    """One reminder for each, due at that moment; their keys."""
    steps = {row.version.protocol.site_id: row for row in _steps(step)}
    rows = [
        Reminder(
            site_id=person.site,
            surgery_id=person.surgery,
            step=steps[person.site],
            step_code=step,
            occurrence=next(_occurrences),
            due_at=at,
            useful_until=at + useful,
        )
        for person in people
    ]
    return [row.pk for row in Reminder.objects.bulk_create(rows)]


def _steps(code: str):
    return Step.objects.filter(code=code, version__number=1, version__protocol__code="miss-base").select_related(
        "version__protocol"
    )


def now() -> datetime:
    close_old_connections()
    return clock.now()
