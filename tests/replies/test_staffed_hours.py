"""Staffed time: whether somebody is there, and when so many minutes of it have passed."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from reminders.replies.alerts import staffed_hours
from reminders.replies.alerts.staffed_hours import Hours

NEW_YORK = ZoneInfo("America/New_York")
WEEK = Hours(NEW_YORK, time(8), time(17), weekdays=(0, 1, 2, 3, 4), closed=(date(2026, 3, 5),))
EVERY_DAY = Hours(NEW_YORK, time(1), time(4), weekdays=range(7))  # over the hour that the clocks skip or repeat
NEVER = Hours(NEW_YORK, time(8), time(17), weekdays=())


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "there"),
    [
        ("2026-03-02T07:59:59", False),
        ("2026-03-02T08:00", True),
        ("2026-03-02T16:59:59", True),
        ("2026-03-02T17:00", False),
        ("2026-03-05T10:00", False),  # a closed Thursday
        ("2026-03-07T10:00", False),  # a Saturday
    ],
)
def test_somebody_is_there_in_staffed_hours_only(now: str, there: bool) -> None:
    assert staffed_hours.is_staffed(local(now), WEEK) is there


@pytest.mark.parametrize(
    ("now", "minutes", "then"),
    [
        ("2026-03-02T10:00", 120, "2026-03-02T12:00"),
        ("2026-03-02T15:00", 120, "2026-03-02T17:00"),  # to the last minute
        ("2026-03-02T16:30", 120, "2026-03-03T09:30"),  # the rest on the next day
        ("2026-03-02T03:00", 120, "2026-03-02T10:00"),  # night: counted from the opening
        ("2026-03-02T22:00", 120, "2026-03-03T10:00"),
        ("2026-03-04T16:00", 120, "2026-03-06T09:00"),  # over a closed day
        ("2026-03-06T16:00", 120, "2026-03-09T09:00"),  # over a week-end, and the clocks change in it
        ("2026-03-07T12:00", 1, "2026-03-09T08:01"),
        ("2026-03-02T08:00", 1080, "2026-03-03T17:00"),  # two whole days
    ],
)
def test_only_staffed_minutes_count(now: str, minutes: int, then: str) -> None:
    assert staffed_hours.after(local(now), minutes, WEEK) == local(then)


@pytest.mark.parametrize(
    ("now", "minutes", "then"),
    [
        ("2026-03-08T05:00+00:00", 120, "2026-03-08T08:00+00:00"),  # 1 to 4 o'clock lasts two hours
        ("2026-03-08T05:00+00:00", 121, "2026-03-09T05:01+00:00"),
        ("2026-11-01T04:00+00:00", 240, "2026-11-01T09:00+00:00"),  # and four hours in autumn
        ("2026-11-01T04:00+00:00", 241, "2026-11-02T06:01+00:00"),
    ],
)
def test_a_staffed_hour_is_an_hour_on_the_day_the_clocks_change(now: str, minutes: int, then: str) -> None:
    assert staffed_hours.after(datetime.fromisoformat(now), minutes, EVERY_DAY) == datetime.fromisoformat(then)


@pytest.mark.parametrize(
    ("now", "opens", "closes", "next_day_ends"),
    [
        ("2026-03-02T10:00", "2026-03-02T10:00", "2026-03-02T17:00", "2026-03-03T17:00"),
        ("2026-03-02T06:00", "2026-03-02T08:00", "2026-03-02T17:00", "2026-03-03T17:00"),
        ("2026-03-02T18:00", "2026-03-03T08:00", "2026-03-03T17:00", "2026-03-03T17:00"),
        ("2026-03-04T18:00", "2026-03-06T08:00", "2026-03-06T17:00", "2026-03-06T17:00"),
        ("2026-03-06T10:00", "2026-03-06T10:00", "2026-03-06T17:00", "2026-03-09T17:00"),
        ("2026-03-07T10:00", "2026-03-09T08:00", "2026-03-09T17:00", "2026-03-09T17:00"),
    ],
)
def test_the_next_opening_and_closing(now: str, opens: str, closes: str, next_day_ends: str) -> None:
    moment = local(now)

    found = (
        staffed_hours.opening(moment, WEEK),
        staffed_hours.closing(moment, WEEK),
        staffed_hours.end_of_next_day(moment, WEEK),
    )

    assert found == (local(opens), local(closes), local(next_day_ends))


def test_a_site_that_is_never_staffed_still_gets_a_moment() -> None:
    now = local("2026-03-02T10:00")

    assert staffed_hours.after(now, 120, NEVER) == local("2026-03-02T12:00")
    assert staffed_hours.end_of_next_day(now, NEVER) == staffed_hours.closing(now, NEVER) == local("2026-03-03T10:00")
    assert staffed_hours.opening(now, NEVER) == now
