"""An alert as staff see it: on top of the board, and on a page of its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch

from clinic.staff.board.context import Scene, spoken
from clinic.staff.formats import Pill
from clinic.staff.shared_phones import Served, either, served
from patients.models import Contact, Patient, Site, StaffMember
from patients.models.contact import Relationship
from reminders.replies.models import Alert, Cause, CheckIn
from reminders.replies.models.alert import AlertQuerySet, Level, Outcome
from reminders.replies.parsing import redflags

LEVELS = {
    Level.E: Pill("emergency", "bad"), Level.D: Pill("call today", "warn"), Level.R: Pill("reception", "neutral"),
}  # fmt: skip
OUTCOMES = Outcome.choices


@dataclass(frozen=True, slots=True)
class HeardRow:
    """One thing that was heard. `words`: as it was written; `source`: what was answered to a check-in."""

    when: str
    level: Pill
    words: str
    source: str


@dataclass(frozen=True, slots=True)
class AlertRow:
    """`words` and `source`: the latest of what weighs most; `heard`: all of it; `more`: how many besides."""

    key: str
    pk: int
    level: Pill
    signs: str
    words: str
    source: str
    more: str
    heard: list[HeardRow]
    name: str
    people: list[Served]
    surgery: int | None
    phone: str
    tel: str
    at: datetime
    lead: str
    when: str
    age: str
    answer_by: str
    late: bool
    told: str
    owner: str
    is_mine: bool


def waiting(site: Site, staff: StaffMember) -> AlertQuerySet:
    """Open alerts of the staff member's own sites, with all a row shows."""
    return with_all(Alert.objects.for_staff(staff).for_site(site).open())


def with_all(alerts: AlertQuerySet) -> AlertQuerySet:
    own = Contact.objects.filter(ended_at=None).exclude(phone="").order_by("-relationship", "pk")
    phones = Prefetch("surgery__patient__contacts", queryset=own, to_attr="phones")
    related = alerts.select_related("site", "surgery__patient", "contact__patient", "reply", "owner", "closed_by")
    return related.prefetch_related(phones, Prefetch("causes", Cause.objects.select_related("reply", "check_in")))


def alert(row: Alert, scene: Scene, *, reader: StaffMember) -> AlertRow:
    patient, number = _patient(row), _number(row)
    people = [] if patient else served([(row.site_id, number)], staff=reader).get((row.site_id, number), [])
    causes = list(row.causes.all())
    heard = [_heard(cause, scene) for cause in causes]
    first = heard[_weightiest(causes)] if heard else HeardRow("", LEVELS[Level(row.level)], "", "")
    return AlertRow(
        key=f"alert-{row.pk}",
        pk=row.pk,
        level=LEVELS[Level(row.level)],
        signs=", ".join(redflags.name(sign) for sign in sorted(row.signs, key=_is_calmer)),
        words=first.words,
        source=first.source,
        more=f"and {len(heard) - 1} more" if len(heard) > 1 else "",
        heard=heard,
        name=either(people) or _author(row, patient),
        people=people,
        surgery=row.surgery_id,
        phone=spoken(number) if number else "",
        tel=number if number.startswith("+") else "",
        at=row.raised_at,
        lead=scene.lead(row.raised_at),
        when=scene.when(row.raised_at),
        age=_age(scene.now - row.raised_at),
        answer_by=answer_by(row, scene),
        late=row.answer_by <= scene.now,
        told=_told(row.escalations),
        owner=_owner(row, reader),
        is_mine=row.owner_id == reader.pk and row.taken_at is not None,
    )


def closed(row: Alert, scene: Scene) -> str:
    """How an alert was closed, in a sentence; empty while it is open."""
    if row.closed_at is None:
        return ""
    note = f" “{row.outcome_note}”" if row.outcome_note else ""
    return f"Closed {scene.when(row.closed_at)} by {row.closed_by}: {row.get_outcome_display()}.{note}"


def answer_by(row: Alert, scene: Scene) -> str:
    """`answer by 10:15 (in 12 min)`, `answer by 10:15 (late by 5 min)`; with its day where that is not today."""
    left = row.answer_by - scene.now
    by = scene.when(row.answer_by).removeprefix("today ")
    return f"answer by {by} ({'in' if left > timedelta() else 'late by'} {_long(abs(left))})"


def _heard(cause: Cause, scene: Scene) -> HeardRow:
    return HeardRow(
        when=scene.when(cause.heard_at),
        level=LEVELS[Level(cause.level)],
        words=cause.reply.text if cause.reply else "",
        source=_answers(cause.check_in) if cause.check_in else "",
    )


def _weightiest(causes: list[Cause]) -> int:
    """The latest of the most urgent class."""
    worst = min(list(Level.values).index(cause.level) for cause in causes)
    return max(n for n, cause in enumerate(causes) if list(Level.values).index(cause.level) == worst)


def _is_calmer(sign: str) -> bool:
    """What makes an emergency is read first."""
    return redflags.level([sign]) != redflags.EMERGENCY


def _told(times: int) -> str:
    """Beyond the mail that told of it at first."""
    if not times:
        return ""
    return "staff reminded once" if times == 1 else "staff reminded twice" if times == 2 else (
        f"staff reminded {times} times"
    )  # fmt: skip


def _answers(check_in: CheckIn) -> str:
    """What the patient answered so far: `check-in: pain 9 of 10, wound: yes`."""
    pain = [] if check_in.pain is None else [f"pain {check_in.pain} of 10"]
    asked = {"wound": check_in.wound, "legs": check_in.legs, "bladder or bowel": check_in.bladder}
    told = [f"{what}: {'yes' if value else 'no'}" for what, value in asked.items() if value is not None]
    return f"check-in: {', '.join(pain + told) or 'not answered'}"


def _patient(row: Alert) -> Patient | None:
    return row.surgery.patient if row.surgery else row.contact.patient if row.contact else None


def _author(row: Alert, patient: Patient | None) -> str:
    if patient is None:
        return "Unknown number"
    if row.contact and row.contact.relationship != Relationship.SELF:
        return f"{row.contact.name or 'A caregiver'} for {patient}"
    return str(patient)


def _number(row: Alert) -> str:
    """Who wrote it is whom to call; else the patient's own number before a caregiver's."""
    if row.reply and row.reply.from_address.startswith("+"):
        return row.reply.from_address
    if row.contact and row.contact.phone:
        return str(row.contact.phone)
    known: list[Contact] = getattr(row.surgery.patient, "phones", []) if row.surgery else []
    return known[0].address if known else ""


def _owner(row: Alert, reader: StaffMember) -> str:
    if row.owner is None:
        return f"nobody has taken it; for {row.owner_role}"
    name = "you" if row.owner_id == reader.pk else str(row.owner)
    return f"taken by {name}" if row.taken_at else f"handed to {name}, not taken yet"


def _age(age: timedelta) -> str:
    return f"{_long(age)} old" if age >= timedelta(minutes=1) else "just now"


def _long(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min" if minutes else "under 1 min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"
