"""What could not leave when it was due: a table of what still goes, and of what is left out and why."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from reminders.plan.lateness import DueMessage, left_out
from reminders.plan.reasons import Reason
from reminders.plan.values import LateRule

NEW_YORK, AUCKLAND = ZoneInfo("America/New_York"), ZoneInfo("Pacific/Auckland")


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=NEW_YORK).astimezone(UTC)


def due(key: int, day: int, hour: int = 10, phase: int = 1, **facts: object) -> DueMessage:
    return DueMessage(**({"key": key, "due_at": at(day, hour), "phase": phase, "kind": "a"} | facts))


UNTIL, SKIP, NEXT = LateRule.UNTIL, LateRule.SKIP, LateRule.NEXT
LATE, OVERTAKEN = Reason.LATE, Reason.OVERTAKEN
CASES = {
    "an hour late, the same day": ([due(1, 3)], (3, 11), {}),
    "sent while it is useful": ([due(1, 3)], (5, 10), {}),
    "left out once its day is over": ([due(1, 3, rule=SKIP)], (4, 9), {1: LATE}),
    "of the same day, a skip still goes": ([due(1, 3, rule=SKIP)], (3, 19), {}),
    "the next of its kind is due too": ([due(1, 3, rule=NEXT), due(2, 4)], (4, 11), {1: OVERTAKEN}),
    "even on the same day": ([due(1, 3, 9, rule=NEXT), due(2, 3, 10)], (3, 11), {1: OVERTAKEN}),
    "the next of its kind is not due yet": ([due(1, 3, rule=NEXT), due(2, 4, 18)], (4, 11), {}),
    "the next one is of another kind": ([due(1, 3, rule=NEXT), due(2, 4, kind="b")], (4, 11), {}),
    "the next one is of no use any more": ([due(1, 3, rule=NEXT), due(2, 4, over=True)], (6, 11), {}),
    "the next one has left already": ([due(1, 3, rule=NEXT), due(2, 4, waits=False)], (4, 11), {1: OVERTAKEN}),
    "a later phase is due": ([due(1, 3), due(2, 4, phase=15)], (4, 11), {1: OVERTAKEN}),
    "a later phase comes later that day": ([due(1, 3), due(2, 4, 18, phase=15)], (4, 11), {1: OVERTAKEN}),
    "a later phase has spoken already": ([due(1, 3), due(2, 4, phase=15, waits=False)], (4, 11), {1: OVERTAKEN}),
    "three phases: only the newest speaks": (
        [due(1, 3), due(2, 4, phase=15), due(3, 5, phase=43), due(4, 6, phase=43)], (6, 11),
        {1: OVERTAKEN, 2: OVERTAKEN},
    ),
    "a day that went well is as it was laid out": ([due(1, 4, 9), due(2, 4, phase=15)], (4, 11), {}),
    "unless something late comes along": ([due(1, 4, 9), due(2, 3, phase=15)], (4, 11), {1: OVERTAKEN}),
    "a visit belongs to no phase": ([due(1, 3, of_visit=True), due(2, 4, phase=15)], (4, 11), {}),
    "and overtakes none": ([due(1, 3), due(2, 4, phase=15, of_visit=True)], (4, 11), {}),
    "its own rule counts all the same": ([due(1, 3, of_visit=True, rule=SKIP)], (4, 11), {1: LATE}),
    "what has left is judged no more": ([due(1, 3, waits=False, rule=SKIP)], (4, 11), {}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_late_goes_or_is_left_out_by_its_rule(case):
    rows, leaves, expected = CASES[case]

    assert left_out(rows, leaves=at(*leaves), zone=NEW_YORK) == expected


def test_the_day_is_the_patients():
    row = due(1, 3, 5, rule=SKIP)  # midnight has passed in Auckland by six

    assert left_out([row], leaves=at(3, 10), zone=NEW_YORK) == {}
    assert left_out([row], leaves=at(3, 10), zone=AUCKLAND) == {1: LATE}
