"""The budget of messages on plans that share a person or an address: which days serve each, what is too much. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from reminders.plan.budget import BudgetRow, BudgetVerdict, Key, Rank, keep_within, rank
from reminders.plan.local_time import next_staffed
from reminders.plan.phase_calendar import Course
from reminders.plan.placement import Placed
from reminders.plan.said_once import BY_SURGEON, PlanDraft
from reminders.plan.shifts import Shift
from reminders.plan.values import Facts, channel_of

MOST_ROWS = 1_000_000  # of one plan


def within_budget(drafts: Sequence[PlanDraft]) -> list[Sequence[Placed]]:
    """The rows of each plan, which count together, each on its last day and hour.

    Rows lie in the protocol's order. Of two that are equal otherwise, the one of the plan given first has its day.
    """
    budgets = dict.fromkeys(draft.facts.budget for draft in drafts if draft.facts.budget)
    verdicts: dict[Key, BudgetVerdict] = {}
    for budget in budgets:  # plans of two sites may be laid out at one time; they share nobody
        theirs = [(at, draft) for at, draft in enumerate(drafts) if draft.facts.budget == budget]
        verdicts |= keep_within(budget, [row for at, draft in theirs for row in _counted(at, draft)])
    return [[_judged(one, verdicts.get((at, *one.key))) for one in draft.rows] for at, draft in enumerate(drafts)]


def _counted(at: int, draft: PlanDraft) -> Iterator[BudgetRow]:
    """What was to go before the enrolment was never sent."""
    facts = draft.facts
    yield from _left(at, draft)
    gone = {left.key for left in facts.left}
    for order, one in enumerate(draft.rows):
        if not one.held and one.key not in gone and one.day >= facts.enrolled_on:
            yield _row(at, order, one, draft)


def _left(at: int, draft: PlanDraft) -> Iterator[BudgetRow]:
    """Each counts on the day it was due. What this version does not have counts on every channel."""
    facts, steps = draft.facts, {step.code: step for step in draft.protocol.steps}
    for left in facts.left:
        step = steps.get(left.step)
        for channel in [channel_of(step, facts.channels)] if step else facts.channels:
            key, kind, to = (at, *left.key), step.kind if step else "", facts.boxes(channel)
            yield BudgetRow(key, channel, left.day, Rank.LEFT, kind=kind, to=to, person=facts.person)


def _row(at: int, order: int, one: Placed, draft: PlanDraft) -> BudgetRow:
    said, facts = one.said or one.step, draft.facts
    decided = one.said is not None or bool(BY_SURGEON & {*one.shifts})
    place = Rank.FIRST if decided else rank(one.step)
    later, channel = _later(one, facts, draft.course), channel_of(said, facts.channels)
    order += at * MOST_ROWS
    return BudgetRow(
        (at, *one.key), channel, one.day, place, later, said.kind, order, facts.boxes(channel), facts.person
    )


def _later(one: Placed, facts: Facts, course: Course) -> Iterator[date]:
    """As long as it is useful."""
    days = (one.day + timedelta(days=ahead) for ahead in range(1, one.step.useful_days + 1))
    return (day for day in days if _serves(day, one, facts, course))


def _serves(day: date, one: Placed, facts: Facts, course: Course) -> bool:
    """Never into a hold, nor past the plan's end; and where somebody must answer the phone, on an open day."""
    stands = one.number is not None and not course.of(one.nature).runs_on(day)
    if stands or (facts.ends_on is not None and day >= facts.ends_on):
        return False
    if not one.step.staffed_days_only:
        return True
    return next_staffed(day, weekdays=facts.staffed_weekdays, closed=facts.closed_days) == day


def _judged(one: Placed, verdict: BudgetVerdict | None) -> Placed:
    if verdict is None:
        return one
    if verdict.reason:
        return replace(one, held=verdict.reason)
    return replace(one, day=verdict.day, moved_from=one.day, shifts=(*one.shifts, Shift.BUDGET))
