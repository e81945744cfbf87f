"""The fatigue budget: who comes first, and what becomes of what is too much."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from reminders.plan.budget import BudgetRow, BudgetVerdict, Key, Rank, keep_within, rank
from reminders.plan.reasons import Reason
from reminders.plan.values import Anchor, Budget, Condition
from tests.plan.build import a_step

MONDAY = date(2026, 3, 2)
LEFT, VISIT, CHECK_IN, ORDERED, OUTCOME, REST = Rank


def on(day: int) -> date:
    return MONDAY + timedelta(days=day)


def row(name: str, day: int, rank_: Rank = REST, *, serves: int = 0, **facts: object) -> BudgetRow:
    values = {"channel": "sms", "kind": name, "order": 0} | facts
    later = tuple(on(day + ahead) for ahead in range(1, serves + 1))
    return BudgetRow(key=(name, 0), day=on(day), rank=rank_, later=later, **values)


def kept(*rows: BudgetRow, a_day: int = 1, a_week: int = 5) -> dict[str, object]:
    """What changed: the day it was moved to, or the reason why it is left out."""
    found = keep_within(Budget(a_day, a_week), rows)
    return {key[0]: v.reason or (v.day - MONDAY).days for key, v in found.items()}


FULL_WEEK = [row(f"visit {day}", day, VISIT) for day in range(5)]
CASES = {
    "what fits stays": ([row("a", 0), row("b", 1)], {}),
    "a visit comes before a check-in": ([row("a", 0, CHECK_IN), row("b", 0, VISIT)], {"a": "budget"}),
    "a check-in before an outcome": ([row("a", 0, OUTCOME), row("b", 0, CHECK_IN)], {"a": "budget"}),
    "an outcome before the rest": ([row("a", 0), row("b", 0, OUTCOME)], {"a": "budget"}),
    "then the protocol's order": ([row("a", 0, order=2), row("b", 0, order=1)], {"a": "budget"}),
    "visits keep their day, however many": ([row("a", 0, VISIT), row("b", 0, VISIT)], {}),
    "what left keeps its day and counts": ([row("a", 0, LEFT), row("b", 0, CHECK_IN, serves=1)], {"b": 1}),
    "a check-in is not lost to a full week": ([*FULL_WEEK, row("a", 5, CHECK_IN)], {}),
    "nor is what was ordered": ([*FULL_WEEK, row("a", 5, ORDERED)], {}),
    "an outcome is": ([*FULL_WEEK, row("a", 5, OUTCOME)], {"a": "budget"}),
    "moved to the next free day": ([row("a", 0, CHECK_IN), row("b", 0, serves=2)], {"b": 1}),
    "past a day that is taken": (
        [row("a", 0, CHECK_IN), row("c", 1, CHECK_IN), row("b", 0, serves=2)], {"b": 2},
    ),
    "never past the last day that serves it": (
        [row("a", 0, CHECK_IN), row("c", 1, CHECK_IN), row("b", 0, serves=1)], {"b": "budget"},
    ),
    "the same kind on one day is merged": (
        [row("a", 0, order=1, kind="x"), row("b", 0, order=2, kind="x", serves=5)], {"b": "merged"},
    ),
    "each channel has its own": ([row("a", 0), row("b", 0, channel="email")], {}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_too_much_is_merged_moved_or_left_out(case):
    rows, expected = CASES[case]

    assert kept(*rows) == expected


def test_a_week_is_any_seven_days():
    rows = [row(name, day) for day, name in enumerate("abcdefgh")]

    assert kept(*rows, a_week=5) == {"f": "budget", "g": "budget"}  # the eighth day begins with one week's first gone


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"warning": True, "kind": "avoid_heavy_lifting"}, VISIT),
        ({"about_a_visit": True, "kind": "recall"}, VISIT),
        ({"kind": "check_in"}, CHECK_IN),
        ({"kind": "start_pt", "condition": Condition.PT_ORDERED_EARLY}, ORDERED),
        ({"kind": "ask_about_pt", "condition": Condition.PT_NOT_DECLINED}, REST),
        ({"kind": "outcome_questions"}, OUTCOME),
        ({"kind": "maintenance"}, REST),
    ],
)
def test_the_rank_follows_from_what_the_step_is(facts, expected):
    assert rank(a_step(Anchor.SURGERY, 0, **facts)) == expected


placed = some.builds(
    lambda n, channel, day, serves, rank_, kind: row(
        kind, day, rank_, serves=serves, channel=channel, order=n, kind=kind
    ),
    some.integers(0, 1000), some.sampled_from(["sms", "email"]), some.integers(0, 20), some.integers(0, 9),
    some.sampled_from([VISIT, CHECK_IN, ORDERED, OUTCOME, REST]), some.sampled_from("abc"),
)  # fmt: skip
plans = some.lists(placed, max_size=40).map(lambda rows: [named(one, n) for n, one in enumerate(rows)])
budgets = some.tuples(some.integers(1, 3), some.integers(0, 5)).map(lambda pair: Budget(pair[0], pair[0] + pair[1]))


def named(one: BudgetRow, number: int) -> BudgetRow:
    return replace(one, key=(one.kind, number))


def going(rows: list[BudgetRow], found: dict[Key, BudgetVerdict]) -> list[tuple[BudgetRow, date]]:
    verdicts = [(one, found.get(one.key, BudgetVerdict(one.day))) for one in rows]
    return [(one, verdict.day) for one, verdict in verdicts if not verdict.reason]


@given(plans, budgets)
def test_whatever_the_plan_nothing_but_a_visit_or_a_warning_adds_to_a_full_day(rows, budget):
    goes = going(rows, keep_within(budget, rows))
    days = Counter((one.channel, day) for one, day in goes)

    assert all(days[one.channel, day] <= budget.a_day for one, day in goes if one.rank > VISIT)


@given(plans, budgets)
def test_whatever_the_plan_no_outcome_and_nothing_of_the_rest_adds_to_a_full_week(rows, budget):
    goes = going(rows, keep_within(budget, rows))
    days = Counter((one.channel, day) for one, day in goes)

    for one, day in goes:
        for first in range(-6, 1 if one.rank > ORDERED else -6):
            week = [days[one.channel, day + timedelta(days=first + ahead)] for ahead in range(7)]
            assert sum(week) <= budget.a_week


@given(plans, budgets, some.randoms())
def test_whatever_the_plan_the_order_of_the_rows_changes_nothing(rows, budget, chance):
    shuffled = list(rows)
    chance.shuffle(shuffled)

    assert keep_within(budget, shuffled) == keep_within(budget, rows)


@given(plans, budgets)
def test_whatever_the_plan_nothing_moves_back_or_too_far_and_nothing_is_silent(rows, budget):
    by_key = {one.key: one for one in rows}

    for key, verdict in keep_within(budget, rows).items():
        assert verdict.reason in (Reason.MERGED, Reason.BUDGET) or verdict.day in by_key[key].later


@given(plans, budgets)
def test_whatever_the_plan_visits_and_warnings_stay_as_they_are(rows, budget):
    first = {one.key for one in rows if one.rank == VISIT}

    assert not first & keep_within(budget, rows).keys()


@given(plans, budgets)
def test_whatever_the_plan_the_first_in_rank_do_not_feel_the_others(rows, budget):
    first = [one for one in rows if one.rank <= ORDERED]
    alone, among = keep_within(budget, first), keep_within(budget, rows)

    assert alone == {key: verdict for key, verdict in among.items() if key in {one.key for one in first}}


@given(plans, budgets, some.randoms())
def test_whatever_of_it_has_left_the_others_stay_where_they_are(rows, budget, chance):
    before = keep_within(budget, rows)
    left = {one.key: day for one, day in going(rows, before) if chance.random() < 0.4}
    later = [replace(one, day=left[one.key], rank=LEFT) if one.key in left else one for one in rows]

    assert keep_within(budget, later) == {key: v for key, v in before.items() if key not in left}
