"""The next free time for a visit, and what speaks against one. Pure tables."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from patients.visit_slots import VisitHours, concerns, next_free

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = date(2026, 3, 2)
HOURS = VisitHours(time(9), time(11), 30, 1, NEW_YORK, frozenset({0, 1, 2, 3, 4}), closed=frozenset([date(2026, 3, 4)]))
TWO_AT_ONCE = VisitHours(time(9), time(11), 30, 2, NEW_YORK, frozenset(range(7)), frozenset())


def local(text: str, day: date = MONDAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(text), NEW_YORK).astimezone(UTC)


def full(day: date) -> list[datetime]:
    return [local(text, day) for text in ("09:00", "09:30", "10:00", "10:30")]


def day(number: int) -> date:
    return date(2026, 3, number)


@pytest.mark.parametrize(
    ("taken", "target", "first", "free"),
    [
        ([], 3, 1, (3, "09:00")),  # the target day opens
        ([local("09:00", day(3))], 3, 1, (3, "09:30")),
        ([local("09:10", day(3))], 3, 1, (3, "10:00")),  # it takes a part of two times
        (full(day(3)), 3, 1, (5, "09:00")),  # the 4th is closed
        (full(day(3)) + full(day(5)), 3, 1, (2, "09:00")),  # nothing is left after the target day: before it
        (full(day(2)) + full(day(3)) + full(day(5)), 3, 1, (6, "09:00")),  # nor before: after the window
        ([], 3, 5, (5, "09:00")),  # the target day is over
        ([], 3, 20, (20, "09:00")),  # so is the window
        ([], 3, 7, (9, "09:00")),  # on Saturday: from Monday
    ],
)
def test_the_next_free_time_is_in_the_window_where_there_is_one(taken, target, first, free):
    found = next_free(HOURS, sorted(taken), opens=day(2), target=day(target), closes=day(5), first=day(first))

    assert found == local(free[1], day(free[0]))


def test_nothing_is_proposed_where_nobody_is_ever_there():
    never = VisitHours(time(9), time(11), 30, 1, NEW_YORK, frozenset(), frozenset())
    too_long = VisitHours(time(9), time(11), 150, 1, NEW_YORK, frozenset(range(7)), frozenset())
    for hours in (never, too_long):
        assert next_free(hours, [], opens=day(2), target=day(3), closes=day(5), first=day(1)) is None


def test_hours_that_the_clocks_skip_are_no_time_for_a_visit():
    night = VisitHours(time(1), time(4), 60, 1, NEW_YORK, frozenset(range(7)), frozenset())

    assert [f"{at.astimezone(NEW_YORK):%H:%M}" for at in night.slots(day(8))] == ["01:00", "03:00"]


@pytest.mark.parametrize(
    ("hours", "at", "taken", "said"),
    [
        (HOURS, local("09:00"), [], []),
        (HOURS, local("10:30"), [local("10:00"), local("11:00")], []),  # it begins when another ends
        (HOURS, local("08:59"), [], ["8:59 lies outside the hours for visits, 9:00 to 11:00."]),
        (HOURS, local("10:31"), [], ["10:31 lies outside the hours for visits, 9:00 to 11:00."]),
        (
            HOURS,
            local("09:20"),
            [local("09:00")],
            ["Mon 2 Mar 9:20 is full: there is one visit already, and this site sees 1 at once."],
        ),
        (TWO_AT_ONCE, local("09:20"), [local("09:00")], []),
        (
            TWO_AT_ONCE,
            local("09:20"),
            [local("09:00"), local("09:30")],
            ["Mon 2 Mar 9:20 is full: there are 2 visits already, and this site sees 2 at once."],
        ),
        (HOURS, local("09:00", day(4)), [], ["The clinic is closed on Wed 4 Mar."]),
        (
            HOURS,
            local("09:00", day(7)),
            [],
            [
                "The clinic is closed on Sat 7 Mar.",
                "Sat 7 Mar lies outside the window of this visit, Mon 2 Mar to Thu 5 Mar.",
            ],
        ),
    ],
)
def test_what_speaks_against_a_time_is_named(hours, at, taken, said):
    assert concerns(hours, at, taken, opens=day(2), closes=day(5)) == said
