"""How well a plan is kept, case by case."""

import pytest

from patients.adherence import AdherencePart, adherence

YES, NO, OPEN = (True, True), (False, True), (False, False)
PARTLY = (True, False)  # the first of four answers is there, the others may follow


@pytest.mark.parametrize(
    ("check_ins", "sessions", "visits", "done", "asked", "percent"),
    [
        ([], [], [], 0, 0, None),
        ([OPEN], ["planned"], [("due", False), ("booked", False)], 0, 0, None),
        ([YES], [], [], 1, 1, 100),
        ([NO], [], [], 0, 1, 0),
        ([YES, NO, OPEN], [], [], 1, 2, 50),
        ([PARTLY], [], [], 1, 1, 100),
        ([], ["attended", "missed", "planned"], [], 1, 2, 50),
        ([], [], [("attended", True), ("missed", True)], 1, 2, 50),
        ([], [], [("attended", False)], 1, 1, 100),
        ([], [], [("due", True)], 0, 1, 0),
        ([], [], [("booked", True), ("confirmed", True), ("cancelled", True)], 0, 0, None),
        ([YES, YES, NO], ["attended", "missed"], [("attended", True), ("due", True)], 4, 7, 57),
    ],
)
def test_what_was_done_of_what_was_asked_so_far(check_ins, sessions, visits, done, asked, percent):
    found = adherence(check_ins=check_ins, sessions=sessions, visits=visits)

    assert (found.all, found.percent) == (AdherencePart(done, asked), percent)


def test_each_part_stands_for_itself():
    found = adherence(check_ins=[YES, NO], sessions=["attended"], visits=[("missed", True)])

    assert (found.check_ins, found.sessions, found.visits) == (
        AdherencePart(1, 2),
        AdherencePart(1, 1),
        AdherencePart(0, 1),
    )
