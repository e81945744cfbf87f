"""The other rows of reception's board: what came in, who was found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic.staff.board.context import WANTS_ANOTHER_TIME, Scene, day_words, phone_of, spoken, tel_of
from clinic.staff.board.date_format import short_day
from clinic.staff.formats import count
from clinic.staff.shared_phones import Served, either
from patients.models import Patient, StaffMember, Surgery
from patients.models.contact import Relationship
from patients.shared_contacts import Address
from reminders.replies.models import Intent, Reply

MAYBE = {Intent.REFUSAL: "may be an opt-out: nothing is sent until you decide"}


@dataclass(frozen=True, slots=True)
class ReplyRow:
    key: str
    pk: int
    at: datetime
    lead: str
    when: str
    name: str
    patient: int | None
    text: str
    meaning: str
    urgent: bool
    phone: str
    tel: str
    waiting: str
    taken_by: str
    surgery: int | None
    is_held: bool  # perhaps a refusal: it only leaves the list by a decision
    people: list[Served]  # whose it may be, where several share the phone


ASKS = WANTS_ANOTHER_TIME | MAYBE | {Intent.CALL_ME: "wants a call"}


def reply(
    row: Reply,
    scene: Scene,
    surgeries: Mapping[int, Surgery],
    shared: Mapping[Address, list[Served]],
    *,
    reader: StaffMember,
) -> ReplyRow:
    """`surgeries`: the latest one of each patient, which is where the name leads to. `shared`: whom a phone serves."""
    people = [] if row.contact else shared.get((row.site_id or 0, row.from_address), [])
    patient = row.contact.patient if row.contact else None
    surgery = surgeries.get(patient.pk) if patient else None
    number = row.from_address
    return ReplyRow(
        key=f"reply-{row.pk}",
        pk=row.pk,
        at=row.received_at,
        lead=scene.lead(row.received_at),
        when=scene.when(row.received_at),
        name=either(people) or _author(row),
        patient=patient.pk if patient else None,
        text=row.text,
        meaning=ASKS.get(Intent(row.intent), "") or _cancels(row, scene),
        urgent=row.is_urgent,
        phone=spoken(number),
        tel=number if number.startswith("+") else "",
        waiting=_since(scene.now - row.received_at),
        taken_by=("you" if row.handled_by == reader else str(row.handled_by)) if row.handled_by else "",
        surgery=surgery.pk if surgery else None,
        is_held=_is_held(row, people),
        people=people,
    )


def _cancels(row: Reply, scene: Scene) -> str:
    """An opt-out that may have been meant for a visit: `wrote CANCEL; visit on Wed 9 Dec 09:20: ask`."""
    booked = [answer.check_up.booked_for for answer in row.visit_answers.all() if row.intent == Intent.STOP]
    visits = " and ".join(_visit_day(at, scene) for at in sorted(filter(None, booked)))
    return f"wrote {row.text.strip()[:20].upper()}; visit on {visits}: ask" if visits else ""


def _visit_day(at: datetime, scene: Scene) -> str:
    local = at.astimezone(scene.site.zone)
    return f"{short_day(local.date())} {local:%H:%M}"


def _is_held(row: Reply, people: list[Served]) -> bool:
    if row.contact:
        return row.contact.held_since is not None and row.contact.ended_at is None
    return row.intent in MAYBE and any(person.is_held for person in people)


def _author(row: Reply) -> str:
    if row.contact is None:
        return "Unknown number"
    name = str(row.contact.patient)
    return name if row.contact.relationship == Relationship.SELF else f"{row.contact.name or 'A caregiver'} for {name}"


def _since(waiting: timedelta) -> str:
    minutes = max(int(waiting.total_seconds() // 60), 0)
    if minutes < 60:
        return f"waiting {count(minutes, 'minute')}" if minutes else "just now"
    hours = minutes // 60
    return f"waiting {count(hours, 'hour')}" if hours < 48 else f"waiting {hours // 24} days"


@dataclass(frozen=True, slots=True)
class FoundRow:
    name: str
    number: str
    age: int
    born: str
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
        born=str(row.born),
        phone=phone_of(row),
        tel=tel_of(row),
        site=str(row.site),
        status="" if row.status == "active" else row.get_status_display(),
        surgeries=[(s.pk, _operation(s, today)) for s in row.surgeries.all()],
    )


def _operation(surgery: Surgery, today: date) -> str:
    if not surgery.is_active:
        return f"operation of {surgery.date:%-d %b %Y}, {'cancelled' if surgery.cancelled_at else 'plan ended'}"
    return f"operation of {surgery.date:%-d %b %Y}, {day_words(surgery.day_number(today))}"
