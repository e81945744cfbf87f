"""The budget of messages on one plan: what it moves, what keeps its day, and what counts."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from reminders.plan.reasons import Reason
from reminders.plan.schedule import lay_out
from reminders.plan.shifts import Shift
from reminders.plan.values import Budget, ChangeKind, Condition, Decision, SentFact, StepSpec, Wanted
from tests.plan.build import DAY0, FACTS, a_protocol, a_step

ONE = Budget(1, 5)
PHONE = frozenset({"sms"})


def warning(day: int = 0, **facts: object) -> StepSpec:
    return a_step(day=day, code="warning", warning=True, **facts)


def word(day: int = 0, code: str = "word", useful: int = 3, **facts: object) -> StepSpec:
    return a_step(day=day, **({"code": code, "kind": code, "useful_days": useful} | facts))


def laid_out(*steps: StepSpec, **facts: object) -> dict[str, Wanted]:
    values = {"budget": ONE, "channels": PHONE} | facts
    return {one.step: one for one in lay_out(a_protocol(*steps), replace(FACTS, **values)).reminders}


def day(want: Wanted) -> int:
    return (want.due_at.astimezone(FACTS.zone).date() - DAY0).days


def on(number: int) -> date:
    return DAY0 + timedelta(days=number)


def test_what_is_too_much_moves_and_says_from_where() -> None:
    found = laid_out(warning(), word())["word"]

    assert (day(found), found.moved_from, found.shifts) == (1, DAY0, (Shift.BUDGET,))


def test_what_moved_is_useful_no_longer_than_it_was() -> None:
    limited, free = laid_out(warning(), word())["word"], laid_out(word())["word"]

    assert limited.useful_until == free.useful_until


def test_on_the_last_day_that_serves_it_it_is_still_of_use() -> None:
    found = laid_out(warning(), word(useful=1))["word"]

    assert found.due_at < found.useful_until


def test_what_no_day_serves_is_left_out() -> None:
    found = laid_out(warning(), word(useful=0))["word"]

    assert (found.held, found.moved_from, day(found)) == (Reason.BUDGET, None, 0)


def test_what_says_the_same_on_that_day_is_merged() -> None:
    found = laid_out(word(kind="same"), word(code="again", kind="same"))

    assert (found["word"].held, found["again"].held) == (Reason.NONE, Reason.MERGED)


def test_without_a_limit_all_stays() -> None:
    assert day(laid_out(warning(), word(), budget=None)["word"]) == 0


@pytest.mark.parametrize(("agreed", "moved_to"), [({"sms"}, 1), ({"sms", "email"}, 0)])
def test_each_contact_has_its_own_limit(agreed: set[str], moved_to: int) -> None:
    """One that goes by e-mail where it can shares a day with a text."""
    found = laid_out(warning(), word(channels=("email", "sms")), channels=frozenset(agreed))

    assert day(found["word"]) == moved_to


def test_a_day_on_which_nobody_answers_the_phone_does_not_serve() -> None:
    friday = 4  # day 0 is a Monday

    found = laid_out(warning(friday), word(friday, staffed_days_only=True))["word"]

    assert day(found) == 7


def test_nothing_is_moved_into_a_hold() -> None:
    hold = Decision(ChangeKind.HOLD, starts=on(1), ends=on(3))

    assert day(laid_out(warning(), word(), decisions=(hold,))["word"]) == 3


def test_nothing_is_moved_beyond_a_day_on_which_the_clock_stands() -> None:
    hold = Decision(ChangeKind.HOLD, starts=on(1))

    assert laid_out(warning(), word(), decisions=(hold,))["word"].held == Reason.BUDGET


@pytest.mark.parametrize(
    "decision",
    [
        Decision(ChangeKind.DELAY, starts=DAY0, step="word", days=2),
        Decision(ChangeKind.REPLACE, starts=DAY0, step="word", to="other"),
    ],
)
def test_what_a_surgeon_decided_about_one_message_keeps_its_day(decision: Decision) -> None:
    at = 2 if decision.kind == ChangeKind.DELAY else 0
    check_in = a_step(day=at, code="check-in", kind="check_in", useful_days=2)

    found = laid_out(check_in, word(), a_step(day=30, code="other"), decisions=(decision,))

    assert (day(found["word"]), day(found["check-in"])) == (at, at + 1)


def test_what_is_not_said_does_not_count() -> None:
    assert day(laid_out(warning(condition=Condition.PT_ORDERED), word())["word"]) == 0


def test_what_was_before_the_enrolment_does_not_count() -> None:
    steps = [word(n, code=f"word-{n}", useful=0) for n in range(7)]

    found = laid_out(*steps, enrolled_on=on(2))

    assert not any(one.held for one in found.values())


def test_what_left_counts_on_the_day_it_was_due_and_is_not_judged_again() -> None:
    left = SentFact("word", 0, on(1))

    found = laid_out(warning(), word(), word(1, code="next"), left=(left,))

    assert (day(found["next"]), found["word"].moved_from) == (2, None)


def test_what_left_and_is_in_the_plan_no_more_counts_too() -> None:
    assert day(laid_out(word(), left=(SentFact("gone", 0, DAY0),))["word"]) == 1


def test_quiet_hours_move_it_first() -> None:
    """Late in the evening it belongs to the next day, which is then its own."""
    found = laid_out(warning(1), word(at=time(23)))["word"]

    assert (day(found), found.moved_from, found.shifts) == (2, on(1), (Shift.QUIET, Shift.BUDGET))
