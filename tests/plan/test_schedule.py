"""The schedule: protocol and facts in, the whole recovery out."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from reminders.plan.reasons import Reason
from reminders.plan.schedule import lay_out
from reminders.plan.values import Anchor, ChangeKind, Condition, Decision
from tests.plan.build import DAY0, FACTS, a_protocol, a_step, a_visit, local_days, wanted

WEEKDAYS = frozenset(range(5))


@pytest.mark.parametrize(
    ("anchor", "offset", "facts", "day"),
    [
        (Anchor.SURGERY, 0, {}, 0),
        (Anchor.SURGERY, 21, {}, 21),
        (Anchor.PHASE_START, 0, {"phase": "middle"}, 15),
        (Anchor.PHASE_START, -2, {"phase": "middle"}, 13),
        (Anchor.PHASE_START, -2, {"phase": "early"}, 0),  # nothing clinical before the operation
        (Anchor.PHASE_END, 0, {"phase": "middle"}, 42),
        (Anchor.CHECK_UP_WINDOW, 0, {"check_up": "six-weeks"}, 39),
        (Anchor.CHECK_UP_WINDOW, -14, {"check_up": "six-weeks"}, 25),
        (Anchor.CHECK_UP_WINDOW, -100, {"check_up": "six-weeks"}, 0),
    ],
)
def test_a_step_is_counted_from_what_it_hangs_on(anchor: Anchor, offset: int, facts: dict[str, str], day: int) -> None:
    assert local_days(wanted(a_step(anchor, offset, **facts))) == [day]


def test_a_phase_without_end_has_no_end_to_hang_on() -> None:
    assert wanted(a_step(Anchor.PHASE_END, phase="late")) == []


@pytest.mark.parametrize("week", [1, 2, 6, 7, 12, 13])
def test_week_n_is_days_7n_minus_6_to_7n(week: int) -> None:
    days = [day for day in range(1, 100) if (day + 6) // 7 == week]

    assert days == list(range(7 * week - 6, 7 * week + 1))
    assert local_days(wanted(*(a_step(day=day, code=f"s{day}") for day in days))) == days


@pytest.mark.parametrize(
    ("every", "times", "days"),
    [(None, None, [3]), (None, 5, [3]), (5, 3, [3, 8, 13]), (7, 1, [3])],
)
def test_a_step_comes_as_often_as_it_says(every: int | None, times: int | None, days: list[int]) -> None:
    reminders = wanted(a_step(day=3, repeat_days=every, repeat_count=times))

    assert local_days(reminders) == days
    assert [one.occurrence for one in reminders] == list(range(len(days)))


def test_a_repeat_without_end_fills_the_horizon_and_grows_with_it() -> None:
    step = a_step(day=10, repeat_days=30, repeat_count=None)

    short = wanted(step, until=DAY0 + timedelta(days=100))
    long = wanted(step, until=DAY0 + timedelta(days=130))

    assert local_days(short) == [10, 40, 70, 100]
    assert local_days(long) == [10, 40, 70, 100, 130]
    assert long[:4] == short


def test_a_repeat_without_end_comes_once_even_beyond_the_horizon() -> None:
    step = a_step(day=200, repeat_days=30, repeat_count=None)

    assert local_days(wanted(step, until=DAY0 + timedelta(days=100))) == [200]


def test_a_yearly_visit_is_laid_out_with_its_invitations_each_time() -> None:
    step = a_step(Anchor.CHECK_UP_WINDOW, -28, check_up="yearly", repeat_days=14, repeat_count=3)

    plan = lay_out(a_protocol(step), replace(FACTS, until=DAY0 + timedelta(days=800)))

    assert [visit.occurrence for visit in plan.visits if visit.code == "yearly"] == [0, 1]
    assert local_days(plan.reminders) == [327, 341, 355, 692, 706, 720]
    assert [one.occurrence for one in plan.reminders] == [0, 1, 2, 100, 101, 102]


def test_a_visit_has_its_window_and_target_in_days_after_surgery() -> None:
    visit = lay_out(a_protocol(), FACTS).visits[0]

    assert (visit.code, visit.opens, visit.target, visit.closes) == (
        "six-weeks",
        date(2026, 4, 10),
        date(2026, 4, 13),
        date(2026, 4, 19),
    )


@pytest.mark.parametrize(
    ("therapy", "met"),
    [
        ("undecided", {Condition.PT_NOT_DECLINED}),
        ("ordered", {Condition.PT_NOT_DECLINED, Condition.PT_ORDERED}),
        ("ordered_early", {Condition.PT_NOT_DECLINED, Condition.PT_ORDERED, Condition.PT_ORDERED_EARLY}),
        ("declined", set()),
    ],
)
def test_physical_therapy_is_spoken_of_as_the_surgeon_decided(therapy: str, met: set[Condition]) -> None:
    conditions = [Condition.PT_NOT_DECLINED, Condition.PT_ORDERED, Condition.PT_ORDERED_EARLY]
    steps = [a_step(code=condition, condition=condition) for condition in conditions]

    reminders = wanted(*steps, physical_therapy=therapy)

    assert {one.step for one in reminders if not one.held} == met
    assert {one.held for one in reminders if one.held} <= {Reason.PT_NOT_ORDERED, Reason.PT_DECLINED}


@pytest.mark.parametrize(
    ("job", "met"), [("desk", "job_desk"), ("physical", "job_physical"), ("unknown", "job_unknown"), ("none", None)]
)
def test_return_to_work_is_worded_for_one_kind_of_job(job: str, met: str | None) -> None:
    conditions = [Condition.JOB_DESK, Condition.JOB_PHYSICAL, Condition.JOB_UNKNOWN]
    steps = [a_step(code=condition, condition=condition) for condition in conditions]

    reminders = wanted(*steps, job=job)

    assert [one.step for one in reminders if not one.held] == ([met] if met else [])
    assert {one.held for one in reminders if one.held} == {Reason.OTHER_JOB}


@pytest.mark.parametrize(
    ("state", "held"),
    [
        ("due", Reason.NONE),
        ("missed", Reason.NONE),
        ("booked", Reason.VISIT_SETTLED),
        ("confirmed", Reason.VISIT_SETTLED),
        ("attended", Reason.VISIT_SETTLED),
        ("cancelled", Reason.VISIT_SETTLED),
    ],
)
@pytest.mark.parametrize("anchor", [Anchor.SURGERY, Anchor.PHASE_START, Anchor.CHECK_UP_WINDOW])
def test_asking_to_book_falls_silent_once_the_visit_is_settled(anchor: Anchor, state: str, held: Reason) -> None:
    visit = a_visit(state, "2026-04-13T15:00" if state != "due" else "", bookings=int(state != "due"))

    reminders = wanted(a_step(anchor, 3, check_up="six-weeks"), visits=(visit,))

    assert [one.held for one in reminders] == [held]


def test_one_booked_year_does_not_silence_the_next() -> None:
    step = a_step(Anchor.CHECK_UP_WINDOW, -28, check_up="yearly")
    booked = a_visit("booked", "2027-03-01T15:00", code="yearly")

    reminders = wanted(step, visits=(booked,), until=DAY0 + timedelta(days=800))

    assert [one.held for one in reminders] == [Reason.VISIT_SETTLED, Reason.NONE]


def test_nobody_is_asked_to_book_a_visit_that_was_over_before_the_enrolment() -> None:
    step = a_step(day=50, check_up="six-weeks")  # the window closes on day 48

    late = wanted(step, enrolled_on=DAY0 + timedelta(days=49))
    in_time = wanted(step, enrolled_on=DAY0 + timedelta(days=48))

    assert [one.held for one in late] == [Reason.VISIT_SETTLED]
    assert [one.held for one in in_time] == [Reason.NONE]
    assert lay_out(a_protocol(), replace(FACTS, enrolled_on=DAY0 + timedelta(days=49))).visits[0].code == "yearly"


@pytest.mark.parametrize("offset", [-3, -1])
def test_a_booked_visit_is_reminded_of_until_it_begins(offset: int) -> None:
    visit = a_visit("booked", "2026-04-13T14:00")

    (reminder,) = wanted(a_step(Anchor.VISIT, offset, check_up="six-weeks", useful_days=9), visits=(visit,))

    assert local_days([reminder]) == [42 + offset]
    assert reminder.useful_until == visit.booked_for
    assert not reminder.held


def test_each_booking_has_reminders_of_its_own() -> None:
    step = a_step(Anchor.VISIT, -1, check_up="yearly")
    first = a_visit("booked", "2027-03-01T15:00", code="yearly", bookings=1)
    moved = a_visit("booked", "2027-03-08T15:00", code="yearly", bookings=2)
    next_year = a_visit("booked", "2028-03-01T15:00", code="yearly", occurrence=1, bookings=1)

    numbers = [[one.occurrence for one in wanted(step, visits=v)] for v in [(first,), (moved,), (moved, next_year)]]

    assert numbers == [[1], [2], [2, 101]]


@pytest.mark.parametrize(
    ("state", "before", "after"),
    [
        ("booked", Reason.NONE, Reason.NONE),
        ("confirmed", Reason.NONE, Reason.NONE),
        ("attended", Reason.VISIT_SETTLED, Reason.NONE),
        ("missed", Reason.VISIT_SETTLED, Reason.VISIT_SETTLED),
        ("cancelled", Reason.VISIT_SETTLED, Reason.VISIT_SETTLED),
    ],
)
def test_words_before_and_after_a_visit_follow_its_state(state: str, before: Reason, after: Reason) -> None:
    steps = [a_step(Anchor.VISIT, day, code=f"d{day}", check_up="six-weeks") for day in (-1, 1)]

    reminders = wanted(*steps, visits=(a_visit(state, "2026-04-13T15:00"),))

    assert [one.held for one in reminders] == [before, after]


def test_a_visit_that_was_never_booked_has_no_reminders() -> None:
    assert wanted(a_step(Anchor.VISIT, -1, check_up="six-weeks"), visits=(a_visit("due", bookings=0),)) == []


@pytest.mark.parametrize(
    ("zone", "at", "visit"),
    [
        ("America/New_York", time(10), "2026-04-13T13:00"),  # the day itself, an hour after a visit at nine
        ("Pacific/Honolulu", time(19), "2026-04-13T04:00"),
        ("America/New_York", time(22), "2026-04-13T12:30"),  # held over night, past a visit at half past eight
    ],
)
def test_a_reminder_that_would_come_after_the_visit_is_held_not_sent(zone: str, at: time, visit: str) -> None:
    offset = 0 if at == time(10) else -1
    step = a_step(Anchor.VISIT, offset, at=at, check_up="six-weeks", useful_days=0)
    site = ZoneInfo("Pacific/Auckland") if zone == "Pacific/Honolulu" else ZoneInfo(zone)

    (reminder,) = wanted(step, zone=ZoneInfo(zone), site_zone=site, visits=(a_visit("booked", visit),))

    assert reminder.held == Reason.EXPIRED
    assert reminder.useful_until > reminder.due_at


def test_the_day_of_a_visit_is_the_clinics_and_the_hour_the_patients() -> None:
    visit = a_visit("booked", "2026-04-13T13:30")  # Monday morning in New York, still night in Honolulu
    honolulu = ZoneInfo("Pacific/Honolulu")

    (reminder,) = wanted(a_step(Anchor.VISIT, -1, check_up="six-weeks"), zone=honolulu, visits=(visit,))

    assert reminder.due_at.astimezone(honolulu) == datetime(2026, 4, 12, 10, tzinfo=honolulu)


@pytest.mark.parametrize(
    ("at", "staffed_only", "due"),
    [
        (time(7), False, "2026-03-06T14:00"),
        (time(10), False, "2026-03-06T15:00"),
        (time(21), False, "2026-03-07T14:00"),
        (time(10), True, "2026-03-06T15:00"),
        (time(21), True, "2026-03-09T13:00"),  # Friday night: Saturday has nobody, so Monday, in summer time
    ],
)
def test_friday_evening_and_nobody_in_the_office(at: time, staffed_only: bool, due: str) -> None:
    (reminder,) = wanted(a_step(day=4, at=at, staffed_days_only=staffed_only), staffed_weekdays=WEEKDAYS)

    assert reminder.due_at == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.parametrize(("useful_days", "day"), [(0, 3), (1, 4), (7, 10)])
def test_a_step_is_useful_until_the_window_closes_on_its_last_day(useful_days: int, day: int) -> None:
    (reminder,) = wanted(a_step(day=3, useful_days=useful_days))

    end = reminder.useful_until.astimezone(FACTS.zone)
    assert (end.date() - DAY0).days == day
    assert end.time() == FACTS.closes


def test_even_a_window_that_the_clocks_skip_leaves_an_hour() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    step = a_step(at=time(0, 15), useful_days=0)

    (reminder,) = wanted(step, day0=date(2026, 4, 24), zone=cairo, opens=time(0), closes=time(0, 45))

    assert reminder.useful_until == reminder.due_at + timedelta(hours=1)


@pytest.mark.parametrize(
    ("agreed", "channel"), [({"sms", "email"}, "email"), ({"sms"}, "sms"), ({"email"}, "email"), (set(), "")]
)
def test_the_first_channel_with_consent_carries_it(agreed: set[str], channel: str) -> None:
    (reminder,) = wanted(a_step(channels=("email", "sms")), channels=frozenset(agreed))

    assert reminder.channel == channel


def test_the_plan_reads_from_first_to_last() -> None:
    steps = [a_step(day=day, code=f"s{day}") for day in (30, 0, 7)]

    assert local_days(wanted(*steps)) == [0, 7, 30]


def test_the_same_facts_give_the_same_plan() -> None:
    step = a_step(Anchor.CHECK_UP_WINDOW, -28, check_up="yearly", repeat_days=14, repeat_count=3)

    assert lay_out(a_protocol(step), FACTS) == lay_out(a_protocol(step), FACTS)


@pytest.mark.parametrize("days", range(-27, 30, 4))
def test_a_window_opens_before_it_closes_wherever_a_phase_was_moved(days: int) -> None:
    moved = Decision(ChangeKind.SHIFT, starts=DAY0, phase="late", days=days)

    for visit in lay_out(a_protocol(), replace(FACTS, decisions=(moved,))).visits:
        assert visit.opens <= visit.target <= visit.closes
