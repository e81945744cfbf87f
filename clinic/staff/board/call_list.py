"""Whom reception calls: one row a patient, with the open messages of all their operations and what was promised."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from clinic.staff.board.context import BoardPerson, Scene
from clinic.staff.formats import Pill
from patients.models import Patient, Site, StaffMember, Surgery
from patients.models.patient import PatientStatus
from reminders.plan.models import CallAttempt, Reminder

OPERATIONS, UNREACHED, TRIED = "operations", "unreached", "tried"  # of a patient; of each of these what is open
CALL_BACK = "Call back, as promised"


def to_call(site: Site, staff: StaffMember, now: datetime) -> "QuerySet[Patient]":
    """By when to call back, else by the earliest deadline still to come; then the past ones."""
    messages = Reminder.objects.for_staff(staff).for_site(site).to_call()
    attempts = CallAttempt.objects.for_staff(staff).for_site(site)
    promised = attempts.promised(now)
    rows = Patient.objects.for_staff(staff).for_site(site).filter(
        Q(pk__in=messages.values("surgery__patient")) | Q(pk__in=promised.values("surgery__patient")),
        status=PatientStatus.ACTIVE,
    )  # fmt: skip
    of_patient = {"surgery__patient": OuterRef("pk")}
    deadlines = messages.filter(**of_patient).values("useful_until")
    ahead = deadlines.filter(useful_until__gt=now).order_by("useful_until")
    latest = attempts.still_open(now).filter(**of_patient).order_by("-pk").values("call_back_at")
    rows = rows.annotate(next=Subquery(ahead[:1]), latest=Subquery(deadlines.order_by("-useful_until")[:1]))
    rows = rows.annotate(turn=Coalesce(Subquery(latest[:1]), "next"))
    rows = rows.order_by(F("turn").asc(nulls_last=True), F("latest").desc(nulls_last=True), "pk")
    operations = Surgery.objects.order_by("date", "pk").prefetch_related(
        Prefetch("reminders", messages.select_related("step"), to_attr=UNREACHED),
        Prefetch("call_attempts", attempts.still_open(now).with_caller(), to_attr=TRIED),
    )
    return rows.select_related("site").prefetch_related(Prefetch("surgeries", operations, to_attr=OPERATIONS))


def operations_of(patients: Iterable[Patient]) -> list[Surgery]:
    """Of patients that `to_call` has found."""
    return [operation for patient in patients for operation in getattr(patient, OPERATIONS)]


def key_of(operations: Iterable[int]) -> str:
    """Names a patient's row by the first operation that was enrolled: it stays while messages come and go."""
    return f"call-{min(operations)}"


@dataclass(frozen=True, slots=True)
class CallRow:
    """One patient, however many messages did not find their way: the most urgent one, and the others in brief.

    `pk`: the operation at which a call is noted; it is about all of them. `pill`: None where only a call is promised.
    """

    key: str
    pk: int
    person: BoardPerson
    title: str
    pill: Pill | None
    why: str
    last: str
    more: int
    others: list[str]
    back: Pill | None  # when to call back
    tries: list[str]  # the attempts of this call, the latest first


def call(patient: Patient, scene: Scene) -> CallRow:
    """What is still useful comes first, by its deadline; then what is over, the latest first."""
    operations = {one.pk: one for one in operations_of([patient])}
    found = _in_order([row for one in operations.values() for row in getattr(one, UNREACHED)], scene.now)
    attempts = sorted((a for one in operations.values() for a in getattr(one, TRIED)), key=lambda a: a.pk)
    first, others = (found[0], found[1:]) if found else (None, [])
    spoken_of = operations[first.surgery_id] if first else _latest(list(operations.values()), scene)
    return CallRow(
        key=key_of(operations),
        pk=min(operations),
        person=BoardPerson.of(spoken_of, scene),
        title=_title(first, spoken_of) if first else CALL_BACK,
        pill=_deadline(first, scene) if first else None,
        why=" ".join(dict.fromkeys(r.why for r in found if r.why)),
        last=scene.last_of(operations),
        more=len(others),
        others=_titles(others, operations),
        back=_back(attempts[-1], scene) if attempts else None,
        tries=[_attempt(attempt, scene) for attempt in reversed(attempts)],
    )


def _in_order(messages: list[Reminder], now: datetime) -> list[Reminder]:
    ahead = sorted((r for r in messages if r.useful_until > now), key=lambda r: r.useful_until)
    return ahead + sorted((r for r in messages if r.useful_until <= now), key=lambda r: r.useful_until, reverse=True)


def _latest(operations: list[Surgery], scene: Scene) -> Surgery:
    """Where only a promise stands: the last operation that took place, else the next one."""
    standing = [one for one in operations if one.cancelled_at is None] or operations
    past = [one for one in standing if one.date <= scene.today]
    return past[-1] if past else standing[0]


def _back(attempt: CallAttempt, scene: Scene) -> Pill | None:
    at = attempt.call_back_at
    return Pill(f"call back {scene.when(at)}", "bad" if at <= scene.now else "warn") if at else None


def _attempt(attempt: CallAttempt, scene: Scene) -> str:
    """`today 10:05, no answer, Ida Hale: “her phone was off”`"""
    note = f": “{attempt.note}”" if attempt.note else ""
    return f"{scene.when(attempt.at)}, {attempt.get_outcome_display()}, {attempt.by}{note}"


def _title(reminder: Reminder, surgery: Surgery) -> str:
    """With the day on which it came."""
    return reminder.step.title_on(surgery.day_number(reminder.due_at.astimezone(surgery.patient.zone).date()))


def _deadline(reminder: Reminder, scene: Scene) -> Pill:
    until = scene.when(reminder.useful_until)
    return Pill(f"call by {until}", "bad") if reminder.useful_until > scene.now else Pill(f"was useful until {until}")


def _titles(reminders: list[Reminder], operations: dict[int, Surgery]) -> list[str]:
    """Each once, in the same order, with how often it comes."""
    times = Counter(_title(reminder, operations[reminder.surgery_id]) for reminder in reminders)
    return [title if number == 1 else f"{title} ({number} times)" for title, number in times.items()]
