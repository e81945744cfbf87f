"""The difference between the rows and what the plan wants. Writes nothing: the preview uses it as it is."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from patients.models import Surgery
from reminders.plan.further_on import is_further_on, last_ones
from reminders.plan.load_protocol import Edition
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import NEEDS_CALL, ReminderStatus
from reminders.plan.reasons import Reason
from reminders.plan.values import Anchor, Wanted
from reminders.plan.visit_notices import is_notice

Standing = tuple[ReminderStatus, Reason]
SETTLED = {ReminderStatus.SUPPRESSED, ReminderStatus.EXPIRED}
MISSED = {Reason.PAST, Reason.LATE, Reason.OVERTAKEN}  # its moment passed: only another moment changes that


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row as it will be, and how it was."""

    row: Reminder
    was_due_at: datetime
    was_status: str
    was_step_id: int | None = None

    @property
    def moves(self) -> bool:
        """Whether its time changes."""
        return self.row.due_at != self.was_due_at


@dataclass(slots=True)
class Changes:
    added: list[Reminder] = field(default_factory=list)
    changed: list[RowChange] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed)


def compare(
    surgery: Surgery,
    edition: Edition,
    wanted: Iterable[Wanted],
    rows: Iterable[Reminder],
    free: Container[int],
    *,
    now: datetime,
) -> Changes:
    """`rows`: all the surgery has; `free`: of these, what the plan may move. What was started is only recalled."""
    left = {(row.step_code, row.occurrence): row for row in rows}
    changes, wanted = Changes(), list(wanted)
    for want in wanted:
        row, step = left.pop((want.step, want.occurrence), None), edition.steps[want.said or want.step]
        if row is None:
            changes.added.append(_new(surgery, step, want, now=now))
        else:
            _note(changes, _bring_in_line(row, step, want, surgery, row.pk in free, now))
    visit_steps = {step.code for step in edition.spec.steps if step.anchor == Anchor.VISIT}
    last = last_ones(edition.spec, wanted)
    for row in left.values():
        about_a_time = row.step_code in visit_steps or is_notice(row.step_code)
        gone = Reason.FURTHER_ON if is_further_on(row.step_code, row.occurrence, last) else Reason.NOT_IN_PLAN
        why = Reason.VISIT_MOVED if about_a_time else gone
        _note(changes, _replaced_call(row, now) or _forget(row, why))
    return changes


def _note(changes: Changes, change: RowChange | None) -> None:
    if change is not None:
        changes.changed.append(change)


def is_past(want: Wanted, zone: ZoneInfo, now: datetime) -> bool:
    """A step of an earlier local day is past; one of today still goes while it is useful."""
    today = now.astimezone(zone).date()
    return want.due_at < now and (want.due_at.astimezone(zone).date() < today or want.useful_until <= now)


def _new(surgery: Surgery, step_id: int, want: Wanted, *, now: datetime) -> Reminder:
    status, reason = fresh(want, surgery, now)
    return Reminder(
        site_id=surgery.site_id,
        surgery=surgery,
        step_id=step_id,
        step_code=want.step,
        occurrence=want.occurrence,
        due_at=want.due_at,
        useful_until=want.useful_until,
        status=status,
        reason=reason,
        shifts=[*want.shifts],
        moved_from=want.moved_from,
    )


def fresh(want: Wanted, surgery: Surgery, now: datetime) -> Standing:
    """How a row begins."""
    calls = want.to_call and want.useful_until > now  # long past: laid out for the first time only now
    not_sent = ReminderStatus.EXPIRED if calls else ReminderStatus.SKIPPED
    if want.held:
        return not_sent, want.held
    if is_past(want, surgery.patient.zone, now):
        return not_sent, Reason.PAST
    return ReminderStatus.PLANNED, Reason.NONE


def _bring_in_line(
    row: Reminder, step_id: int, want: Wanted, surgery: Surgery, free: bool, now: datetime
) -> RowChange | None:
    if not free:
        return drop(row, want.held) if want.held else _recall(row, Reason.NONE)
    if _only_the_limit_moves(row, want, surgery.patient.zone) and _had_its_turn(row, want, surgery, now):
        return None
    standing = _standing(row, want, surgery, now)
    before = _picture(row)
    change = RowChange(row, row.due_at, row.status, row.step_id)
    row.step_id, row.due_at, row.useful_until = step_id, want.due_at, want.useful_until
    (row.status, row.reason), row.shifts, row.moved_from = standing, [*want.shifts], want.moved_from
    if row.status == ReminderStatus.PLANNED:  # dealt with once; what goes wrong from here on is news
        row.handled_at, row.handled_by, row.handled_note = None, None, ""
    return change if before != _picture(row) else None


def _picture(row: Reminder) -> tuple[object, ...]:
    return row.step_id, row.due_at, row.useful_until, row.status, row.reason, row.shifts, row.moved_from


def _standing(row: Reminder, want: Wanted, surgery: Surgery, now: datetime) -> Standing:
    """An overdue row stays planned, a settled one settled, unless its moment or its condition changed."""
    stays = ReminderStatus(row.status), Reason(row.reason)
    if row.reason == Reason.SKIPPED_BY_STAFF:
        return stays
    if row.due_at == want.due_at:
        if not want.held and (row.status == ReminderStatus.PLANNED or row.reason in MISSED):
            return stays
        if row.status in SETTLED and (row.reason != Reason.LEFT_OUT or row.handled_at):
            return stays
    return fresh(want, surgery, now)


def _only_the_limit_moves(row: Reminder, want: Wanted, zone: ZoneInfo) -> bool:
    """It has the day it had without the limit of messages, and only within it another one."""
    if row.due_at == want.due_at or not (row.moved_from or want.moved_from):
        return False
    own = row.moved_from or row.due_at.astimezone(zone).date()
    return own == (want.moved_from or want.due_at.astimezone(zone).date())


def _had_its_turn(row: Reminder, want: Wanted, surgery: Surgery, now: datetime) -> bool:
    """What ended stays with reception, and nothing is put back to a day that is over."""
    back = row.status == ReminderStatus.PLANNED and not want.held and is_past(want, surgery.patient.zone, now)
    return row.status in SETTLED or back


def _recall(row: Reminder, why: Reason) -> RowChange | None:
    """A reminder on its way keeps its status; the reason tells the next claim not to start another attempt."""
    if row.status != ReminderStatus.IN_PROGRESS or row.reason == why:
        return None
    row.reason = why
    return RowChange(row, row.due_at, row.status)


def _replaced_call(row: Reminder, now: datetime) -> RowChange | None:
    """Nobody calls about a visit's time that has changed again: the notice of the newer one stands in its place."""
    if not is_notice(row.step_code) or row.status not in NEEDS_CALL or row.handled_at:
        return None
    row.handled_at, row.handled_note = now, "The visit changed again."
    return RowChange(row, row.due_at, row.status)


def _forget(row: Reminder, why: Reason) -> RowChange | None:
    """An occurrence that has no place in this plan any more, whether it was to be sent or held."""
    if row.status == ReminderStatus.SKIPPED and row.reason != Reason.SKIPPED_BY_STAFF:
        change = RowChange(row, row.due_at, row.status)
        row.status, row.reason = ReminderStatus.CANCELLED, why
        return change
    return drop(row, why)


def drop(row: Reminder, why: Reason) -> RowChange | None:
    """End a row that the plan does not call for any more."""
    if row.status == ReminderStatus.PLANNED:
        change = RowChange(row, row.due_at, row.status)
        row.status, row.reason = ReminderStatus.CANCELLED, why
        return change
    return _recall(row, why)
