"""However a notice about a visit's time ends without arriving, the true time is told anew or somebody calls."""

from datetime import UTC, datetime, timedelta

import pytest

from patients.models import Site, StaffMember, Surgery
from reminders import visit_actions
from reminders.delivery.followup.reminder_status import follow_up
from reminders.delivery.models import Alarm, Delivery, EndedNotice
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.delivery.state import State
from reminders.delivery.transitions import move
from reminders.plan import zone_refresh
from reminders.plan.models import Reminder
from reminders.plan.reasons import Reason
from tests import given
from tests.delivery.sending import ring
from tests.given import NOW

NINTH, TENTH, ELEVENTH = (datetime(2026, 3, day, 14, 20, tzinfo=UTC) for day in (9, 10, 11))
MINUTE, SETTLED, HOUR = timedelta(minutes=1), timedelta(minutes=4), timedelta(hours=1)
MOVED = NOW + HOUR


@pytest.fixture
def surgery(site: Site, surgeon: StaffMember) -> Surgery:
    Site.objects.filter(pk=site.pk).update(texts_a_day=99, texts_a_week=99, address="120 Riverside Avenue")
    surgery = given.an_enrolment(site, by=surgeon, day=30)
    Reminder.objects.filter(surgery=surgery).update(status="skipped", reason="skipped_by_staff")
    book(surgery, NINTH, surgeon, NOW)
    ring(NOW + SETTLED)
    return surgery


def book(surgery: Surgery, at: datetime, by: StaffMember, now: datetime) -> None:
    visit_actions.book_visit(surgery.check_ups.get(code="six-weeks"), at=at, by=by, now=now)


def moved_and_on_its_way(surgery: Surgery, by: StaffMember) -> int:
    """The key of the delivery that tells the tenth, claimed."""
    book(surgery, TENTH, by, MOVED)
    open_due(MOVED + SETTLED)
    [job] = claim("sms", MOVED + SETTLED).jobs
    return job.delivery


def moved_wrongly_and_undone(surgery: Surgery, by: StaffMember, now: datetime) -> None:
    book(surgery, ELEVENTH, by, now)
    visit_actions.undo_visit(surgery.check_ups.get(code="six-weeks"), by=by, now=now + MINUTE)


def last_text(surgery: Surgery) -> str:
    sent = Delivery.objects.filter(reminder__surgery=surgery, state=State.DELIVERED)
    return sent.order_by("claimed_at", "pk").values_list("text", flat=True).last() or ""


ENDS = {
    "refused": (State.REJECTED, Reason.REFUSED),
    "undelivered": (State.UNDELIVERED_PERM, Reason.UNDELIVERED),
    "suppressed": (State.SUPPRESSED, Reason.FOREIGN),
    "expired": (State.EXPIRED, Reason.CONTACT_LIMIT),
    "unconfirmed": (State.UNCONFIRMED, Reason.UNCONFIRMED),
    "recalled": (State.CANCELLED, Reason.VISIT_MOVED),
}


@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("first", ["it ends", "the visit is moved and put back"])
def test_a_time_that_stands_again_is_told_however_its_notice_ended(surgery, surgeon, how, first):
    delivery, later = moved_and_on_its_way(surgery, surgeon), MOVED + HOUR
    state, reason = ENDS[how]

    def ends() -> None:
        move([delivery], state, since=[State.CLAIMED], now=later, reason=reason)
        follow_up([delivery], now=later)

    if first == "it ends":
        ends()
        moved_wrongly_and_undone(surgery, surgeon, later)
    else:
        moved_wrongly_and_undone(surgery, surgeon, later)
        ends()
    ring(later + SETTLED)
    ring(later + SETTLED + MINUTE)

    assert "NEW TIME: Tuesday, March 10" in last_text(surgery)
    assert "Not Monday, March 9" in last_text(surgery)
    assert not EndedNotice.objects.exists()
    assert not Reminder.objects.to_call().filter(surgery=surgery).exists(), "the new notice stands in its place"


def test_what_was_recalled_while_it_waits_for_its_next_try_is_told_within_minutes(surgery, surgeon):
    delivery, later = moved_and_on_its_way(surgery, surgeon), MOVED + MINUTE * 10
    next_try = {"not_before": MOVED + 5 * HOUR}
    move([delivery], State.UNDELIVERED_TEMP, since=[State.CLAIMED], now=later, reason=Reason.TEMPORARY, **next_try)
    moved_wrongly_and_undone(surgery, surgeon, later)

    ring(later + SETTLED)

    assert Delivery.objects.get(pk=delivery).state == State.CANCELLED
    assert "NEW TIME: Tuesday, March 10" in last_text(surgery)
    ring(MOVED + 6 * HOUR)
    assert Delivery.objects.filter(reminder__step_code__contains=":", state=State.DELIVERED).count() == 2


def test_a_confirmation_that_is_lost_overnight_leaves_a_call(site, surgery, surgeon):
    other = given.an_enrolment(site, by=surgeon, day=30)
    Reminder.objects.filter(surgery=other).update(status="skipped", reason="skipped_by_staff")
    book(other, TENTH, surgeon, MOVED)
    open_due(MOVED + SETTLED)
    [job] = claim("sms", MOVED + SETTLED).jobs
    moved_wrongly_and_undone(other, surgeon, MOVED + HOUR)
    move([job.delivery], State.CANCELLED, since=[State.CLAIMED], now=MOVED + 24 * HOUR, reason=Reason.VISIT_MOVED)
    follow_up([job.delivery], now=MOVED + 24 * HOUR)

    ring(MOVED + 24 * HOUR + MINUTE)

    assert [row.step_code for row in Reminder.objects.to_call().filter(surgery=other)] == ["visit-booked:six-weeks"]
    assert [row.status for row in Reminder.objects.to_call().filter(surgery=other)] == ["expired"]


def test_a_plan_that_cannot_be_laid_out_now_is_tried_again_and_keeps_nobody_waiting(surgery, surgeon, monkeypatch):
    delivery, later = moved_and_on_its_way(surgery, surgeon), MOVED + HOUR
    move([delivery], State.REJECTED, since=[State.CLAIMED], now=later, reason=Reason.REFUSED)
    follow_up([delivery], now=later)

    def fails(*_: object, **__: object) -> None:
        raise LookupError

    with monkeypatch.context() as patched:
        patched.setattr(zone_refresh, "lay_out", fails)
        patched.setattr(zone_refresh, "keep_hours", fails)
        ring(later)
        assert EndedNotice.objects.filter(reminder__surgery=surgery).exists()
        assert set(Alarm.objects.values_list("kind", "subject")) == {
            ("plan_stuck", f"surgery {surgery.pk}"), ("plan_stuck", "hours of visits"),
        }  # fmt: skip

    ring(later)

    assert not EndedNotice.objects.exists()
