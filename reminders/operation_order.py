"""Which operation of a patient follows which, after days moved or two numbers were merged, and which plan goes on.

Staff say what becomes of a plan beside that of a later operation at any time, not only while they enrol: they end it,
hold it or keep both, and take an end back. docs/adr/0043-the-order-of-operations.md.
"""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F

from patients import actions as care
from patients import audit
from patients.models import Patient, StaffMember, Surgery
from patients.models.surgery import CANCELLED, ENDED
from reminders import further_operation
from reminders.further_operation import COLUMNS, RunningPlan
from reminders.plan import planning
from reminders.plan.checkups import call_again
from reminders.plan.models import CarePlan, PlanChange
from reminders.plan.row_diff import Changes
from reminders.plan.values import ChangeKind

NO_LATER = "No later operation of this patient follows this one. Choose at the earlier operation."
HELD = "This plan is held. Release it, and both plans go on."
SAME_DAY = "Another operation of that day has a plan that runs already."
STALE = "Somebody changed this plan after you opened it. Look at it again, then decide. Nothing was saved."


def set_order(patient: Patient, *, by: StaffMember, now: datetime, because: str) -> list[int]:
    """Each operation names the next one. What had ended for another goes on where that now comes before it, or lies
    ahead: until its day. The keys of the operations that changed. Call it with the patient's plans locked.
    """
    operations = list(_of(patient))
    resumed, changed = [], []
    for one in operations:
        before = one.followed_by_id, one.ended_at, one.ends_with_next
        one.followed_by = next((other for other in operations if other.date > one.date), None)
        if one.ended_at and _goes_on(one, operations, now):
            one.ended_at, one.ends_with_next = None, one.followed_by is not None
            resumed.append(one.pk)
            audit.record("plan goes on", of=one, by=by, now=now, because=because)
        one.ends_with_next = one.ends_with_next and one.followed_by is not None
        if before != (one.followed_by_id, one.ended_at, one.ends_with_next):
            one.save(update_fields=COLUMNS)
            changed.append(one.pk)
    call_again(resumed)
    return changed


def _of(patient: Patient) -> Collection[Surgery]:
    rows = Surgery.objects.filter(patient=patient, cancelled_at=None).order_by("date", "pk")
    return rows.select_related("site", "procedure", "followed_by__procedure")


def _goes_on(one: Surgery, operations: Collection[Surgery], now: datetime) -> bool:
    following = one.followed_by
    is_ahead = following is None or following.date > one.site.today(now)
    return is_ahead and not any(other.is_active and other.date == one.date for other in operations)


@transaction.atomic
def choose(surgery: Surgery, choice: str, *, by: StaffMember, now: datetime, revision: int | None = None) -> Changes:
    """End, hold or keep a plan that a later operation follows; `hold` and `keep` take an end back.

    Surgeons and managers. `revision`: the plan's, as whoever chooses has seen it. Raises ValidationError.
    """
    if not by.decides_at(surgery.site):
        raise PermissionDenied(f"Only a surgeon or a manager of {surgery.site} can change a plan. Ask one of them.")
    care.lock_patient(surgery.patient)  # before the plans, as whoever enrols does
    planning.lock([surgery.pk])
    operations = {one.pk: one for one in _of(surgery.patient)}
    one = operations.get(surgery.pk)
    _refuse(one, choice, operations.values(), revision)
    assert one is not None  # noqa: S101
    was_ended = one.state == ENDED
    if choice == RunningPlan.END:
        if was_ended:
            return Changes()
        further_operation.end(one, by=by, now=now)
    else:
        one.ended_at, one.ends_with_next = None, False
        _keep(one, choice, by=by, now=now)
    one.save(update_fields=COLUMNS)
    CarePlan.objects.filter(surgery=one).update(revision=F("revision") + 1)
    if was_ended:
        call_again([one.pk])
    return planning.sync(one, now=now)


def _refuse(one: Surgery | None, choice: str, operations: Collection[Surgery], revision: int | None) -> None:
    """Sets which operation follows, where that is not said yet."""
    if choice not in RunningPlan.values:
        raise ValidationError({"running_plan": f"Choose one of: {', '.join(RunningPlan.values)}."})
    if one is None or one.state == CANCELLED:
        raise ValidationError("This operation was cancelled. It has no plan that could end or go on.")
    if revision is not None and revision != one.care_plan.revision:
        raise ValidationError(STALE)
    later = [other for other in operations if other.date > one.date]
    one.followed_by = later[0] if later else None
    if not any(other.is_active for other in later):
        raise ValidationError(NO_LATER)
    if choice == RunningPlan.KEEP and one.is_active and is_held(one):
        raise ValidationError(HELD)
    if one.state == ENDED and any(other.is_active and other.date == one.date for other in operations):
        raise ValidationError(SAME_DAY)


def is_held(one: Surgery) -> bool:
    """Until a person releases it."""
    return PlanChange.objects.filter(surgery=one, kind=ChangeKind.HOLD, ends=None).in_force().exists()


def _keep(one: Surgery, choice: str, *, by: StaffMember, now: datetime) -> None:
    if choice == RunningPlan.HOLD:
        further_operation.hold(one, by=by, now=now)
    else:
        audit.record("plan kept beside another", of=one, by=by, now=now, followed_by=f"{one.followed_by}")


def can_choose(surgery: Surgery) -> bool:
    """Whether another operation of the patient, whose plan runs, is later than this one."""
    if surgery.state == CANCELLED:
        return False
    return Surgery.objects.active().filter(patient=surgery.patient_id, date__gt=surgery.date).exists()
