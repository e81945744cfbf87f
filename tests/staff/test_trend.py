"""The drawing of the pain: where a day and a score lie, and what is said to whoever does not see it."""

import pytest

from clinic.staff.record import trend
from clinic.staff.record.trend import Point

EXPECTED = [[1, 4, 8], [7, 2, 6], [42, 0, 3]]


def drawn(*points: tuple[int, int | None], expected=(), today=10):
    return trend.draw([Point(day, pain) for day, pain in points], expected, today=today, high=8)


def test_more_pain_stands_higher_and_later_days_further_right():
    first, second = drawn((1, 8), (7, 3)).dots

    assert first.x < second.x
    assert first.y < second.y
    assert (first.is_high, second.is_high) == (True, False)


def test_everything_stays_inside_the_drawing():
    shown = drawn((0, 10), (1, 0), (400, 5), expected=EXPECTED, today=400)

    corners = [(dot.x, dot.y) for dot in shown.dots]
    corners += [tuple(map(float, corner.split(","))) for corner in shown.band.split()]
    assert all(0 <= x <= trend.WIDTH and 0 <= y <= trend.HEIGHT for x, y in corners)


def test_what_was_not_answered_stands_on_the_axis_and_breaks_no_line():
    shown = drawn((1, 7), (3, None), (6, 4))

    assert [dot.is_answered for dot in shown.dots] == [True, False, True]
    assert len(shown.line.split()) == 2
    assert shown.dots[1].words == "Day 3: not answered"


def test_the_band_has_the_highest_above_the_lowest():
    corners = [tuple(map(float, corner.split(","))) for corner in drawn(expected=EXPECTED, today=60).band.split()]

    assert len(corners) == 6
    assert corners[0][1] < corners[-1][1]
    assert corners[0][0] == corners[-1][0]


@pytest.mark.parametrize("expected", [[], [[3, 1, 5]]])
def test_without_an_expected_course_there_is_no_band(expected):
    assert drawn((1, 4), expected=expected).band == ""


@pytest.mark.parametrize(("day", "band"), [(1, (4, 8)), (4, (3, 7)), (7, (2, 6)), (42, (0, 3)), (0, None), (43, None)])
def test_between_two_rows_the_expected_course_is_a_straight_line(day, band):
    assert trend.within(EXPECTED, day) == band


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([], "No pain was answered yet."),
        ([(1, None)], "No pain was answered yet."),
        ([(1, 6)], "Pain 6 of 10 on day 1; 1 of 1 check-ins answered."),
        ([(1, 6), (3, None), (6, 2)], "Pain 6 of 10 on day 1, 2 on day 6; 2 of 3 check-ins answered."),
    ],
)
def test_it_says_itself_in_one_sentence(points, words):
    assert drawn(*points).words == words


@pytest.mark.parametrize("today", [0, 3, 14, 60, 400, 4000])
def test_the_days_below_stay_few_and_are_whole_weeks(today):
    ticks = [int(tick.label) for tick in drawn(today=today).days]

    assert 2 <= len(ticks) <= 9
    assert all(day % 7 == 0 for day in ticks)
