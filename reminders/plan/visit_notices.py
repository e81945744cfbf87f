"""Which word a patient is owed about the time of a visit: booked, moved, or not taking place. Pure.

A visit's times are numbered changes. What a patient may have been told is compared with the last one; the word about
it waits until the visit has settled, so a time that was moved and put back at once needs none.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from reminders.plan.local_time import next_opening
from reminders.plan.reasons import Reason
from reminders.plan.values import Anchor, ChangeKind, Decision, Facts, StepSpec, TimeChange, VisitFact, Wanted
from reminders.plan.visit_keys import key_of

SETTLE = timedelta(minutes=3)  # after the last change: reception often corrects itself
NEAR = timedelta(days=1)  # a reminder of the same time so soon after the notice would only repeat it
MARK = ":"  # no step of a protocol has it in its code: theirs are slugs
CHANNELS = ("sms", "email")


class NoticeKind(StrEnum):
    BOOKED = "visit-booked"
    MOVED = "visit-moved"
    CANCELLED = "visit-cancelled"


@dataclass(frozen=True, slots=True)
class VisitNotice:
    """`number`: of the change it tells; `was`: the time the patient knows of, if it is another one.

    `again`: the same time was told before, and is not known to have arrived. `corrects`: what the patient may have been
    told is wrong now.
    """

    kind: NoticeKind
    code: str
    occurrence: int
    change: TimeChange
    was: datetime | None
    again: bool = False
    corrects: bool = False

    @property
    def step(self) -> str:
        return step_code(self.kind, self.code)

    @property
    def key(self) -> int:
        """Its occurrence number."""
        return key_of(self.occurrence, self.change.number)


def step_code(kind: NoticeKind, check_up: str) -> str:
    return f"{kind}{MARK}{check_up}"


def is_notice(step: str) -> bool:
    """Whether a step with this code is the product's own word about a visit's time."""
    return MARK in step


def kind_of(step: str) -> NoticeKind:
    return NoticeKind(step.partition(MARK)[0])


def believed(visit: VisitFact) -> TimeChange | None:
    """The time the patient may have been told last, before the one that stands now; None: none."""
    if not visit.changes:
        return None
    told = {one.number for one in visit.told}
    earlier = [one for one in visit.changes[:-1] if one.number in told]
    return earlier[-1] if earlier else None


def notice_of(visit: VisitFact) -> VisitNotice | None:
    """What the patient is to be told of the change that stands now, sent or not."""
    if not visit.changes or visit.changes[-1].number == 0:
        return None
    change, known = visit.changes[-1], believed(visit)
    was = known.starts if known else None
    said = [one.notice for one in visit.told if one.number == change.number]
    kind = _said(said) if said else _owed(change, was)
    if kind is None:
        return None
    corrects = known is not None and (was is None or was > change.at) and was != change.starts
    return VisitNotice(kind, visit.code, visit.occurrence, change, was, visit.unheard, corrects)


def _said(notices: list[str]) -> NoticeKind | None:
    """What has left stays as it was said; where a visit reminder told it, no notice is owed."""
    return next((NoticeKind(one) for one in notices if one), None)


def _owed(change: TimeChange, was: datetime | None) -> NoticeKind | None:
    stands = was is not None and was > change.at  # a time that has passed needs no correction
    if change.starts is None:
        return NoticeKind.CANCELLED if stands else None
    if change.starts == was:
        return None
    return NoticeKind.MOVED if stands else NoticeKind.BOOKED


def notices(facts: Facts) -> Iterator[Wanted]:
    """In the hours in which messages leave, whatever the plan's own limits. A confirmation needs somebody to get it."""
    for visit in facts.visits:
        if (notice := notice_of(visit)) and (wanted := _wanted(notice, facts)):
            yield wanted


def _wanted(notice: VisitNotice, facts: Facts) -> Wanted | None:
    """Left out by a surgeon, what corrects a time becomes a call: nobody is left with a wrong one."""
    wanted = _laid_out(notice, facts)
    if wanted is None or wanted.held or not any(_leaves_out(one, notice) for one in facts.decisions):
        return wanted
    return replace(wanted, held=Reason.LEFT_OUT, to_call=notice.corrects)


def _leaves_out(decision: Decision, notice: VisitNotice) -> bool:
    about = decision.check_up, decision.to, decision.occurrence
    return decision.kind == ChangeKind.SKIP and about == (notice.code, notice.kind, notice.key)


def _laid_out(notice: VisitNotice, facts: Facts) -> Wanted | None:
    settled, end = notice.change.at + SETTLE, _end(notice)
    due_at = _due_at(notice, facts)
    channel = next((channel for channel in CHANNELS if channel in facts.channels), "")
    if notice.kind == NoticeKind.BOOKED:
        if not channel or due_at >= end:
            return None
        return Wanted(notice.step, notice.key, due_at, end, channel=channel, to_call=notice.again)
    if due_at < end:
        return Wanted(notice.step, notice.key, due_at, end, channel=channel, to_call=True)
    until = max(end, settled + timedelta(hours=1))  # it cannot arrive in time: reception calls
    return Wanted(notice.step, notice.key, settled, until, held=Reason.EXPIRED, channel=channel, to_call=True)


def _due_at(notice: VisitNotice, facts: Facts) -> datetime:
    return next_opening(notice.change.at + SETTLE, opens=facts.opens, closes=facts.closes, zone=facts.zone)


def _end(notice: VisitNotice) -> datetime:
    """The visit as the patient knows it, or as it is now, whichever comes first."""
    times = [notice.change.starts] if notice.kind == NoticeKind.BOOKED else [notice.was, notice.change.starts]
    return min(at for at in times if at is not None)


def repeats_a_notice(
    step: StepSpec, visit: VisitFact | None, due_at: datetime, useful_until: datetime, facts: Facts
) -> bool:
    """A reminder that would leave before the notice of the visit's time does, or within a day after it.

    Booked for tomorrow after today's hour of reminders, it would leave at once, and the notice three minutes later.
    """
    if visit is None or step.anchor != Anchor.VISIT or step.offset_days > 0:
        return False
    notice = notice_of(visit)
    if notice is None or notice.change.starts is None or useful_until <= notice.change.at:
        return False  # what had passed by then would not have left either
    wanted = _wanted(notice, facts)
    return wanted is not None and not wanted.held and due_at < wanted.due_at + NEAR
