"""The budget of messages on one plan: which days serve each message, and what becomes of what is too much. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from reminders.plan.budget import BudgetRow, BudgetVerdict, Key, Rank, keep_within, rank
from reminders.plan.local_time import next_staffed
from reminders.plan.phase_calendar import Course
from reminders.plan.placement import Placed
from reminders.plan.values import Facts, ProtocolSpec, Shift, channel_of

BY_SURGEON = {Shift.DELAY, Shift.PT, Shift.ADDED}


def within_budget(rows: Sequence[Placed], protocol: ProtocolSpec, facts: Facts, course: Course) -> list[Placed]:
    """`rows` in the protocol's order, each on its last day and hour."""
    if facts.budget is None:
        return list(rows)
    gone = {left.key for left in facts.left}
    counted = [
        _row(order, one, facts, course)
        for order, one in enumerate(rows)
        if not one.held and one.key not in gone and one.day >= facts.enrolled_on  # what was before was never sent
    ]
    verdicts = keep_within(facts.budget, [*_left(protocol, facts), *counted])
    return [_judged(one, verdicts) for one in rows]


def _left(protocol: ProtocolSpec, facts: Facts) -> Iterator[BudgetRow]:
    """Each counts on the day it was due. What this version does not have counts on every channel."""
    steps = {step.code: step for step in protocol.steps}
    for left in facts.left:
        step = steps.get(left.step)
        for channel in [channel_of(step, facts.channels)] if step else facts.channels:
            yield BudgetRow(left.key, channel, left.day, Rank.LEFT, kind=step.kind if step else "")


def _row(order: int, one: Placed, facts: Facts, course: Course) -> BudgetRow:
    said = one.said or one.step
    decided = one.said is not None or bool(BY_SURGEON & {*one.shifts})
    place = Rank.FIRST if decided else rank(one.step)
    later = _later(one, facts, course)
    return BudgetRow(one.key, channel_of(said, facts.channels), one.day, place, later, said.kind, order)


def _later(one: Placed, facts: Facts, course: Course) -> Iterator[date]:
    """As long as it is useful."""
    days = (one.day + timedelta(days=ahead) for ahead in range(1, one.step.useful_days + 1))
    return (day for day in days if _serves(day, one, facts, course))


def _serves(day: date, one: Placed, facts: Facts, course: Course) -> bool:
    """Never into a hold; and where somebody must answer the phone, on a day the clinic is open."""
    if one.number is not None and not course.of(one.nature).runs_on(day):
        return False
    if not one.step.staffed_days_only:
        return True
    return next_staffed(day, weekdays=facts.staffed_weekdays, closed=facts.closed_days) == day


def _judged(one: Placed, verdicts: dict[Key, BudgetVerdict]) -> Placed:
    verdict = verdicts.get(one.key)
    if verdict is None:
        return one
    if verdict.reason:
        return replace(one, held=verdict.reason)
    return replace(one, day=verdict.day, moved_from=one.day, shifts=(*one.shifts, Shift.BUDGET))
