"""The other rows of reception's board: whom to call, what came in, who was found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic.staff import board_words as words
from clinic.staff.board_scene import WANTS_ANOTHER_TIME, Person, Pill, Scene, day_words, phone_of, spoken, tel_of
from patients.models import Patient, StaffMember, Surgery
from patients.models.contact import Relationship
from reminders.plan.models import Reminder
from reminders.plan.models.step import Phase
from reminders.replies.meaning import Intent
from reminders.replies.models import Reply


@dataclass(frozen=True, slots=True)
class CallRow:
    key: str
    pk: int
    person: Person
    step: str
    phase: str
    why: str
    pill: Pill
    last: str


def call(reminder: Reminder, scene: Scene) -> CallRow:
    late = reminder.useful_until <= scene.now
    deadline = f"was useful until {scene.when(reminder.useful_until)}"
    return CallRow(
        key=f"call-{reminder.pk}",
        pk=reminder.pk,
        person=Person.of(reminder.surgery, scene),
        step=reminder.step.title,
        phase=_phase(reminder.step.phase),
        why=reminder.why,
        pill=Pill(deadline, "neutral") if late else Pill(f"call by {scene.when(reminder.useful_until)}", "bad"),
        last=scene.last(reminder.surgery_id),
    )


def _phase(phase: Phase) -> str:
    return str(phase).split(":")[0]


@dataclass(frozen=True, slots=True)
class ReplyRow:
    key: str
    pk: int
    when: str
    name: str
    patient: int | None
    text: str
    meaning: str
    phone: str
    tel: str
    waiting: str
    taken_by: str
    surgery: int | None


def reply(row: Reply, scene: Scene, surgeries: Mapping[int, Surgery], *, reader: StaffMember) -> ReplyRow:
    """`surgeries`: the latest one of each patient, which is where the name leads to."""
    patient = row.contact.patient if row.contact else None
    surgery = surgeries.get(patient.pk) if patient else None
    number = row.from_address
    return ReplyRow(
        key=f"reply-{row.pk}",
        pk=row.pk,
        when=scene.when(row.received_at),
        name=_author(row),
        patient=patient.pk if patient else None,
        text=row.text,
        meaning=WANTS_ANOTHER_TIME.get(Intent(row.intent), ""),
        phone=spoken(number),
        tel=number if number.startswith("+") else "",
        waiting=_since(scene.now - row.received_at),
        taken_by=("you" if row.handled_by == reader else str(row.handled_by)) if row.handled_by else "",
        surgery=surgery.pk if surgery else None,
    )


def _author(row: Reply) -> str:
    if row.contact is None:
        return "A number nobody knows"
    name = str(row.contact.patient)
    return name if row.contact.relationship == Relationship.SELF else f"{row.contact.name or 'A caregiver'} for {name}"


def _since(waiting: timedelta) -> str:
    minutes = max(int(waiting.total_seconds() // 60), 0)
    if minutes < 60:
        return f"waiting {words.count(minutes, 'minute')}" if minutes else "just now"
    hours = minutes // 60
    return f"waiting {words.count(hours, 'hour')}" if hours < 48 else f"waiting {hours // 24} days"


@dataclass(frozen=True, slots=True)
class FoundRow:
    name: str
    number: str
    age: int
    born: date
    phone: str
    tel: str
    site: str
    status: str
    surgeries: list[tuple[int, str]]


def patient(row: Patient, now: datetime) -> FoundRow:
    """Found by search; its site may be another than the board's."""
    today = row.site.today(now)
    return FoundRow(
        name=str(row),
        number=row.number,
        age=row.age(today),
        born=row.birth_date,
        phone=phone_of(row),
        tel=tel_of(row),
        site=str(row.site),
        status="" if row.status == "active" else row.get_status_display(),
        surgeries=[(s.pk, _operation(s, today)) for s in row.surgeries.all()],
    )


def _operation(surgery: Surgery, today: date) -> str:
    if not surgery.is_active:
        return f"operation of {surgery.date:%-d %b %Y}, cancelled"
    return f"operation of {surgery.date:%-d %b %Y}, {day_words(surgery.day_number(today))}"
