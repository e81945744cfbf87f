"""The fatigue budget: who comes first, and what becomes of what is too much."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from reminders.plan.budget import Budget, Placed, Verdict, keep_within, rank
from reminders.plan.reasons import Reason
from reminders.plan.values import Anchor
from tests.plan.build import a_step

MONDAY = date(2026, 3, 2)
VISIT, QUESTION, REST = 0, 1, 2


def on(day: int) -> date:
    return MONDAY + timedelta(days=day)


def row(name: str, day: int, rank_: int = REST, *, serves: int = 0, **facts: object) -> Placed:
    values = {"channel": "sms", "kind": name, "order": 0} | facts
    return Placed(key=(name, 0), day=on(day), last=on(day + serves), rank=rank_, **values)


def kept(*rows: Placed, a_day: int = 1, a_week: int = 5) -> dict[str, object]:
    """What changed: the day it was moved to, or the reason why it is left out."""
    found = keep_within(Budget(a_day, a_week), rows)
    return {key[0]: v.reason or (v.day - MONDAY).days for key, v in found.items()}


CASES = {
    "what fits stays": ([row("a", 0), row("b", 1)], {}),
    "a visit comes before a question": ([row("a", 0, QUESTION), row("b", 0, VISIT)], {"a": "budget"}),
    "a question before the rest": ([row("a", 0), row("b", 0, QUESTION)], {"a": "budget"}),
    "then the protocol's order": ([row("a", 0, order=2), row("b", 0, order=1)], {"a": "budget"}),
    "moved to the next free day": ([row("a", 0, QUESTION), row("b", 0, serves=2)], {"b": 1}),
    "past a day that is taken": (
        [row("a", 0, QUESTION), row("c", 1, QUESTION), row("b", 0, serves=2)], {"b": 2},
    ),
    "never past the last day that serves it": (
        [row("a", 0, QUESTION), row("c", 1, QUESTION), row("b", 0, serves=1)], {"b": "budget"},
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
        ({"kind": "check_in"}, QUESTION),
        ({"kind": "outcome_questions"}, QUESTION),
        ({"kind": "maintenance"}, REST),
    ],
)
def test_the_rank_follows_from_what_the_step_is(facts, expected):
    assert rank(a_step(Anchor.SURGERY, 0, **facts)) == expected


placed = some.builds(
    lambda n, channel, day, serves, rank_, kind: Placed((kind, n), channel, on(day), on(day + serves), rank_, kind, n),
    some.integers(0, 1000), some.sampled_from(["sms", "email"]), some.integers(0, 20), some.integers(0, 9),
    some.integers(0, 2), some.sampled_from("abc"),
)  # fmt: skip
plans = some.lists(placed, max_size=40, unique_by=lambda one: one.key)
budgets = some.tuples(some.integers(1, 3), some.integers(0, 5)).map(lambda pair: Budget(pair[0], pair[0] + pair[1]))


def going(rows: list[Placed], found: dict[tuple[str, int], Verdict]) -> list[tuple[Placed, date]]:
    verdicts = [(one, found.get(one.key, Verdict(one.day))) for one in rows]
    return [(one, verdict.day) for one, verdict in verdicts if not verdict.reason]


@given(plans, budgets)
def test_whatever_the_plan_no_day_and_no_week_has_more_than_the_budget(rows, budget):
    days = Counter((one.channel, day) for one, day in going(rows, keep_within(budget, rows)))

    assert max(days.values(), default=0) <= budget.a_day
    for channel, first in days:
        assert sum(days[channel, first + timedelta(days=ahead)] for ahead in range(7)) <= budget.a_week


@given(plans, budgets, some.randoms())
def test_whatever_the_plan_the_order_of_the_rows_changes_nothing(rows, budget, chance):
    shuffled = list(rows)
    chance.shuffle(shuffled)

    assert keep_within(budget, shuffled) == keep_within(budget, rows)


@given(plans, budgets)
def test_whatever_the_plan_nothing_moves_back_or_too_far_and_nothing_is_silent(rows, budget):
    by_key = {one.key: one for one in rows}

    for key, verdict in keep_within(budget, rows).items():
        assert verdict.reason in (Reason.MERGED, Reason.BUDGET) or by_key[key].day < verdict.day <= by_key[key].last


@given(plans, budgets)
def test_whatever_the_plan_the_first_in_rank_do_not_feel_the_others(rows, budget):
    first = [one for one in rows if one.rank == VISIT]
    alone, among = keep_within(budget, first), keep_within(budget, rows)

    assert alone == {key: verdict for key, verdict in among.items() if key in {one.key for one in first}}
