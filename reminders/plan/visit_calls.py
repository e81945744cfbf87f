"""An operation was cancelled: its announced visits do not take place, and reception says so on the phone."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from patients.models import CheckUp, Surgery
from reminders.plan import notice_steps
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from reminders.plan.row_diff import Changes
from reminders.plan.visit_changes import visit_facts
from reminders.plan.visit_notices import NoticeKind, VisitNotice, is_notice, notice_of


def cancelled_calls(
    surgeries: Collection[Surgery], rows: Mapping[int, list[Reminder]], *, now: datetime
) -> dict[int, list[Reminder]]:
    """New rows for the call list, by surgery; none for a patient who has died or moved.

    Call it with the plans locked and their visits cancelled.
    """
    in_care = {one.pk: one for one in surgeries if one.patient.status == "active"}
    if not in_care:
        return {}
    owed = _owed(in_care, rows, now)
    codes: dict[int, set[str]] = defaultdict(set)
    for key, found in owed.items():
        codes[in_care[key].site_id].update(one.step for one in found)
    steps = notice_steps.steps_for(codes)
    return {key: [_call(in_care[key], one, steps, now) for one in found] for key, found in owed.items()}


def called_instead(changes: Changes) -> tuple[str, ...]:
    """A sentence for a preview in which a correction is left out."""
    rows = [change.row for change in changes.changed if is_notice(change.row.step_code)]
    if any((row.status, row.reason) == (ReminderStatus.EXPIRED, Reason.LEFT_OUT) for row in rows):
        return ("The patient was told another time: instead of this message, reception is asked to call.",)
    return ()


def _owed(
    surgeries: Mapping[int, Surgery], rows: Mapping[int, list[Reminder]], now: datetime
) -> dict[int, list[VisitNotice]]:
    check_ups: dict[int, list[CheckUp]] = defaultdict(list)
    for check_up in CheckUp.objects.filter(surgery__in=surgeries):
        check_ups[check_up.surgery_id].append(check_up)
    free = set(Reminder.objects.filter(surgery__in=surgeries).changeable().values_list("pk", flat=True))
    owed: dict[int, list[VisitNotice]] = {}
    for key, facts in visit_facts(check_ups, rows, free, now=now).items():
        known = {(row.step_code, row.occurrence) for row in rows.get(key, ())}
        found = [notice for visit in facts if (notice := notice_of(visit)) is not None]
        found = [one for one in found if one.kind == NoticeKind.CANCELLED and one.was and one.was > now]
        owed[key] = [one for one in found if (one.step, one.key) not in known]
    return owed


def _call(surgery: Surgery, notice: VisitNotice, steps: notice_steps.Keys, now: datetime) -> Reminder:
    return Reminder(
        site_id=surgery.site_id,
        surgery=surgery,
        step_id=steps[surgery.site_id][notice.step],
        step_code=notice.step,
        occurrence=notice.key,
        due_at=now,
        useful_until=notice.was or now,
        status=ReminderStatus.SUPPRESSED,
        reason=Reason.SURGERY_CANCELLED,
    )
