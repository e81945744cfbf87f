"""What a surgeon adds to one plan: words of the protocol, on days of their own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reminders.plan.reasons import Reason
from reminders.plan.schedule import lay_out
from reminders.plan.shifts import Shift
from reminders.plan.values import Anchor, ChangeKind, Decision, Nature, Wanted
from tests.plan.build import DAY0, FACTS, a_protocol, a_step, local_days

ASKS = a_step(day=3, code="asks", kind="check_in")


def on(day: int):
    return DAY0 + timedelta(days=day)


def added(day: int, every: int = 0, last: int | None = None, step: str = "asks") -> Decision:
    return Decision(ChangeKind.ADD, on(day), None if last is None else on(last), step=step, days=every)


def plan(*decisions: Decision, steps=(ASKS,)) -> list[Wanted]:
    return lay_out(a_protocol(*steps), replace(FACTS, decisions=decisions)).reminders


@pytest.mark.parametrize(
    ("decision", "days"),
    [
        (added(5), [3, 5]),
        (added(5, 4, 17), [3, 5, 9, 13, 17]),  # the last day too
        (added(5, 4, 16), [3, 5, 9, 13]),
        (added(1, 2, 5), [1, 3, 5]),  # on day 3 it asks anyway
    ],
)
def test_it_is_said_on_those_days_as_well(decision: Decision, days: list[int]) -> None:
    assert local_days(plan(decision)) == days


def test_each_keeps_its_number_whatever_else_is_decided() -> None:
    before = {(one.step, one.occurrence) for one in plan(added(5, 4, 17))}
    moved = replace(FACTS, day0=on(-1), decisions=(added(5, 4, 17),))

    assert {(one.step, one.occurrence) for one in lay_out(a_protocol(ASKS), moved).reminders} == before


def test_added_twice_it_is_said_once() -> None:
    assert local_days(plan(added(5, 4, 17), added(9, 4, 21))) == [3, 5, 9, 13, 17, 21]


def test_what_falls_into_a_hold_is_left_out_and_says_so() -> None:
    hold = Decision(ChangeKind.HOLD, on(8), on(12))
    left_out = [one for one in plan(added(5, 4, 17), hold) if one.held]

    assert [(local_days([one]), one.held) for one in left_out] == [([9], Reason.PLAN_HELD)]


def test_an_added_check_in_goes_on_while_the_plan_is_held() -> None:
    hold = Decision(ChangeKind.HOLD, on(8), on(12))
    safe = replace(ASKS, nature=Nature.SAFETY)
    rows = lay_out(a_protocol(safe), replace(FACTS, decisions=(added(5, 4, 17), hold))).reminders

    assert not [one for one in rows if one.held]


def test_skipped_it_is_left_out_like_the_protocols_own() -> None:
    skip = Decision(ChangeKind.SKIP, on(0), step="asks")

    assert {one.held for one in plan(added(5), skip)} == {Reason.LEFT_OUT}


def test_the_record_can_say_that_it_was_added() -> None:
    [own, more] = plan(added(5))

    assert (own.shifts, more.shifts) == ((), (Shift.ADDED,))


def test_a_step_that_this_version_does_not_have_or_that_hangs_on_a_visit_is_not_added() -> None:
    about_a_visit = a_step(Anchor.VISIT, -1, code="visit", check_up="six-weeks")

    assert local_days(plan(added(5, step="other"), added(6, step="visit"), steps=(ASKS, about_a_visit))) == [3]
