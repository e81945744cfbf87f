"""Clinics in which every combination is previewed and then enrolled; and what really left, in the same form."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count

from clinic import fastforward
from patients.models import ConsentEvent, Contact, Patient, Procedure, Site, StaffMember, Surgery
from patients.models.contact import Channel, Relationship
from reminders import enrolment, scheduler
from reminders.delivery.models import Delivery
from reminders.delivery.sending import dispatch
from reminders.enrolment import NewContact, NewPatient, NewSurgery
from reminders.plan import planning
from reminders.plan.facts import horizon
from reminders.plan.models import CarePlan, ProtocolVersion, Reminder
from reminders.plan.models.reminder import NEEDS_CALL
from reminders.plan.reasons import Reason
from reminders.preview import Preview, PreviewOutcome, known_recipients
from tests import given
from tests.preview.combinations import SITE_OF, Combination, Mode, NumberCountry, SharedWith
from tests.servers.database import tell_the_planner

START = given.NOW  # a Monday, 10:00 in New York
CODE, PROCEDURE = "vertebroplasty", "kyphoplasty"
FEW = ["walk-today", "outcome-questions-1", "pain-medicine", "check-in-2", "book-first-visit"]  # of the first days
WINDOW, AT_ONCE = 250, 100
LONG_AGO = timedelta(days=600)
JOHN = {"given_name": "John", "family_name": "Moore"}
PARTNERS = {
    SharedWith.OTHER: {"given_name": "Zoe", "family_name": "Quill"},
    SharedWith.ALIKE: {"given_name": "Joan", "family_name": "Moore"},  # J.M. and Jo.M. too, and born on the same day
}
LINKS = [(re.compile(r"/p/c/[^/\s]+/"), "/p/c/…/"), (re.compile(r"/p/(?!c/)[^/\s]+/"), "/p/…/")]


@dataclass(frozen=True, slots=True)
class Told:
    """One message to one address. `at` is None where it does not leave, and `why` says so."""

    step: str
    occurrence: int
    address: str
    channel: str
    at: datetime | None
    subject: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Ended:
    """One reminder of the plan."""

    step: str
    occurrence: int
    due_at: datetime
    outcome: str
    why: str


@dataclass(slots=True)
class Case:
    """One combination. `shown`, `told` and `ended`: what the preview said before the enrolment."""

    combination: Combination
    clinic: "PreviewedClinic"
    new: NewPatient
    day0: date | None = None  # not the day of the enrolment
    patient: Patient | None = None
    running_plan: str = ""  # what becomes of one that this patient has already
    surgery: Surgery | None = None
    shown: Preview | None = None
    told: set[Told] = field(default_factory=set)
    ended: set[Ended] = field(default_factory=set)

    @property
    def asked(self) -> NewSurgery:
        clinic = self.clinic
        day0 = self.day0 or clinic.site.today(START)
        return NewSurgery(clinic.procedure, clinic.surgeon, day0, clinic.version, running_plan=self.running_plan)


@dataclass(slots=True)
class PreviewedClinic:
    """One site. No phone is of two of its patients, but where it is shared: with a partner."""

    site: Site
    surgeon: StaffMember
    version: ProtocolVersion
    procedure: Procedure
    phones: Iterator[int] = field(default_factory=lambda: count(10))
    partners: dict[SharedWith, Patient] = field(default_factory=dict)

    def case(self, one: Combination) -> Case:
        agreed = {} if one.own.value != "none" else {"consent_wording": ""}
        contacts = [self._contact(channel, **agreed) for channel in one.own_channels]
        if one.caregiver:
            about = {"relationship": Relationship.CAREGIVER, "scope": one.caregiver.scope, "name": "Ben"}
            contacts.append(self._contact(one.caregiver.channel, **about))
        if one.shared != SharedWith.NOBODY:
            phone = next(new.phone for new in contacts if new.phone)
            Contact.objects.create(site=self.site, patient=self._partner(one.shared), phone=phone)
        return Case(one, self, given.a_new_patient(*contacts, **JOHN))

    def _contact(self, channel: str, **facts: object) -> NewContact:
        if channel == Channel.EMAIL:
            return given.an_email(**facts)
        return given.a_phone(given.phone(next(self.phones)), **facts)

    def _partner(self, shared: SharedWith) -> Patient:
        """Somebody on a plan of their own, which said all it had to say long ago; with each of the shared phones."""
        if shared not in self.partners:
            new = given.a_new_patient(given.an_email(), **PARTNERS[shared])
            asked = NewSurgery(self.procedure, self.surgeon, self.site.today(START) - LONG_AGO, self.version)
            surgery = enrolment.enrol(new, asked, site=self.site, by=self.surgeon, now=START)
            self.partners[shared] = surgery.patient
        return self.partners[shared]


def a_previewed_clinic(country: NumberCountry, mode: Mode, *, full: bool = False) -> PreviewedClinic:
    """`full`: with all that the protocol says, not only its first days."""
    home, texted = SITE_OF[country]
    code = f"{country.name}-{mode.name}".lower().replace("_", "-")
    limits = {"texts_a_day": 9_000, "texts_a_week": 9_000, "messages_a_day": 2}
    site = given.a_site(code, **limits, mode=mode.value.split(",")[0], country=home, text_countries=texted)
    surgeon = given.a_staff_member(site)
    if not full:
        shorten(ProtocolVersion.objects.get(protocol__site=site, protocol__code=CODE))
    version = given.a_signed_version(site, CODE, by=surgeon)
    return PreviewedClinic(site, surgeon, version, Procedure.objects.get(code=PROCEDURE))


def shorten(draft: ProtocolVersion) -> None:
    """One step by text only and one by e-mail only, for both are allowed."""
    draft.steps.exclude(code__in=FEW).delete()
    draft.steps.filter(code="check-in-2").update(channels=["sms"])
    draft.steps.filter(code="pain-medicine").update(channels=["email"])


# What is written, many at a time: one by one, by the actions, it would take ten times as long -------------------------


def register(cases: Sequence[Case]) -> None:
    for case in cases:
        facts = {name: getattr(case.new, name) for name in ("number", "given_name", "family_name", "birth_date")}
        case.patient = Patient(site=case.clinic.site, created_at=START, **facts)
    Patient.objects.bulk_create(case.patient for case in cases)
    asked = [(_contact(new, case), new, case) for case in cases for new in case.new.contacts]
    Contact.objects.bulk_create(contact for contact, _, _ in asked)
    agreed = [(contact, new, case) for contact, new, case in asked if new.consent_wording]
    ConsentEvent.objects.bulk_create(
        ConsentEvent(contact=contact, kind="given", source="paper", wording=new.consent_wording, at=START)
        for contact, new, _ in agreed
    )


def _contact(new: NewContact, case: Case) -> Contact:
    facts = {name: getattr(new, name) for name in ("phone", "email", "relationship", "name", "scope")}
    is_trial_recipient = case.combination.mode == Mode.TRIAL_RECIPIENT
    return Contact(site=case.clinic.site, patient=case.patient, is_trial_recipient=is_trial_recipient, **facts)


def without_contacts(new: NewPatient) -> NewPatient:
    return replace(new, contacts=())


def enrol(cases: Sequence[Case]) -> None:
    register([case for case in cases if case.patient is None])
    for case in cases:
        facts = {name: getattr(case.asked, name) for name in ("procedure", "surgeon", "date")}
        by = {"enrolled_by": case.clinic.surgeon, "enrolled_at": START}
        case.surgery = Surgery(site=case.clinic.site, patient=case.patient, **facts, **by)
    Surgery.objects.bulk_create(case.surgery for case in cases)
    CarePlan.objects.bulk_create(
        CarePlan(surgery=case.surgery, version=case.clinic.version, laid_out_until=horizon(case.clinic.site, START))
        for case in cases
    )
    keys = [case.surgery.pk for case in cases]
    for at in range(0, len(keys), AT_ONCE):
        planning.sync_all(keys[at : at + AT_ONCE], now=START)


# What the preview says ------------------------------------------------------------------------------------------------


def preview(case: Case, ends: datetime, *, now: datetime = START) -> None:
    """Of somebody new, or of whoever is registered already."""
    if case.patient:
        patient, recipients = case.patient, known_recipients(case.patient)
    else:
        names = ("given_name", "family_name", "birth_date", "language", "time_zone")
        patient = Patient(site=case.clinic.site, **{name: getattr(case.new, name) for name in names})
        recipients = enrolment.recipients(case.new.contacts, case.new.language, site=case.clinic.site)
    surgery = Surgery(site=case.clinic.site, patient=patient, surgeon=case.clinic.surgeon, date=case.asked.date)
    case.shown = Preview(surgery, case.clinic.version, recipients, now, running_plan=case.running_plan)
    case.told, case.ended = set(told_by(case.shown, ends)), set(ended_by(case.shown, ends))


def told_by(shown: Preview, ends: datetime) -> Iterator[Told]:
    for row in shown.rows:
        for one in row.deliveries if row.want.due_at <= ends else ():
            leaves_at = one.at if one.leaves else None
            said = one.words.subject, without_links(one.words.text), one.why.value
            yield Told(row.want.step, row.want.occurrence, one.to.address, one.to.channel, leaves_at, *said)


def ended_by(shown: Preview, ends: datetime) -> Iterator[Ended]:
    for row in shown.rows:
        if row.want.due_at <= ends:
            yield Ended(row.want.step, row.want.occurrence, row.want.due_at, row.outcome.value, row.why.value)


def without_links(text: str) -> str:
    for link, stand_in in LINKS:
        text = link.sub(stand_in, text)
    return text


# What happens ---------------------------------------------------------------------------------------------------------


def send(until: datetime, *, now: datetime = START) -> None:
    """From the enrolment on, moment by moment, by the code that sends and nothing else."""
    tell_the_planner()
    _drain(now)
    while now < until:
        now = scheduler.next_moment(now, until)
        _drain(now)


def _drain(now: datetime) -> None:
    for channel in scheduler.CHANNELS:
        dispatch.drain(channel, clock=lambda: now, window=WINDOW)


def live(until: datetime) -> None:
    """The same with all that a clinic does meanwhile: check-ins, alerts, the horizon."""
    tell_the_planner()
    scheduler.sweep_and_send(lambda: START, window=WINDOW)
    for _ in fastforward.play(START, until):
        pass


@dataclass(slots=True)
class Real:
    """What became of one plan, in the form of a preview."""

    told: set[Told] = field(default_factory=set)
    ended: set[Ended] = field(default_factory=set)


def really(surgeries: Iterable[Surgery], ends: datetime) -> dict[int, Real]:
    """By surgery, of what was due by then."""
    found: dict[int, Real] = defaultdict(Real)
    due = {"surgery__in": surgeries, "due_at__lte": ends}
    rows = Delivery.objects.filter(reminder__in=Reminder.objects.filter(**due)).select_related("reminder", "contact")
    for row in rows.prefetch_related("attempts"):
        found[row.reminder.surgery_id].told.add(_really_told(row))
    for row in Reminder.objects.filter(**due).prefetch_related("deliveries"):
        found[row.surgery_id].ended.add(_really_ended(row))
    return found


def _really_told(row: Delivery) -> Told:
    attempts, reminder = list(row.attempts.all()), row.reminder
    assert len(attempts) <= 1
    at, why = (attempts[0].started_at, "") if attempts else (None, _why(row))
    said = row.subject, without_links(row.text), why
    return Told(reminder.step_code, reminder.occurrence, row.contact.address, row.channel, at, *said)


def _why(row: Delivery) -> str:
    """Held until it was of no use: that is why, not that it is of none now."""
    held = row.transitions.filter(reason=Reason.CONTACT_HELD).exists()
    return Reason.CONTACT_HELD if held and row.reason == Reason.EXPIRED else row.reason


def _really_ended(row: Reminder) -> Ended:
    is_sent = any(one.attempt_count for one in row.deliveries.all())
    call = PreviewOutcome.CALL if row.status in NEEDS_CALL else PreviewOutcome.LEFT_OUT
    whys = [_why(one) for one in row.deliveries.all() if one.reason == row.reason] if row.reason == "expired" else []
    outcome, why = (PreviewOutcome.SENT, "") if is_sent else (call, whys[0] if whys else row.reason)
    return Ended(row.step_code, row.occurrence, row.due_at, outcome.value, why)


def differences(case: Case, real: Real) -> list[str]:
    """Nothing is what we want."""
    return [*_different(case.told, real.told), *_different(case.ended, real.ended)]


def _different(said: set[Told] | set[Ended], did: set[Told] | set[Ended]) -> Iterator[str]:
    yield from (f"only shown: {one}" for one in said - did)
    yield from (f"only really: {one}" for one in did - said)
