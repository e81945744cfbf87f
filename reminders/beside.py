"""The plans beside one that is not written yet: what the same patient, and whoever shares a phone, are told already.

For previews. Writes and locks nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from patients.models import CheckUp, Surgery
from patients.shared_contacts import Address, connected_patients
from reminders.further_operation import RunningPlan, gives_way, held_from
from reminders.plan.checkups import BOOKED
from reminders.plan.facts import KnownFacts, left_of
from reminders.plan.load_protocol import edition_of
from reminders.plan.models import CarePlan, Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.said_once import PlanDraft
from reminders.plan.schedule import drafted, ended
from reminders.plan.values import ChangeKind, Decision, Facts, Layout, Wanted
from reminders.plan.visit_notices import MARK

SHOWN = timedelta(days=42)  # so far ahead it is shown what a plan that goes on says beside the new one


@dataclass(frozen=True, slots=True)
class PlanBeside:
    """`becomes`: what was chosen for it; empty where it is no plan of this patient, or goes on as the later one."""

    surgery: Surgery
    draft: PlanDraft
    becomes: str = ""

    @property
    def is_over(self) -> bool:
        return not self.draft.rows


@dataclass(frozen=True, slots=True)
class RunningPlanOutcome:
    """What becomes of one plan of the same patient. `ends`: how many messages it would have sent and now does not;
    `says`: what it still says in the weeks that come; `booked`: visits that stand.
    """

    surgery: Surgery
    becomes: str
    ends: int
    says: list[tuple[Wanted, str]]
    booked: list[CheckUp]


def plans_beside(new: Surgery, addresses: Collection[Address], choice: str, *, now: datetime) -> list[PlanBeside]:
    """In the order in which they were enrolled. `new` may be unsaved; `addresses`: of the patient's own."""
    known_patient = {new.patient.pk} if new.patient.pk else set()
    patients = connected_patients(known_patient, addresses)
    found = Surgery.objects.filter(patient__in=patients).exclude(pk=new.pk).order_by("enrolled_at", "pk")
    related = ("patient__site", "site", "procedure", "followed_by")
    surgeries = list(found.select_related(*related)) if patients else []
    if not surgeries:
        return []
    facts = _facts(surgeries)
    own = [one for one in surgeries if one.patient_id == new.patient.pk and one.is_active]
    changed = {one.pk for one in gives_way(own, new) if one.pk}
    days = sorted({one.date for one in own} | {new.date})
    return [_beside(one, *facts[one.pk], choice if one.pk in changed else "", days, now) for one in surgeries]


def _facts(surgeries: Sequence[Surgery]) -> dict[int, tuple[CarePlan, Facts]]:
    plans = {plan.surgery_id: plan for plan in CarePlan.objects.select_related("version").filter(surgery__in=surgeries)}
    known = KnownFacts.about(surgeries)
    rows = list(Reminder.objects.filter(surgery__in=surgeries))
    free = set(Reminder.objects.filter(surgery__in=surgeries).changeable().values_list("pk", flat=True))
    found = {}
    for one in surgeries:
        plan = plans[one.pk]
        left = left_of(one, (row for row in rows if row.surgery_id == one.pk), free)
        found[one.pk] = plan, replace(known.facts(one, until=plan.laid_out_until), left=left)
    return found


def _beside(
    one: Surgery, plan: CarePlan, facts: Facts, becomes: str, days: Sequence[date], now: datetime
) -> PlanBeside:
    """`days`: of the patient's operations, the new one among them."""
    spec, today = edition_of(plan.version).spec, one.site.today(now)
    ends_on = ending(one.date, days) if becomes == RunningPlan.END else None
    if not one.is_active or one.patient.status != "active" or (ends_on and ends_on <= today):
        return PlanBeside(one, ended(spec, facts), becomes)
    facts = replace(facts, ends_on=ends_on or facts.ends_on)
    starts = held_from(one, one.site.today(now)) if becomes == RunningPlan.HOLD else None
    if starts is not None:
        facts = replace(facts, decisions=(*facts.decisions, Decision(ChangeKind.HOLD, starts)))
    return PlanBeside(one, drafted(spec, facts), becomes)


def outcome(one: PlanBeside, layout: Layout, *, now: datetime) -> RunningPlanOutcome:
    """`layout`: of that plan, beside the new one."""
    rows = Reminder.objects.filter(surgery=one.surgery, due_at__gt=now, due_at__lt=now + SHOWN)
    titles = dict(rows.values_list("step_code", "step__title"))
    sends = {(want.step, want.occurrence): want for want in layout.reminders if not want.held}
    own = Reminder.objects.filter(surgery=one.surgery, status=ReminderStatus.PLANNED)
    planned = own.exclude(step_code__contains=MARK).values_list("step_code", "occurrence")  # notices stay
    booked = CheckUp.objects.filter(surgery=one.surgery, state__in=BOOKED, booked_for__gt=now).order_by("booked_for")
    says = [
        (want, str(titles.get(want.step, want.step)))
        for want in layout.reminders
        if not want.held and now < want.due_at < now + SHOWN
    ]
    ends = sum(key not in sends for key in planned)
    return RunningPlanOutcome(one.surgery, one.becomes, ends, says, list(booked))


def ending(day0: date, days: Iterable[date]) -> date | None:
    """The day of the next operation after the one of `day0`, on which its plan ends."""
    return min((day for day in days if day > day0), default=None)
