"""What is past when a plan is laid out: what belongs to an earlier day of the patient's, or is of no use any more."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reminders.plan.row_diff import is_past
from reminders.plan.values import Wanted

NEW_YORK, AUCKLAND = ZoneInfo("America/New_York"), ZoneInfo("Pacific/Auckland")
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # Monday, 10:00 in New York; Tuesday, 04:00 in Auckland
HOUR = timedelta(hours=1)
CASES = {
    "an hour ago, and of use until tonight": (-1, 10, NEW_YORK, False),
    "an hour ago, and of no use since half an hour": (-1, -0.5, NEW_YORK, True),
    "an hour ago, and its use ends at this moment": (-1, 0, NEW_YORK, True),
    "of yesterday evening, and of use until tomorrow": (-14, 30, NEW_YORK, True),
    "at this very moment": (0, 10, NEW_YORK, False),
    "later today": (1, 10, NEW_YORK, False),
    "six hours ago, which was yesterday for the patient": (-6, 10, AUCKLAND, True),
    "three hours ago, which is today for the patient": (-3, 10, AUCKLAND, False),
    "eleven hours ago, which was yesterday for the patient": (-11, 10, NEW_YORK, True),
}


@pytest.mark.parametrize("case", CASES)
def test_a_step_is_past_once_its_day_or_its_use_is_over(case: str) -> None:
    due, useful, zone, expected = CASES[case]
    want = Wanted(step="a", occurrence=0, due_at=NOW + due * HOUR, useful_until=NOW + useful * HOUR)

    assert is_past(want, zone, NOW) is expected
