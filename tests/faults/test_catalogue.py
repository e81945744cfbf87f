"""What CI relies on: cases are told apart by their names, and some of every kind are played each time."""

from collections import Counter

from tests.faults.catalogue import KINDS, stages


def names() -> list[str]:
    return [case.name for some in stages(lambda case: True) for case in some]


def test_no_two_cases_have_the_same_name():
    assert [name for name, times in Counter(names()).items() if times > 1] == []


def test_a_short_run_plays_crash_points_and_outages():
    assert {case.alone for some in stages(lambda case: case.short) for case in some} == {True, False}


def test_no_stage_has_more_cases_than_people_for_them_nor_both_kinds():
    for some in stages(lambda case: True):
        assert len(some) <= max(at_a_time for _, at_a_time in KINDS)
        assert len({case.alone for case in some}) == 1


def test_only_what_is_wanted_is_played():
    [[only]] = stages(lambda case: case.name == "Redis killed in a drain, comes back empty")

    assert only.alone
