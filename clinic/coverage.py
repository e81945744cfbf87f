"""Who should have had which message by now and did not, and why. Shared by the staff page, its CSV and the API."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, Max, Q, QuerySet, TextChoices, Value, When

from patients.models import Site
from patients.person_names import whole
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import ReminderQuerySet, ReminderStatus
from reminders.plan.reasons import SENTENCES, Reason

DECIDED = [
    Reason.VISIT_SETTLED, Reason.VISIT_MOVED, Reason.PT_NOT_ORDERED, Reason.PT_DECLINED, Reason.OTHER_JOB,
    Reason.NOT_IN_PLAN, Reason.SURGERY_CANCELLED, Reason.PLAN_ENDED, Reason.SAID_BY_LATER, Reason.PATIENT_INACTIVE,
    Reason.SKIPPED_BY_STAFF, Reason.LEFT_OUT, Reason.PLAN_HELD, Reason.PHASE_OVER, Reason.PT_LATER,
    Reason.MERGED, Reason.BUDGET, Reason.FURTHER_ON,
]  # fmt: skip


class MissKind(TextChoices):
    """How a due message is missing. `DIFFERENT`: changed on purpose by a decision, a hold, a fact or a limit."""

    FAILED = "failed", "did not arrive"
    UNKNOWN = "unknown", "not known whether it arrived"
    WAITING = "waiting", "due, not sent yet or on its way"
    PASSED = "passed", "its day had passed when the plan was made"
    DIFFERENT = "different", "changed on purpose"


MISSING = [MissKind.FAILED, MissKind.UNKNOWN, MissKind.WAITING, MissKind.PASSED]
KIND = Case(
    When(status__in=[ReminderStatus.PLANNED, ReminderStatus.IN_PROGRESS], then=Value(MissKind.WAITING.value)),
    When(status=ReminderStatus.UNCONFIRMED, then=Value(MissKind.UNKNOWN.value)),
    When(reason__in=DECIDED, then=Value(MissKind.DIFFERENT.value)),
    When(reason=Reason.PAST, then=Value(MissKind.PASSED.value)),
    default=Value(MissKind.FAILED.value),
)


def due_not_done(rows: ReminderQuerySet, now: datetime) -> ReminderQuerySet:
    """Reminders that are due and did not arrive, each with its `kind`."""
    due: ReminderQuerySet = rows.filter(due_at__lte=now).exclude(status=ReminderStatus.DONE)
    return due.annotate(kind=KIND)


def why(status: str, reason: str) -> str:
    """Why a message has not arrived, in words, also while it merely waits to be sent."""
    if sentence := SENTENCES[Reason(reason)]:
        return sentence
    return WORDLESS.get(status, "No reason was recorded.")


WORDLESS = {
    ReminderStatus.PLANNED.value: "It is due and is waiting to be sent.",
    ReminderStatus.IN_PROGRESS.value: "It is on its way; no delivery receipt yet.",
    ReminderStatus.UNCONFIRMED.value: "It could not be found out whether it arrived.",
}


@dataclass(frozen=True, slots=True)
class CoverageFilter:
    """What the coverage list is limited to; empty: all. `since`: due at that moment or later."""

    site: Site
    since: datetime
    protocol: str = ""
    step: str = ""
    kinds: tuple[str, ...] = tuple(MISSING)

    def rows(self, now: datetime) -> ReminderQuerySet:
        found = due_not_done(Reminder.objects.for_site(self.site).filter(due_at__gte=self.since), now)
        if self.protocol:
            found = found.filter(step__phase__version__protocol__code=self.protocol)
        if self.step:
            found = found.filter(step_code=self.step)
        return found

    def narrowed(self, now: datetime) -> ReminderQuerySet:
        found: ReminderQuerySet = self.rows(now).filter(Q(kind__in=self.kinds)).order_by("due_at", "pk")
        return found


@dataclass(frozen=True, slots=True)
class StepCount:
    step: str
    title: str
    messages: dict[str, int]

    @property
    def missing(self) -> int:
        return sum(self.messages.get(kind, 0) for kind in MISSING)

    @property
    def different(self) -> int:
        return self.messages.get(MissKind.DIFFERENT, 0)

    @property
    def by_kind(self) -> list[int]:
        return [self.messages.get(kind, 0) for kind in MissKind]


GROUPED = ["step_code", "kind"]


def per_step(rows: QuerySet[Reminder]) -> list[StepCount]:
    """The same counted per step in one query, most missing first."""
    counted: dict[str, StepCount] = {}
    found = rows.order_by().values(*GROUPED)
    for row in found.annotate(messages=Count("pk"), title=Max("step__title")):
        count = counted.setdefault(row["step_code"], StepCount(row["step_code"], row["title"], {}))
        count.messages[row["kind"]] = row["messages"]
    counts = list(counted.values())
    return sorted(counts, key=lambda count: (-count.missing, count.step))


FIELDS = [
    "pk", "surgery_id", "surgery__patient__number", "surgery__patient__given_name", "surgery__patient__family_name",
    "step__phase__version__protocol__name", "step_code", "step__title", "due_at", "kind", "status", "reason",
    "handled_at",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """One message of one person, plain values."""

    pk: int
    surgery: int
    number: str
    name: str
    protocol: str
    step: str
    title: str
    due_at: datetime
    kind: str
    why: str
    handled_at: datetime | None

    @property
    def kind_in_words(self) -> str:
        return str(MissKind(self.kind).label)


def lines(rows: ReminderQuerySet) -> Iterator[CoverageLine]:
    """Each line, by one query; read in chunks, so that a long list needs little memory."""
    found = rows.values_list(*FIELDS).iterator(1000)
    for pk, surgery, number, given, family, protocol, step, title, due, kind, status, reason, handled in found:
        said = why(status, reason)
        yield CoverageLine(pk, surgery, number, whole(given, family), protocol, step, title, due, kind, said, handled)
