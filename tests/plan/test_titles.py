"""What a message is called on the day it really comes, and what only lies further on."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from patients.models import StaffMember, Surgery
from reminders.plan.further_on import is_further_on, last_ones
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from reminders.plan.schedule import lay_out
from reminders.plan.titles import title_on
from reminders.plan.values import Anchor, ChangeKind
from reminders.plan_changes import Wish, decide
from tests.given import NOW
from tests.plan.build import DAY0, FACTS, a_protocol, a_step
from tests.plan.rows import reminder

CHECK_IN = "Check-in, day 1: pain 0-10, wound"


@pytest.mark.parametrize(
    ("title", "anchor", "offset", "day", "said"),
    [
        (CHECK_IN, "surgery", 1, 1, CHECK_IN),
        (CHECK_IN, "surgery", 1, 2, "Check-in, day 2: pain 0-10, wound"),
        ("Check-in, day 10", "surgery", 1, 2, "Check-in, day 10"),  # another number
        ("Day 14: stitches out, 14 steps", "surgery", 14, 16, "Day 16: stitches out, 14 steps"),
        ("Strengthening, day 1", "phase_start", 1, 60, "Strengthening, day 1"),  # of its phase
        ("No lifting", "surgery", 1, 2, "No lifting"),
    ],
)
def test_a_title_says_the_day_on_which_it_comes(title: str, anchor: str, offset: int, day: int, said: str) -> None:
    assert title_on(title, anchor=anchor, offset_days=offset, day=day) == said


@pytest.mark.django_db
def test_a_check_in_that_was_put_off_says_its_real_day(surgery: Surgery, surgeon: StaffMember) -> None:
    decide(surgery, Wish(ChangeKind.DELAY, step="check-in-1", days=2), why="travels", by=surgeon, now=NOW)

    assert reminder(surgery, "check-in-1").title == "Check-in, day 3: pain 0-10, wound, legs, bladder"


@pytest.mark.django_db
def test_what_a_hold_puts_beyond_the_horizon_is_not_dropped(surgery: Surgery, surgeon: StaffMember) -> None:
    endless = surgery.care_plan.version.steps.filter(repeat_days__isnull=False, repeat_count=None).first()
    assert endless.own_nature == "activity"
    was = surgery.reminders.filter(step=endless, status=ReminderStatus.PLANNED).count()

    wish = Wish(ChangeKind.HOLD, ends=surgery.date + timedelta(days=200))
    changes = decide(surgery, wish, why="revision", by=surgeon, now=NOW).changes

    gone = [one.row for one in changes.changed if one.row.status == ReminderStatus.CANCELLED]
    assert gone
    assert {row.reason for row in gone} == {Reason.FURTHER_ON}
    assert surgery.reminders.filter(step=endless, status=ReminderStatus.PLANNED).count() == was - len(gone)


def test_only_a_repeat_without_end_can_lie_further_on() -> None:
    forever = a_step(day=10, code="forever", repeat_days=100, repeat_count=None)
    thrice = a_step(day=10, code="thrice", repeat_days=100, repeat_count=3)
    window = a_step(Anchor.CHECK_UP_WINDOW, -7, code="book", check_up="yearly")
    protocol = a_protocol(forever, thrice, window)
    wanted = lay_out(protocol, replace(FACTS, until=DAY0 + timedelta(days=250))).reminders

    last = last_ones(protocol, wanted)

    assert last == {"forever": 2, "book": 0}
    assert is_further_on("forever", 3, last)
    assert not is_further_on("forever", 2, last)
    assert not is_further_on("thrice", 3, last)
    assert not is_further_on("forever", 1_000_000 + date(2026, 3, 9).toordinal(), last)
