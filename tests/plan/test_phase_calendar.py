"""On which day each of the protocol's days falls, when a surgeon holds, moves or paces one plan."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.plan.phase_calendar import Course
from reminders.plan.shifts import Shift
from reminders.plan.values import ChangeKind, Decision, PhaseSpan

DAY0 = date(2026, 3, 2)
PHASES = (
    PhaseSpan("surgery", 0, 0),
    PhaseSpan("early", 1, 14),
    PhaseSpan("middle", 15, 42),
    PhaseSpan("late", 43, None),
)


def on(day: int) -> date:
    return DAY0 + timedelta(days=day)


def a_hold(first: int, until: int | None) -> Decision:
    return Decision(ChangeKind.HOLD, on(first), None if until is None else on(until))


def a_pace(decided: int, percent: int) -> Decision:
    return Decision(ChangeKind.PACE, on(decided), percent=percent)


def a_shift(phase: str, days: int, decided: int = 0) -> Decision:
    return Decision(ChangeKind.SHIFT, on(decided), phase=phase, days=days)


def days_of(*decisions: Decision, numbers: tuple[int, ...]) -> list[int]:
    course = Course(DAY0, PHASES, decisions)
    return [(course.day(number) - DAY0).days for number in numbers]


def test_without_decisions_it_is_the_calendar() -> None:
    assert days_of(numbers=(0, 1, 14, 15, 43, 400)) == [0, 1, 14, 15, 43, 400]


@pytest.mark.parametrize(
    ("decisions", "numbers", "days"),
    [
        ([a_hold(10, 15)], (9, 10, 15, 43), [9, 15, 20, 48]),  # what lay on its first day comes when it is released
        ([a_hold(10, 10)], (9, 10, 15), [9, 10, 15]),
        ([a_hold(10, None)], (9, 10, 15), [9, 10, 15]),  # nobody knows yet for how long
        ([a_hold(10, 15), a_hold(30, 33)], (9, 10, 24, 25), [9, 15, 29, 33]),
        ([a_hold(30, 33), a_hold(10, 15)], (9, 10, 24, 25), [9, 15, 29, 33]),  # in whatever order they were written
        ([a_pace(5, 150)], (14, 15, 17, 42, 43, 50), [14, 15, 18, 55, 57, 64]),  # the early phase had begun
        ([a_pace(0, 50)], (1, 2, 14, 15, 43), [1, 1, 7, 8, 22]),
        ([a_pace(0, 51)], (13, 14, 15), [7, 7, 8]),  # the last days of a phase stay in it
        ([a_pace(-1, 50)], (0, 1, 15), [0, 1, 8]),  # a phase of one day keeps its day
        ([a_pace(5, 150), a_pace(6, 100)], (42, 43), [42, 43]),  # a pace is set, not added to the last one
        ([a_pace(20, 150)], (14, 42, 43, 50), [14, 42, 43, 50]),  # only the one without end was to come
        ([a_shift("middle", 3)], (14, 15, 42, 43), [14, 18, 45, 46]),
        ([a_shift("middle", -4)], (14, 15, 42, 43), [14, 11, 38, 39]),
        ([a_shift("middle", -99)], (14, 15), [14, 2]),  # never before the phase it follows
        ([a_hold(-9, 4)], (0, 1, 15), [4, 5, 19]),  # no clock ran before the operation
    ],
)
def test_the_days_bend(decisions: list[Decision], numbers: tuple[int, ...], days: list[int]) -> None:
    assert days_of(*decisions, numbers=numbers) == days


@pytest.mark.parametrize("first", [-1, 0, 14])
def test_every_day_of_a_phase_lies_in_it_at_any_pace(first: int) -> None:
    for percent in range(50, 301):
        course = Course(DAY0, PHASES, [a_pace(first, percent)])
        for span in PHASES[:-1]:
            days = [course.day(number) for number in range(span.first_day, (span.last_day or 0) + 1)]
            assert (min(days), max(days) <= course.ends(span.code)) == (course.begins(span.code), True), percent


def test_a_phase_that_waits_in_a_hold_has_not_begun_and_can_be_paced() -> None:
    assert days_of(a_hold(10, 20), a_pace(18, 150), numbers=(14, 15, 43)) == [24, 25, 67]


def test_a_phase_ends_where_the_next_one_begins() -> None:
    course = Course(DAY0, PHASES, [a_shift("middle", 3), a_hold(5, 7)])

    assert (course.begins("middle"), course.ends("early"), course.ends("late")) == (on(20), on(19), None)
    assert [course.phase_on(on(day)) for day in (-1, 0, 1, 19, 20, 500)] == [
        "", "surgery", "early", "early", "middle", "late",
    ]  # fmt: skip


def test_a_phase_put_forward_ends_the_one_before() -> None:
    course = Course(DAY0, PHASES, [a_shift("middle", -4)])

    assert [course.is_over(number, course.day(number)) for number in (10, 11, 14, 15)] == [False, True, True, False]


def test_the_clock_stands_until_somebody_releases_it() -> None:
    course = Course(DAY0, PHASES, [a_hold(10, None)])

    assert [course.is_standing(on(day)) for day in (9, 10, 300)] == [False, True, True]


def test_while_the_clock_stands_the_phase_it_stopped_in_goes_on() -> None:
    course = Course(DAY0, PHASES, [a_hold(10, None)])
    seen = course.seen_on(on(30))

    assert [seen.phase_on(on(day)) for day in (-1, 0, 9, 10, 30)] == ["", "surgery", "early", "early", "early"]
    assert (seen.span("early"), seen.span("middle")) == ((1, 35), (36, 63))
    assert course.seen_on(on(3)).span("early") == (1, 14)  # a hold that is still to come changes nothing yet


def test_each_day_tells_why_it_is_not_where_the_protocol_put_it() -> None:
    course = Course(DAY0, PHASES, [a_pace(5, 150), a_hold(10, 15), a_shift("late", 2)])

    assert course.shifts(9) == ()
    assert course.shifts(10) == (Shift.HOLD,)
    assert course.shifts(20) == (Shift.PACE, Shift.HOLD)
    assert course.shifts(50) == (Shift.PACE, Shift.PHASE, Shift.HOLD)


decisions = st.lists(
    st.one_of(
        st.builds(a_pace, st.integers(0, 100), st.integers(50, 300)),
        st.builds(a_shift, st.sampled_from(["early", "middle", "late"]), st.integers(-30, 60)),
        st.builds(lambda first, length: a_hold(first, first + length), st.integers(0, 90), st.integers(0, 60)),
    ),
    max_size=6,
)


@given(decisions)
def test_later_days_never_come_before_earlier_ones_of_the_same_phase(some: list[Decision]) -> None:
    course = Course(DAY0, PHASES, some)

    for span in PHASES:
        days = [
            course.day(number)
            for number in range(span.first_day, (span.first_day + 60 if span.last_day is None else span.last_day) + 1)
        ]
        assert days == sorted(days)


@given(decisions)
def test_phases_come_one_after_the_other(some: list[Decision]) -> None:
    course = Course(DAY0, PHASES, some)

    begin = [day for span in PHASES if (day := course.begins(span.code))]

    assert begin == sorted(set(begin))
