"""How the demo's patients do: what they answer to a check-in, and their sessions of physical therapy."""

from datetime import datetime, timedelta
from math import sqrt

from clinic.demo.people import PEOPLE
from clinic.patient.therapy import ORDERED
from patients import therapy_sessions
from patients.models import Site, StaffMember, Surgery
from reminders.replies import inbound
from reminders.replies.checkins import lifecycle
from reminders.replies.models import CheckIn
from reminders.replies.models.checkin import Answered
from reminders.replies.parsing.questionnaire import Answers

NUMBERS = {person.family: f"R-{1001 + index}" for index, person in enumerate(PEOPLE)}
SILENT = {NUMBERS["Park"], NUMBERS["Stone"], NUMBERS["Kowal"]}  # never answer a question
TROUBLED = {NUMBERS["Novak"]: (14, "5 yes no no"), NUMBERS["Adeyemi"]: (3, "8 no no no")}  # on that day or later
FIRST_WEEKS = 12  # of therapy: what is shown on a record stays readable


def answer(site: Site, *, now: datetime) -> None:
    """Answer yesterday's questions: by text, or on the page; less pain from week to week."""
    for row in CheckIn.objects.for_site(site).open().select_related("surgery__patient", "contact"):
        if row.answered_at or row.surgery.patient.number in SILENT or _forgets(row):
            continue
        if row.contact and row.contact.phone:
            to = site.senders.get(channel="sms").address
            inbound.receive(provider_id=f"demo-check-in-{row.pk}", from_address=row.contact.address, to_address=to,
                            text=_words(row), now=now)  # fmt: skip
        else:
            fine = Answers(_pain(row), wound=False, legs=False, bladder=False)
            lifecycle.record(row, fine, via=Answered.PAGE, now=now)


def _forgets(row: CheckIn) -> bool:
    return row.surgery_id % 3 == 1 and _day(row) in (6, 23)


def _words(row: CheckIn) -> str:
    day, text = TROUBLED.get(row.surgery.patient.number, (0, ""))
    return text if text and 0 <= _day(row) - day < 2 else f"{_pain(row)} no no no"


def _pain(row: CheckIn) -> int:
    """From 6 or 7 downwards, with a better or a worse day between."""
    return max(0, 7 - row.surgery_id % 2 - round(sqrt(_day(row))) + (1 if row.pk % 3 == 0 else 0))


def _day(row: CheckIn) -> int:
    return row.surgery.day_number(row.surgery.site.today(row.asked_at))


def train(site: Site, *, by: StaffMember, now: datetime) -> None:
    """Therapy once a week, where it is ordered: one session in five is missed, and the next one is written down."""
    today = site.today(now)
    for surgery in Surgery.objects.for_site(site).active().filter(physical_therapy__in=ORDERED):
        day = surgery.day_number(today)
        if day >= 7 and day % 7 == 3 and day < 7 * FIRST_WEEKS:
            state = "missed" if (day // 7 + surgery.pk) % 5 == 0 else "attended"
            therapy_sessions.write_session(surgery, day=today, state=state, by=by, now=now)
            therapy_sessions.write_session(surgery, day=today + timedelta(days=7), state="planned", by=by, now=now)
