"""The promise about time, over all time zones and all days of surgery from 2020 to 2035."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reminders.plan.local_time import moment
from reminders.plan.schedule import lay_out
from reminders.plan.values import Facts, StepSpec
from tests.plan.build import FACTS, a_protocol, a_step
from tests.size import sized

ZONES = sorted(available_timezones() - {"localtime"})  # that one is this machine's own, not a name of IANA's
MONTHS = [datetime(2020 + month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in range(16 * 12)]
zones = st.sampled_from(ZONES).map(ZoneInfo)
days0 = st.dates(date(2020, 1, 1), date(2035, 12, 31))
times = st.times().map(lambda at: at.replace(microsecond=0, fold=0))
FIRST, LAST = time(0), time(23, 59, 59)


def rule(name: str) -> tuple[object, ...]:
    """What tells one zone from another in these years: its rule for the future, and its offset month by month."""
    zone, file = ZoneInfo(name), files("tzdata").joinpath("zoneinfo", name)
    footer = file.read_bytes().splitlines()[-1] if file.is_file() else name
    return footer, *(at.astimezone(zone).utcoffset() for at in MONTHS)


ONE_OF_EACH = sorted({rule(name): name for name in ZONES}.values())  # 598 names, 114 clocks


@st.composite
def plans(draw: st.DrawFn) -> tuple[StepSpec, Facts]:
    """One step somewhere in two years, and facts with any zone, any day and any sending window."""
    opens, closes = sorted(draw(st.lists(times, min_size=2, max_size=2, unique=True)))
    zone, day0 = draw(zones), draw(days0)
    step = a_step(day=draw(st.integers(0, 740)), at=draw(times), useful_days=draw(st.integers(0, 30)))
    return step, replace(FACTS, day0=day0, zone=zone, opens=opens, closes=closes, enrolled_on=day0)


def exists(local: datetime, zone: ZoneInfo) -> bool:
    return local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local


def first_that_exists(local: datetime, zone: ZoneInfo) -> datetime:
    """Found the slow way, minute by minute: Casey station once changed its clocks at one past midnight."""
    while not exists(local, zone):
        local = local.replace(second=0) + timedelta(minutes=1)
    return local


def as_the_protocol_says(step: StepSpec, facts: Facts) -> datetime:
    """The local moment: the step's own time inside the window, else the next opening; the first that exists."""
    day = facts.day0 + timedelta(days=step.offset_days)
    if step.at >= facts.closes:
        day, at = day + timedelta(days=1), facts.opens
    else:
        at = max(step.at, facts.opens)
    return first_that_exists(datetime.combine(day, at), facts.zone)


@settings(max_examples=sized(build=300, full=3000))
@given(plans())
@example((a_step(day=6), replace(FACTS, day0=date(2026, 3, 2), opens=time(2), closes=time(3))))
@example((a_step(day=244), replace(FACTS, day0=date(2026, 3, 2), opens=time(1), closes=time(2))))
def test_every_local_time_is_what_the_protocol_says(plan: tuple[StepSpec, Facts]) -> None:
    step, facts = plan

    (reminder,) = lay_out(a_protocol(step), facts).reminders

    local = reminder.due_at.astimezone(facts.zone)
    assert local.replace(tzinfo=None) == as_the_protocol_says(step, facts)
    assert local.fold == 0  # of two equal times the first
    assert reminder.useful_until > reminder.due_at


@given(zones, days0, times)
def test_no_moment_comes_before_an_earlier_one(zone: ZoneInfo, day: date, at: time) -> None:
    before = moment(day - timedelta(days=1), at, zone)

    assert before < moment(day, at, zone)
    assert moment(day, FIRST, zone) <= moment(day, at, zone) <= moment(day, LAST, zone)


@given(zones, days0, times)
def test_no_local_time_moves_further_than_the_clocks_do(zone: ZoneInfo, day: date, at: time) -> None:
    local = datetime.combine(day, at)

    found = moment(day, at, zone).astimezone(zone).replace(tzinfo=None)

    assert timedelta() <= found - local <= timedelta(hours=3)  # Casey station changed by three
    assert found == local or not exists(local, zone)


@pytest.mark.parametrize("name", sized(build=ONE_OF_EACH, full=ZONES))
def test_nine_in_the_morning_stays_nine_through_both_clock_changes(name: str) -> None:
    """Daily, for two years: nowhere is nine o'clock a time that the clocks skip."""
    zone = ZoneInfo(name)
    step = a_step(at=time(9), repeat_days=1, repeat_count=None)
    facts = replace(FACTS, zone=zone, day0=date(2026, 1, 1), until=date(2027, 12, 31))

    reminders = lay_out(a_protocol(step), facts).reminders

    local = [one.due_at.astimezone(zone) for one in reminders]
    assert {at.time() for at in local} == {time(9)}
    assert [at.date() for at in local] == [date(2026, 1, 1) + timedelta(days=n) for n in range(730)]


@pytest.mark.parametrize("name", sized(build=ONE_OF_EACH, full=ZONES))
def test_on_every_day_the_clocks_change_each_half_hour_is_the_first_that_exists(name: str) -> None:
    zone = ZoneInfo(name)

    for day in clock_changes(zone):
        for half_hours in range(48):
            local = datetime.combine(day, FIRST) + timedelta(minutes=30 * half_hours)
            found = moment(day, local.time(), zone).astimezone(zone)
            assert (found.replace(tzinfo=None), found.fold) == (first_that_exists(local, zone), 0)


def clock_changes(zone: ZoneInfo) -> list[date]:
    """Every day from 2020 to 2035 that does not have the same clock at its two ends."""
    days = [date(2020, 1, 1) + timedelta(days=n) for n in range(16 * 365 + 5)]
    clocks = [datetime.combine(day, FIRST, zone).utcoffset() for day in days]
    return [day for day, before, after in zip(days, clocks, clocks[1:], strict=False) if before != after]
