"""Build the demo clinic: 120 days of its life, played with the product's own actions."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password

from clinic.demo import answers, reception
from clinic.demo.people import PASSWORD, PEOPLE, RECEPTION, SURGEONS, DemoPatient
from clinic.fastforward import play
from patients.models import Membership, Procedure, Site, StaffMember
from patients.models.contact import ConsentSource, Relationship, Scope
from patients.models.staff import Role
from reminders import actions, enrolment
from reminders.enrolment import NewContact, NewPatient, NewSurgery
from reminders.plan import blank_editing, blanks, signing
from reminders.plan.local_time import moment
from reminders.plan.models import ProtocolVersion
from reminders.plan.version_review import judge

CODE = "riverside"
ZONE, OPENS = ZoneInfo("America/New_York"), time(8)
HISTORY = timedelta(days=120)  # how long the demo clinic has been using Aftercare
AGREED = "I agree to get care messages from Riverside Clinic. I can stop them at any time."


def exists() -> bool:
    return Site.objects.filter(code=CODE).exists()


def make(now: datetime) -> Iterator[tuple[int, int]]:
    """Yields (days played, days in all). Only where `exists` is false: the names would be taken."""
    today = now.astimezone(ZONE).date()
    mornings = [moment(today - HISTORY + timedelta(days=number), OPENS, ZONE) for number in range(HISTORY.days + 1)]
    at = mornings[0]
    site = _open(at)
    surgeons = [_staff(site, Role.SURGEON, *names) for names in SURGEONS]
    _staff(site, Role.MANAGER, "manager", "Max", "Ferro")
    lea = _staff(site, Role.RECEPTION, *RECEPTION)
    for version in ProtocolVersion.objects.filter(protocol__site=site):
        blank_editing.fill(version, blanks.examples(version.blanks), by=surgeons[0], now=at)
        version.refresh_from_db()
        signing.sign(version, by=surgeons[0], now=at, read=judge(version).warnings)
    for number, morning in enumerate(mornings):
        _play(at, min(morning, now), goes_on=morning < now)
        at = min(morning, now)
        for index, person in enumerate(PEOPLE):
            if _arrives(person, number):
                _enrol(site, person, index, surgeons[index % 3], today=today, now=at)
        reception.call_back(site, by=lea, now=at)
        if number < HISTORY.days:
            reception.work(site, by=lea, now=at)
            answers.answer(site, now=at)
            answers.train(site, by=lea, now=at)
        yield number, HISTORY.days
    _play(at, now)
    reception.leave_replies(site, now=now)


def _play(start: datetime, until: datetime, *, goes_on: bool = False) -> None:
    for _ in play(start, until, goes_on=goes_on):
        pass


def _arrives(person: DemoPatient, number: int) -> bool:
    """On the day of the operation; who was operated before the clinic began is enrolled on its first day."""
    return number == max(0, HISTORY.days - person.day)


def _open(now: datetime) -> Site:
    site = Site(code=CODE, name="Riverside Spine Clinic", short_name="Riverside Clinic", phone="+12025550100")
    site.visits_at_once = 3
    site.languages, site.time_zone = ["en", "es"], ZONE.key
    site.address = "120 Riverside Avenue, Suite 3, Springfield"
    return actions.open_site(site, by=None, now=now, sms="+12025550101", email="care@riverside.example.org")


def _staff(site: Site, role: str, username: str, first: str, last: str) -> StaffMember:
    staff = StaffMember(username=username, first_name=first, last_name=last, is_staff=True)
    staff.password = _hashed_password()
    staff.save()
    Membership.objects.create(staff=staff, site=site, role=role)
    return staff


@cache
def _hashed_password() -> str:
    """One hash for all five, whose password is public: to make one takes a third of a second, by design."""
    return make_password(PASSWORD)


def _enrol(site: Site, person: DemoPatient, index: int, surgeon: StaffMember, *, today: date, now: datetime) -> None:
    procedure = Procedure.objects.get(code=person.procedure)
    version = enrolment.default_version(site, procedure)
    if version is None:
        raise RuntimeError(f"The demo has no signed protocol for {procedure}.")
    patient = NewPatient(
        number=f"R-{1001 + index}",
        given_name=person.given,
        family_name=person.family,
        birth_date=date(person.born, 1 + index % 12, 1 + index % 28),
        language=person.language,
        contacts=_contacts(person, index),
    )
    surgery = NewSurgery(
        procedure=procedure,
        surgeon=surgeon,
        date=today - timedelta(days=person.day),
        version=version,
        physical_therapy=person.pt,
        job=person.job,
    )
    enrolment.enrol(patient, surgery, site=site, by=surgeon, now=now)


def _contacts(person: DemoPatient, index: int) -> list[NewContact]:
    agreed = {} if person.reach == "refused" else {"consent_source": ConsentSource.PAPER, "consent_wording": AGREED}
    phone = NewContact(phone=_phone(index), **agreed)
    email = NewContact(email=f"{person.given}.{person.family}@example.org".lower(), **agreed)
    own = {"sms": [phone], "email": [email], "both": [phone, email], "refused": [phone], "none": []}[person.reach]
    return [*own, _caregiver(person.caregiver, agreed)] if person.caregiver else own


def _caregiver(name: str, agreed: dict[str, str]) -> NewContact:
    """On their own phone, which a patient of that name has too: its messages say whom they are about."""
    index = [f"{person.given} {person.family}" for person in PEOPLE].index(name)
    known = {"relationship": Relationship.CAREGIVER, "name": name, "scope": Scope.VISITS}
    return NewContact(phone=_phone(index), **known, **agreed)


def _phone(index: int) -> str:
    return f"+1202555{110 + index:04d}"
