"""How tests begin: a clinic, its people and its patients, all made by the product's own actions."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from patients.models import Membership, Patient, Procedure, Site, StaffMember, Surgery
from patients.models.staff import Role
from reminders import actions, enrolment
from reminders.delivery.models import Sender
from reminders.enrolment import NewContact, NewPatient, NewSurgery
from reminders.plan import blanks, signing
from reminders.plan.models import ProtocolVersion
from tests import kept_rows

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # a Monday, 10:00 in New York
PASSWORD = "correct horse battery"
CONSENT = {"consent_source": "paper", "consent_wording": "I agree to get care messages from the clinic."}
NO_BUDGET = {"messages_a_day": 99, "messages_a_week": 99}  # of everything a protocol has; a test about it sets its own
DEFAULT_BUDGET = {"messages_a_day": 1, "messages_a_week": 5}
_numbers = count(1)


class _Every(frozenset[str]):
    def __contains__(self, warning: object) -> bool:
        return True


EVERY_WARNING = _Every()  # the surgeon ticked whatever there is to tick


def number_from(first: int) -> None:
    """Where several processes make people side by side, no two may give the same numbers."""
    global _numbers
    _numbers = count(first)


def phone(number: int) -> str:
    """From the range reserved for fiction."""
    return f"+1202555{100 + number % 100:04d}"


def a_site(code: str = "riverside", *, now: datetime = NOW, **facts: object) -> Site:
    """Open, with the shipped protocols as unsigned drafts, a sender for each channel, and no limit of messages."""
    values = {"name": "Riverside Spine Clinic", "short_name": "Riverside Clinic", "phone": phone(0)}
    values |= {"languages": ["en", "es"]} | NO_BUDGET | facts
    sms, email = phone(1 + Site.objects.count()), f"care@{code}.example.org"
    key = ("site", code, now, repr(sorted(values.items())), sms)
    return kept_rows.once(key, lambda: _opened(Site(code=code, **values), now, sms=sms, email=email))


def _opened(site: Site, now: datetime, *, sms: str, email: str) -> Site:
    opened = actions.open_site(site, by=None, now=now, sms=sms, email=email)
    _fill_blanks(opened)
    Sender.objects.filter(site=opened).update(parts_per_second=1_000)  # a test about the rate sets its own
    return opened


def _fill_blanks(site: Site) -> None:
    """Its drafts are ready to be signed: a test about open blanks opens them again with `open_blanks`."""
    versions = list(ProtocolVersion.objects.filter(protocol__site=site, state="draft"))
    for version in versions:
        version.blanks = blanks.with_values(version.blanks, blanks.examples(version.blanks, site.country))
    ProtocolVersion.objects.bulk_update(versions, ["blanks"])


def open_blanks(version: ProtocolVersion, *names: str) -> None:
    """As shipped; with `names` only these."""
    version.blanks = blanks.with_values(version.blanks, dict.fromkeys(names or version.blanks, ""))
    version.save(update_fields=["blanks"])


def a_staff_member(site: Site, role: str = Role.SURGEON, *, username: str = "") -> StaffMember:
    username = username or f"{role}{next(_numbers)}"
    return kept_rows.once(("staff member", username, role), lambda: _hired(site, role, username), site)


def _hired(site: Site, role: str, username: str) -> StaffMember:
    staff = StaffMember(username=username, first_name="Ida", last_name="Hale", is_staff=True)
    staff.set_password(PASSWORD)
    staff.save()
    Membership.objects.create(staff=staff, site=site, role=role)
    return staff


def a_signed_version(site: Site, code: str = "miss-base", *, by: StaffMember, now: datetime = NOW) -> ProtocolVersion:
    """Every warning was read: with a longer public address a text may take two parts."""
    return kept_rows.once(("signed", code, now), lambda: _signed(site, code, by, now), site, by)


def _signed(site: Site, code: str, by: StaffMember, now: datetime) -> ProtocolVersion:
    version = ProtocolVersion.objects.get(protocol__site=site, protocol__code=code, number=1)
    if version.state == "draft":
        signing.sign(version, by=by, now=now, read=EVERY_WARNING)
    version.refresh_from_db()
    return version


def a_phone(number: str = "", **facts: object) -> NewContact:
    """With consent; `consent_wording=""` for without."""
    return NewContact(**({"phone": number or phone(next(_numbers) % 90 + 10)} | CONSENT | facts))


def an_email(address: str = "", **facts: object) -> NewContact:
    return NewContact(**({"email": address or f"person{next(_numbers)}@example.org"} | CONSENT | facts))


def a_new_patient(*contacts: NewContact, **facts: object) -> NewPatient:
    values = {"number": f"A-{next(_numbers)}", "given_name": "Ana", "family_name": "Ruiz"}
    birth = {"birth_date": date(1965, 4, 2)}
    return NewPatient(**(values | birth | facts), contacts=contacts or (a_phone(),))


def a_patient(site: Site, *contacts: NewContact, by: StaffMember, now: datetime = NOW, **facts: object) -> Patient:
    new = a_new_patient(*contacts, **facts)
    return kept_rows.once(
        ("patient", new, now), lambda: enrolment.register_patient(site, new, by=by, now=now), site, by
    )


def an_enrolment(
    site: Site,
    *contacts: NewContact,
    by: StaffMember,
    day: int = 0,
    procedure: str = "miss",
    now: datetime = NOW,
    patient: Patient | NewPatient | None = None,
    **facts: object,
) -> Surgery:
    """Somebody whose operation was `day` days ago, on the signed base timeline unless `version` says otherwise.

    A plan this patient has already goes on, unless `running_plan` says otherwise.
    """
    version = facts.pop("version", None) or a_signed_version(site, by=by, now=now)
    values = {"version": version, "surgeon": by, "date": site.today(now) - timedelta(days=day), "running_plan": "keep"}
    values |= facts
    who = patient or a_new_patient(*contacts)

    def enrolled() -> Surgery:
        new = NewSurgery(procedure=Procedure.objects.get(code=procedure), **values)
        return enrolment.enrol(who, new, site=site, by=by, now=now)

    given = [site, by, who, *values.values()]
    return kept_rows.once(("enrolled", procedure, *values, now), enrolled, *given)
