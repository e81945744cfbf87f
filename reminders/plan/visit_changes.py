"""Keeps what times each visit has had, and reads which of them the patient may know."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from datetime import datetime

from patients.models import CheckUp
from patients.models.checkup import CheckUpState
from reminders.plan.bulk_update import rewrite
from reminders.plan.models import Reminder, Step, VisitTimeChange
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.values import Anchor, TimeChange, ToldTime, VisitFact
from reminders.plan.visit_keys import visit_of
from reminders.plan.visit_notices import NoticeKind, believed, is_notice, kind_of

KEEPS_ITS_TIME = {CheckUpState.BOOKED, CheckUpState.CONFIRMED, CheckUpState.ATTENDED, CheckUpState.MISSED}
NEVER_ARRIVED = {  # of what was started; what may have arrived is unconfirmed
    ReminderStatus.FAILED, ReminderStatus.EXPIRED, ReminderStatus.SUPPRESSED, ReminderStatus.CANCELLED,
}  # fmt: skip
NOT_SURE = {*NEVER_ARRIVED, ReminderStatus.UNCONFIRMED}
Told = tuple[str, int, int, str, Reminder]  # check-up, its occurrence, number of change or booking, notice, the row


def visit_facts(
    check_ups: Mapping[int, list[CheckUp]], rows: Mapping[int, list[Reminder]], free: Container[int], *, now: datetime
) -> dict[int, tuple[VisitFact, ...]]:
    """By surgery. Writes down each time that is another one than before. Call it with the plans locked.

    `free`: the reminders that certainly told nobody.
    """
    booked = [one for found in check_ups.values() for one in found if one.bookings or one.revision]
    changes = _noted(booked, now)
    told = _told(rows, free) if booked else {}
    facts: dict[int, tuple[VisitFact, ...]] = {}
    for surgery, found in check_ups.items():
        facts[surgery] = tuple(_fact(one, changes.get(one.pk, []), told.get(surgery, ())) for one in found)
    _keep_what_is_believed(check_ups, facts, changes)
    return facts


def _noted(booked: Iterable[CheckUp], now: datetime) -> dict[int, list[VisitTimeChange]]:
    """A first booking that was undone has no number any more, and still had a time that may have been told."""
    changes: dict[int, list[VisitTimeChange]] = defaultdict(list)
    by_key = {one.pk: one for one in booked}
    for change in VisitTimeChange.objects.filter(check_up__in=by_key) if by_key else ():
        changes[change.check_up_id].append(change)
    new = []
    for key, check_up in by_key.items():
        last = changes[key][-1] if changes[key] else None
        starts = check_up.booked_for if check_up.state in KEEPS_ITS_TIME else None
        if last.starts != starts if last else check_up.bookings:
            number = last.number + 1 if last else 1
            facts = {"starts": starts, "bookings": check_up.bookings, "offset": last.offset if last else 0}
            new.append(VisitTimeChange(check_up_id=key, number=number, at=now, **facts))
            changes[key].append(new[-1])
    VisitTimeChange.objects.bulk_create(new)
    return changes


def _told(rows: Mapping[int, list[Reminder]], free: Container[int]) -> dict[int, list[Told]]:
    """What messages about visits may have reached the patient, and what reception has told on the phone."""
    started = {key: [row for row in found if _may_be_known(row, free)] for key, found in rows.items()}
    steps = {row.step_id for found in started.values() for row in found}
    about = Step.objects.filter(pk__in=steps, anchor=Anchor.VISIT, offset_days__lte=0).select_related("check_up")
    codes = {step.pk: step.check_up.code for step in about if step.check_up} if steps else {}
    told: dict[int, list[Told]] = defaultdict(list)
    for key, found in started.items():
        for row in found:
            if code := codes.get(row.step_id):
                notice = kind_of(row.step_code) if is_notice(row.step_code) else ""
                told[key].append((code, *visit_of(row.occurrence), notice, row))
    return told


def _may_be_known(row: Reminder, free: Container[int]) -> bool:
    return row.pk not in free or row.handled_by_id is not None


def _fact(check_up: CheckUp, changes: list[VisitTimeChange], told: Iterable[Told]) -> VisitFact:
    mine = check_up.code, check_up.occurrence
    heard, lost = list[ToldTime](), list[int]()
    for code, occurrence, named, notice, row in told:
        number = _of_change(row, named, notice, changes) if (code, occurrence) == mine else None
        if number is None:
            continue
        if _is_lost(row, number, notice, changes):
            lost.append(number)
        else:
            heard.append(ToldTime(number, notice))
    return VisitFact(
        check_up.code,
        check_up.occurrence,
        check_up.state,
        check_up.booked_for,
        check_up.bookings,
        changes=tuple(TimeChange(one.number, one.at, one.starts) for one in changes),
        told=tuple(heard),
        unheard=any(_stands_again(number, changes) for number in lost),
    )


def _of_change(row: Reminder, number: int, notice: str, changes: list[VisitTimeChange]) -> int | None:
    """The change whose time it told. A notice names it; a reminder its booking, which may stand again after an undo."""
    if notice:
        return number
    of_booking = [one for one in changes if one.bookings == number and one.starts]
    before = [one for one in of_booking if one.number == 0 or one.at <= row.due_at]
    return (before or of_booking[:1])[-1].number if of_booking else None


def _is_lost(row: Reminder, number: int, notice: str, changes: list[VisitTimeChange]) -> bool:
    """What told an earlier change and never arrived, and nobody called: what was told before is still believed.

    Where its time stands again, what is not known to have arrived is lost too: the true time is told once more. Where
    it does not, the time of a confirmation or a reminder is taken back to be safe.
    """
    if row.handled_by_id or not changes or number == changes[-1].number:
        return False
    if _stands_again(number, changes):
        return row.status in NOT_SURE
    return row.status in NEVER_ARRIVED and notice in (NoticeKind.MOVED, NoticeKind.CANCELLED)


def _stands_again(number: int, changes: list[VisitTimeChange]) -> bool:
    return any(one.starts == changes[-1].starts for one in changes if one.number == number)


def _keep_what_is_believed(
    check_ups: Mapping[int, list[CheckUp]],
    facts: Mapping[int, tuple[VisitFact, ...]],
    changes: Mapping[int, list[VisitTimeChange]],
) -> None:
    """A text says the time it corrects as well: claiming reads it from the last change."""
    other = []
    for surgery, found in check_ups.items():
        for check_up, fact in zip(found, facts[surgery], strict=True):
            if not changes.get(check_up.pk):
                continue
            last, known = changes[check_up.pk][-1], believed(fact)
            was = known.starts if known else None
            if last.was != was:
                last.was = was
                other.append(last)
    rewrite(other, ["was"])
