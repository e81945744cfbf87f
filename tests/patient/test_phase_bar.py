"""The drawing of a recovery: every day lies inside its own phase, and later days lie further right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.patient.phase_bar import WIDTH, BarSpan, pieces, x_of

BASE = [
    BarSpan(0, 0, "day of surgery"), BarSpan(1, 14, "weeks 1-2"), BarSpan(15, 42, "weeks 3-6"),
    BarSpan(43, 84, "weeks 7-12"), BarSpan(85, None, "beyond"),
]  # fmt: skip


def test_phases_are_named_by_their_weeks():
    assert [piece.label for piece in pieces(BASE, 19)] == ["", "1-2", "3-6", "7-12", "12+"]


def test_phases_that_are_no_whole_weeks_are_named_by_their_days():
    assert [p.label for p in pieces([BarSpan(0, 0, ""), BarSpan(1, 10, ""), BarSpan(11, None, "")], 3)] == [
        "",
        "1-10",
        "11+",
    ]


@pytest.mark.parametrize(("day", "here"), [(-1, []), (0, [0]), (14, [1]), (15, [2]), (84, [3]), (85, [4]), (999, [4])])
def test_one_phase_is_here(day, here):
    assert [i for i, piece in enumerate(pieces(BASE, day)) if piece.here] == here


@given(day=st.integers(0, 900))
def test_a_day_lies_inside_its_phase(day):
    placed = pieces(BASE, day)
    [here] = [piece for piece in placed if piece.here]

    assert here.x - 0.1 <= x_of(placed, day) <= here.x + here.width + 0.1


@given(day=st.integers(-5, 900))
def test_later_days_lie_further_right_and_none_outside(day):
    placed = pieces(BASE, 0)

    assert 0 <= x_of(placed, day) <= x_of(placed, day + 1) <= WIDTH + 0.1
