"""Recovery timeline: everything has its place and nothing covers anything else."""

from itertools import pairwise

import pytest

from clinic.staff.record.axis import DOT, WIDTH, AxisSpan, Mark, draw

PHASES = [
    AxisSpan("Day of surgery", 0, 0),
    AxisSpan("Weeks 1 and 2: gentle", 1, 14),
    AxisSpan("Weeks 3 to 6", 15, 42),
    AxisSpan("After", 43, None),
]


def test_phases_stand_side_by_side_over_the_whole_width():
    bars = draw(PHASES, [], [], today=20).bars

    for before, after in pairwise(bars):
        assert before.x + before.width <= after.x
    assert bars[0].x == 0
    assert bars[-1].x + bars[-1].width == pytest.approx(WIDTH, abs=3)
    assert [bar.title for bar in bars if bar.is_now] == ["Weeks 3 to 6"]


def test_messages_of_one_day_stand_below_each_other():
    dots = draw(PHASES, [Mark(7, "planned", "")] * 3, [], today=0).dots

    assert len({(dot.x, dot.y) for dot in dots}) == 3


def test_near_ones_never_touch_on_their_level():
    dots = draw(PHASES, [Mark(day, "planned", "") for day in range(0, 60, 2)], [], today=0).dots

    for level in {dot.y for dot in dots}:
        row = sorted(dot.x for dot in dots if dot.y == level)
        assert all(after - before >= DOT - 0.2 for before, after in pairwise(row))


def test_days_run_from_left_to_right_and_stay_inside():
    marks = [Mark(day, "planned", "") for day in (0, 3, 20, 100, 700)]
    dots = draw(PHASES, marks, marks, today=700).dots

    assert [dot.x for dot in dots] == sorted(dot.x for dot in dots)
    assert all(0 < dot.x < WIDTH for dot in dots)


@pytest.mark.parametrize(("today", "shown"), [(-3, False), (0, True), (133, True), (5000, False)])
def test_today_is_drawn_while_it_lies_on_the_axis(today, shown):
    assert (draw(PHASES, [], [], today=today).today_x is not None) is shown
