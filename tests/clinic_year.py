"""A year of a clinic: who is in it, what happens to them, and what a sceptic reads from the tables afterwards."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.management import call_command

from clinic.fastforward import play
from patients.models import CheckUp, Patient, Site, StaffMember, Surgery
from reminders import actions, enrolment, visit_actions
from reminders.delivery.models import Attempt, Delivery
from reminders.plan.models import Reminder
from reminders.replies import inbound
from tests import given

START = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)  # before both clock changes of the year
ZONES = ["", "", "America/Los_Angeles", "Europe/London", "", "Asia/Kolkata", "Pacific/Auckland"]
PROCEDURES = {"miss": "miss-base", "laminectomy": "decompression", "tlif": "fusion", "kyphoplasty": "vertebroplasty"}
REACHES = ["sms", "email", "both", "refused", "caregiver"]
WINDOW = (time(9), time(20))


@dataclass
class ClinicYear:
    """The people, and the test's own diary of what it did to them: nothing here is read back from the program."""

    site: Site
    surgeon: StaffMember
    surgeries: list[Surgery] = field(default_factory=list)
    phones: dict[int, str] = field(default_factory=dict)  # surgery -> the patient's number
    stopped: dict[str, datetime] = field(default_factory=dict)  # number -> when
    booked: list[tuple[int, str, int, datetime]] = field(default_factory=list)  # surgery, visit, occurrence, when
    ended: dict[int, datetime] = field(default_factory=dict)  # surgery -> cancelled, or the patient died

    def enrol(self, number: int, day: int, now: datetime) -> None:
        procedure, code = list(PROCEDURES.items())[number % len(PROCEDURES)]
        phone = given.phone(number)
        facts = {"time_zone": ZONES[number % len(ZONES)], "language": ["en", "es"][number % 2]}
        patient = given.a_patient(
            self.site, *self.contacts(number, phone), by=self.surgeon, number=f"P-{number}", now=now, **facts
        )
        surgery = given.an_enrolment(
            self.site,
            by=self.surgeon,
            patient=patient,
            day=day,
            procedure=procedure,
            now=now,
            version=given.a_signed_version(self.site, code, by=self.surgeon, now=now),
            physical_therapy=["ordered", "ordered_early", "declined", "undecided"][number // 2 % 4],
            job=["desk", "physical", "unknown", "none"][number // 3 % 4],
        )
        self.surgeries.append(surgery)
        self.phones[surgery.pk] = phone

    @staticmethod
    def contacts(number: int, phone: str) -> list:
        reach = REACHES[number % len(REACHES)]
        own = [given.a_phone(phone)] if reach != "email" else []
        if reach == "refused":
            return [given.a_phone(phone, consent_wording="")]
        if reach == "caregiver":
            scope = ["all", "visits", "warnings"][number % 3]
            other = given.phone(number + 50)
            own.append(given.a_phone(other, relationship="caregiver", scope=scope, name="Ben"))
        return own + ([given.an_email()] if reach in ("email", "both") else [])

    # What happens

    def stop(self, surgery: Surgery, now: datetime) -> None:
        phone = self.phones[surgery.pk]
        to = self.site.senders.get(channel="sms").address
        inbound.receive(provider_id=f"stop-{phone}", from_address=phone, to_address=to, text="STOP", now=now)
        self.stopped[phone] = now

    def book_all_open(self, surgery: Surgery, now: datetime) -> None:
        """Every visit whose window is near, in its window or soon; now and then moved once more."""
        near = (now + timedelta(days=35)).date()
        for visit in CheckUp.objects.filter(surgery=surgery, state="due", window_opens__lte=near):
            at = max(now + timedelta(days=4), datetime.combine(visit.target_day, time(15), UTC))
            visit = visit_actions.book_visit(visit, at=at, by=self.surgeon, now=now)
            if visit.pk % 3 == 0:
                visit_actions.book_visit(visit, at=at + timedelta(days=1), by=self.surgeon, now=now)
            self.booked.append((surgery.pk, visit.code, visit.occurrence, now))

    def cancel(self, surgery: Surgery, now: datetime) -> None:
        actions.cancel_surgery(surgery, why="fever", by=self.surgeon, now=now)
        self.ended[surgery.pk] = now

    def die(self, surgery: Surgery, now: datetime) -> None:
        actions.set_patient_status(surgery.patient, status="deceased", by=self.surgeon, now=now)
        self.ended[surgery.pk] = now


def an_imported_clinic(folder: Path, surgeries: Path) -> ClinicYear:
    """A published set of people and a CSV of their operations, by the import commands; call it while it is START.

    None of the published phone numbers exists, so everybody is given one that does, or mail, or neither.
    """
    site = given.a_site(now=START)
    clinic = ClinicYear(site, given.a_staff_member(site, username="ida.hale"))
    for code in set(PROCEDURES.values()):
        given.a_signed_version(site, code, by=clinic.surgeon, now=START)
    common = {"site": site.code, "by": "ida.hale", "stdout": StringIO(), "stderr": StringIO()}
    with suppress(SystemExit):  # 1: some rows are refused (dead, minors)
        call_command("import_patients", folder, without_contact=True, **common)
    people = list(Patient.objects.order_by("pk"))
    lines = ["number,procedure,date,surgeon"]
    for number, patient in enumerate(people):
        day = START.date() - timedelta(days=(number * 17) % 120 - 20)
        lines.append(f"{patient.number},{list(PROCEDURES)[number % len(PROCEDURES)]},{day},ida.hale")
        for contact in ClinicYear.contacts(number, given.phone(number)):
            enrolment.add_contact(patient, contact, by=clinic.surgeon, now=START)
    surgeries.write_text("\n".join(lines))
    call_command("import_surgeries", surgeries, **common)
    clinic.surgeries = list(Surgery.objects.order_by("pk"))
    clinic.phones = {surgery.pk: given.phone(people.index(surgery.patient)) for surgery in clinic.surgeries}
    return clinic


def a_clinic(people: int) -> ClinicYear:
    site = given.a_site(now=START)
    clinic = ClinicYear(site, given.a_staff_member(site))
    for number in range(people):
        clinic.enrol(number, day=(number * 17) % 120 - 20, now=START)
    return clinic


def live_through(clinic: ClinicYear, days: int) -> datetime:
    """Play, and every ten days let something happen to a few people, at an hour when messages are on their way."""
    now, end, number = START, START + timedelta(days=days), 0
    while now < end:
        now = play_until(now, min(end, now + timedelta(days=10, minutes=7)))
        for event in (clinic.stop, clinic.cancel, clinic.die, clinic.book_all_open, clinic.book_all_open):
            surgery = clinic.surgeries[(number := number + 1) * 7 % len(clinic.surgeries)]
            if surgery.pk not in clinic.ended and ((event != clinic.die and event != clinic.cancel) or number % 3 == 0):
                event(Surgery.objects.select_related("patient").get(pk=surgery.pk), now)
    return end


def play_until(now: datetime, until: datetime) -> datetime:
    for _ in play(now, until):
        pass
    return until


# What the tables say


@dataclass(frozen=True)
class LeftMessage:
    """One text or mail that left, as plain values."""

    surgery: int
    step: str
    kind: str
    check_up: str
    occurrence: int
    contact: int
    address: str
    zone: str
    at: datetime
    text: str


def all_that_left() -> list[LeftMessage]:
    rows = Attempt.objects.select_related(
        "delivery__contact", "delivery__reminder__step__check_up", "delivery__reminder__surgery__patient__site"
    )
    return [_left(row) for row in rows.order_by("started_at")]


def _left(row: Attempt) -> LeftMessage:
    reminder, patient = row.delivery.reminder, row.delivery.reminder.surgery.patient
    check_up = reminder.step.check_up.code if reminder.step.check_up else ""
    return LeftMessage(
        reminder.surgery_id, reminder.step_code, reminder.step.kind, check_up, reminder.occurrence,
        row.delivery.contact_id, row.delivery.contact.address, patient.time_zone or patient.site.time_zone,
        row.started_at, row.delivery.text,
    )  # fmt: skip


def complaints(clinic: ClinicYear, end: datetime) -> Iterator[str]:
    """Every broken promise, in words; nothing is what we want."""
    left = all_that_left()
    doubled = Counter((one.surgery, one.step, one.occurrence, one.contact) for one in left)
    yield from (f"left twice: {key}" for key, times in doubled.items() if times > 1)
    for one in left:
        local = one.at.astimezone(ZoneInfo(one.zone)).time()
        if not WINDOW[0] <= local < WINDOW[1]:
            yield f"left in quiet hours, {local} in {one.zone}: {one.step}"
        if one.at > clinic.stopped.get(one.address, end):
            yield f"left after STOP: {one.step}"
        if one.at > clinic.ended.get(one.surgery, end):
            yield f"left for an operation that was cancelled or a patient who died: {one.step}"
        if not one.text.strip() or "{" in one.text or "}" in one.text:
            yield f"a text with a hole: {one.step}"
    yield from _asked_to_book_again(clinic, left)
    yield from _silent(end)


def _asked_to_book_again(clinic: ClinicYear, left: list[LeftMessage]) -> Iterator[str]:
    for surgery, visit, occurrence, when in clinic.booked:
        for one in left:
            same = (one.surgery, one.check_up, one.occurrence // 100) == (surgery, visit, occurrence)
            if same and one.kind in ("book_check_up", "recall") and one.at > when:
                yield f"asked to book what was booked: {one.step}"


def _silent(end: datetime) -> Iterator[str]:
    """Due and neither ended with a word why, nor delivered."""
    for reminder in Reminder.objects.filter(due_at__lte=end - timedelta(days=1)):
        states = list(Delivery.objects.filter(reminder=reminder).values_list("state", flat=True))
        delivered = reminder.status == "done" and "delivered" in states
        told_why = reminder.status in ("skipped", "suppressed", "expired", "cancelled", "failed") and reminder.reason
        if not (delivered or told_why):
            yield f"silent: {reminder.step_code}, {reminder.status}, {states}"
