"""From a local day and time to a moment, where clocks do odd things."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from reminders.plan.local_time import closing, in_window, moment, next_opening, next_staffed

NEW_YORK = ZoneInfo("America/New_York")
OPENS, CLOSES = time(9), time(20)


@pytest.mark.parametrize(
    ("zone", "day", "at", "utc"),
    [
        ("America/New_York", date(2026, 1, 5), time(9), "2026-01-05T14:00"),
        ("America/New_York", date(2026, 7, 6), time(9), "2026-07-06T13:00"),
        ("America/New_York", date(2026, 3, 8), time(1, 59), "2026-03-08T06:59"),
        ("America/New_York", date(2026, 3, 8), time(2, 0), "2026-03-08T07:00"),  # skipped: 3:00 is the first
        ("America/New_York", date(2026, 3, 8), time(2, 30), "2026-03-08T07:00"),
        ("America/New_York", date(2026, 3, 8), time(3, 0), "2026-03-08T07:00"),
        ("America/New_York", date(2026, 11, 1), time(1, 30), "2026-11-01T05:30"),  # twice: the first one
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:30"),  # half an hour is skipped
        ("America/Santiago", date(2026, 9, 6), time(0, 30), "2026-09-06T04:00"),  # midnight does not exist
        ("Africa/Cairo", date(2026, 4, 24), time(0, 0), "2026-04-23T22:00"),
        ("Asia/Kathmandu", date(2026, 5, 5), time(9), "2026-05-05T03:15"),
        ("Pacific/Kiritimati", date(2026, 5, 5), time(9), "2026-05-04T19:00"),
        ("Pacific/Apia", date(2011, 12, 30), time(9), "2011-12-30T10:00"),  # a whole day was skipped
        ("UTC", date(2028, 2, 29), time(9), "2028-02-29T09:00"),
    ],
)
def test_a_local_time_is_the_first_moment_that_exists(zone: str, day: date, at: time, utc: str) -> None:
    assert moment(day, at, ZoneInfo(zone)) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "then"),
    [
        (time(0, 0), (0, OPENS)),
        (time(8, 59, 59), (0, OPENS)),
        (time(9, 0), (0, time(9))),
        (time(19, 59), (0, time(19, 59))),
        (time(20, 0), (1, OPENS)),
        (time(23, 59), (1, OPENS)),
    ],
)
def test_quiet_hours_hold_until_the_next_opening(at: time, then: tuple[int, time]) -> None:
    day = date(2026, 2, 28)

    assert in_window(day, at, opens=OPENS, closes=CLOSES) == (day + timedelta(days=then[0]), then[1])


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-03-02T15:00", "2026-03-02T15:00"),  # open: now
        ("2026-03-02T13:59", "2026-03-02T14:00"),  # 8:59: at nine
        ("2026-03-03T01:00", "2026-03-03T14:00"),  # 20:00 of the day before: tomorrow at nine
        ("2026-03-08T03:00", "2026-03-08T13:00"),  # the evening before the clocks change: nine in summer time
    ],
)
def test_what_is_due_at_night_leaves_when_the_window_opens(now: str, opening: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)

    found = next_opening(at, opens=OPENS, closes=CLOSES, zone=NEW_YORK)

    assert found == datetime.fromisoformat(opening).replace(tzinfo=UTC)


def test_the_window_closes_on_the_local_day() -> None:
    late = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)  # still the second of March in New York

    assert closing(late, closes=CLOSES, zone=NEW_YORK) == datetime(2026, 3, 3, 1, 0, tzinfo=UTC)


FRIDAY = date(2026, 7, 3)


@pytest.mark.parametrize(
    ("day", "weekdays", "closed", "staffed"),
    [
        (FRIDAY, range(5), set(), FRIDAY),
        (FRIDAY, range(5), {FRIDAY}, date(2026, 7, 6)),
        (date(2026, 7, 4), range(5), set(), date(2026, 7, 6)),
        (date(2026, 7, 4), range(5), {date(2026, 7, 6), date(2026, 7, 7)}, date(2026, 7, 8)),
        (FRIDAY, [6], set(), date(2026, 7, 5)),
        (FRIDAY, [], set(), FRIDAY),  # a calendar without one open day is a mistake, not a reason to wait for ever
    ],
)
def test_what_asks_for_a_call_waits_for_somebody_to_answer(
    day: date, weekdays: list[int], closed: set[date], staffed: date
) -> None:
    assert next_staffed(day, weekdays=weekdays, closed=closed) == staffed
