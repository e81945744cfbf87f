"""When physical therapy is ordered for a day of its own, the words about starting it follow. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from reminders.plan.phase_calendar import Course
from reminders.plan.placement import Placed
from reminders.plan.reasons import Reason
from reminders.plan.shifts import Shift
from reminders.plan.values import ChangeKind, Decision

STARTS = "start_pt"


@dataclass(frozen=True, slots=True)
class TherapyDay:
    """The day that was ordered, and the day on which it begins; None: not before the hold is released."""

    ordered: date
    begins: date | None


def ordered(placed: Iterable[Placed], decisions: Iterable[Decision], course: Course) -> list[Placed]:
    """The first word about starting comes on the ordered day; those that lay before it are left out.

    What is not said anyway, because its condition does not hold or it was left out, is not counted.
    """
    rows = list(placed)
    day = _ordered_for(list(decisions), course)
    if day is None:
        return rows
    words = sorted((one for one in rows if _starts_pt(one)), key=lambda one: (one.day, one.step.code))
    chosen = _first(words, day)
    return [_moved(one, chosen, day) if _starts_pt(one) else one for one in rows]


def therapy_day(decisions: Iterable[Decision], course: Course) -> TherapyDay | None:
    """What became of the last order, where that was for a day of its own."""
    known = list(decisions)
    last = next((one for one in reversed(known) if one.kind == ChangeKind.ORDER_PT), None)
    day = _ordered_for(known, course)
    if last is None or day is None or course.begins(last.phase):
        return None
    return TherapyDay(last.starts, None if course.is_standing(day) else day)


def _ordered_for(decisions: list[Decision], course: Course) -> date | None:
    """The last order counts: a phase's first day, or a day of the calendar that later holds put off.

    A day on which the clock stands is no day to begin: it is the next one on which the clock runs.
    """
    at = max((n for n, one in enumerate(decisions) if one.kind == ChangeKind.ORDER_PT), default=None)
    if at is None:
        return None
    if begins := course.begins(decisions[at].phase):
        return begins
    day = decisions[at].starts
    for hold in decisions[at + 1 :]:
        if hold.kind == ChangeKind.HOLD and hold.ends and day >= hold.starts:
            day += hold.ends - hold.starts
    return course.next_running(day)


def _starts_pt(one: Placed) -> bool:
    return one.step.kind == STARTS and not one.held


def _first(words: list[Placed], day: date) -> Placed | None:
    """The next one that lies on that day or later, else the last one before it."""
    return next((one for one in words if one.day >= day), words[-1] if words else None)


def _moved(one: Placed, chosen: Placed | None, day: date) -> Placed:
    if one is chosen:
        return one if one.day == day else replace(one, day=day, shifts=(*one.shifts, Shift.PT))
    return replace(one, held=Reason.PT_LATER) if one.day < day else one
