"""Everything was down for an hour, a day, a week: nobody hears two phases on one day, and nothing is silent."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.fastforward import play
from patients.models import Surgery
from reminders import actions, visit_actions
from reminders.delivery.models import Attempt, Delivery
from reminders.delivery.sending.opening import open_due
from reminders.plan import planning
from reminders.plan.models import Reminder, Step
from reminders.plan.values import Anchor
from tests import given
from tests.delivery.sending import opened, ring

ZONES = ["", "America/Los_Angeles", "Europe/London", "Asia/Kolkata", "Pacific/Auckland"]
DAYS = [0, 13, 14, 20, 41, 42, 83, 84]  # near the end of a phase, so that the outage runs into the next one
DOWN = given.NOW + timedelta(hours=5, minutes=30)  # 15:30 in New York, half an hour before “walk today”
OUTAGES = {"1 hour": timedelta(hours=1), "26 hours": timedelta(hours=26), "8 days": timedelta(days=8)}
LEFT_OUT = {"late", "overtaken"}


@pytest.fixture
def people(site, surgeon) -> list[Surgery]:
    versions = [given.a_signed_version(site, code, by=surgeon) for code in ("si-fusion", "miss-base")]
    enrolled = []
    for number, day in enumerate(DAYS):
        patient = given.a_new_patient(time_zone=ZONES[number % len(ZONES)])
        facts = {"patient": patient, "version": versions[number % 2], "physical_therapy": "ordered"}
        enrolled.append(given.an_enrolment(site, by=surgeon, day=day, **facts))
    for _ in play(given.NOW, DOWN):
        pass
    return enrolled


def after(outage: timedelta, *, days: int = 3) -> None:
    """Nothing ran for so long; then it is swept, and life goes on."""
    ring(DOWN + outage)
    for _ in play(DOWN + outage, DOWN + outage + timedelta(days=days)):
        pass


def phases_by_day(moments: Iterable[tuple[Reminder, datetime]]) -> dict[tuple[int, date], set[str]]:
    """The phases a patient hears of on each local day; a booked visit belongs to none."""
    found: dict[tuple[int, date], set[str]] = defaultdict(set)
    for reminder, at in moments:
        if reminder.step.anchor != Anchor.VISIT:
            zone = reminder.surgery.patient.zone
            found[reminder.surgery_id, at.astimezone(zone).date()].add(reminder.step.phase.code)
    return found


def that_left() -> list[tuple[Reminder, datetime]]:
    rows = Attempt.objects.select_related("delivery__reminder__step__phase", "delivery__reminder__surgery__patient")
    return [(row.delivery.reminder, row.started_at) for row in rows]


@pytest.mark.parametrize("outage", OUTAGES)
def test_after_an_outage_nobody_hears_two_phases_on_one_day(people, outage):
    after(OUTAGES[outage])

    assert len(that_left()) >= len(people)
    assert {day: phases for day, phases in phases_by_day(that_left()).items() if len(phases) > 1} == {}


@pytest.mark.parametrize("outage", OUTAGES)
def test_what_the_outage_cost_is_listed_with_a_reason(people, outage):
    after(OUTAGES[outage], days=1)

    due = Reminder.objects.filter(due_at__gt=DOWN, due_at__lte=DOWN + OUTAGES[outage])
    assert due.exists()
    for row in due:
        assert row.status in ("done", "skipped", "expired", "cancelled", "suppressed")
        assert row.status == "done" or row.why
    lost = due.filter(reason__in=LEFT_OUT)
    assert lost.exists() == (outage != "1 hour")
    assert not Attempt.objects.filter(delivery__reminder__in=lost).exists()


def test_what_was_left_out_stays_left_out_when_the_plan_is_laid_out_again(people):
    ring(DOWN + OUTAGES["8 days"])
    before = set(Reminder.objects.filter(reason__in=LEFT_OUT).values_list("pk", "status", "reason"))

    for surgery in people:
        planning.sync(surgery, now=DOWN + OUTAGES["8 days"])

    assert before
    assert set(Reminder.objects.filter(reason__in=LEFT_OUT).values_list("pk", "status", "reason")) == before


def test_a_visit_reminder_that_still_helps_goes_whatever_phase_has_begun(site, surgeon):
    surgery = given.an_enrolment(site, by=surgeon, day=38)
    visit = surgery.check_ups.get(code="six-weeks")
    at = datetime.combine(given.NOW.date() + timedelta(days=6), time(18), ZoneInfo("America/New_York"))
    visit_actions.book_visit(visit, at=at.astimezone(UTC), by=surgeon, now=given.NOW)  # day 44, in the next phase
    reminder = Reminder.objects.get(surgery=surgery, step_code="remind-six-weeks-1")

    ring(reminder.useful_until - timedelta(hours=4))

    assert Attempt.objects.filter(delivery__reminder=reminder).exists()
    assert Reminder.objects.get(surgery=surgery, step_code="outcome-questions-2").reason == "overtaken"


@pytest.mark.parametrize(("rule", "reason"), [("until", ""), ("skip", "late"), ("next", "")])
def test_the_steps_own_rule_decides_what_comes_late(site, surgeon, rule, reason):
    reminder = _one_in_the_middle_of_a_phase(site, surgeon, rule)

    open_due(reminder.due_at + timedelta(days=1))

    reminder.refresh_from_db()
    assert reminder.reason == reason
    assert Delivery.objects.filter(reminder=reminder).exists() == (not reason)


def test_a_booking_that_was_left_out_is_called_for(site, surgeon):
    Step.objects.filter(code="book-six-weeks").update(late_rule="skip")  # of the draft that is signed next
    surgery = given.an_enrolment(site, by=surgeon, day=14)
    moved = Reminder.objects.get(surgery=surgery, step_code="book-six-weeks", occurrence=0)

    open_due(moved.due_at + timedelta(days=1))

    assert Reminder.objects.to_call().filter(pk=moved.pk, reason="late").exists()


def test_a_delivery_that_waited_in_the_queue_is_judged_again(site, surgeon):
    reminder = _one_in_the_middle_of_a_phase(site, surgeon, "skip")
    opened(reminder)

    ring(reminder.due_at + timedelta(days=1))

    assert Delivery.objects.get(reminder=reminder).state == "cancelled"
    reminder.refresh_from_db()
    assert (reminder.status, reminder.reason) == ("cancelled", "late")


def test_what_staff_sends_again_goes_however_late(site, surgeon):
    reminder = _one_in_the_middle_of_a_phase(site, surgeon, "skip")
    opened(reminder)
    Delivery.objects.update(state="rejected", reason="refused", attempt_count=1, settled_at=reminder.due_at)
    Reminder.objects.filter(pk=reminder.pk).update(status="failed", reason="refused")

    tomorrow = reminder.due_at + timedelta(days=1)
    actions.resend(reminder, by=surgeon, now=tomorrow)
    ring(tomorrow)

    assert Delivery.objects.get(reminder=reminder).attempt_count == 2


def _one_in_the_middle_of_a_phase(site, surgeon, rule: str) -> Reminder:
    """Useful for days, and nothing of a later phase is near."""
    Step.objects.filter(code="listen-to-body").update(late_rule=rule)  # of the draft that is signed next
    surgery = given.an_enrolment(site, by=surgeon, day=18)
    kept = Reminder.objects.get(surgery=surgery, step_code="listen-to-body")
    Reminder.objects.filter(surgery=surgery).exclude(pk=kept.pk).exclude(step_code="book-six-weeks").update(
        status="skipped", reason="skipped_by_staff"
    )
    return kept
