"""What each action does to a visit in each state; and each of them undone, with the visit's messages."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from patients import audit
from patients.models import CheckUp, StaffMember, Surgery
from reminders import actions, visit_actions
from reminders.delivery.models import Delivery
from reminders.delivery.sending.claiming import claim
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from tests import given
from tests.delivery.sending import opened, ring
from tests.given import NOW
from tests.plan.rows import at, check_up, in_plan, on_its_way, reminder, standing

DAY_12 = date(2026, 3, 14)
PLANNED = (ReminderStatus.PLANNED, Reason.NONE)
SETTLED = (ReminderStatus.SKIPPED, Reason.VISIT_SETTLED)
LATER = NOW + timedelta(days=30)
STATES = ("due", "booked", "confirmed", "attended", "missed", "not_needed", "cancelled")
ACTIONS = {  # with its time an hour ago
    "book": lambda c, by: visit_actions.book_visit(c, at=LATER, by=by, now=NOW),
    "confirm": lambda c, by: visit_actions.confirm_visit(c, by=by, now=NOW),
    "attended": lambda c, by: visit_actions.mark_attended(c, by=by, now=NOW),
    "missed": lambda c, by: visit_actions.mark_missed(c, by=by, now=NOW),
    "free": lambda c, by: visit_actions.free_visit(c, by=by, now=NOW),
    "not_needed": lambda c, by: visit_actions.mark_not_needed(c, why="seen elsewhere", by=by, now=NOW),
}
BECOMES = {  # in the order of STATES; None: refused with a sentence
    "book": ["booked", "booked", "booked", None, "booked", "booked", "booked"],
    "confirm": [None, "confirmed", "confirmed", None, None, None, None],
    "attended": ["attended", "attended", "attended", "attended", "attended", None, None],
    "missed": [None, "missed", "missed", None, "missed", None, None],
    "free": ["due", "due", "due", None, None, None, None],
    "not_needed": ["not_needed", "not_needed", "not_needed", None, "not_needed", "not_needed", None],
}


def as_it_stands(visit: CheckUp) -> tuple[object, ...]:
    visit.refresh_from_db()
    return visit.state, visit.booked_for, visit.bookings, visit.not_needed_why


def put(visit: CheckUp, state: str, booked_for: datetime) -> None:
    why = "seen elsewhere" if state == "not_needed" else ""
    time = None if state == "due" else booked_for
    CheckUp.objects.filter(pk=visit.pk).update(state=state, booked_for=time, bookings=1, not_needed_why=why)


def test_each_action_in_each_state_does_what_it_says_or_says_why_not_and_can_be_undone(
    surgery: Surgery, surgeon: StaffMember
) -> None:
    visit = check_up(surgery, "six-weeks")
    for action, outcomes in BECOMES.items():
        for state, outcome in zip(STATES, outcomes, strict=True):
            put(visit, state, NOW - timedelta(hours=1))
            before, revision = as_it_stands(visit), visit.revision
            if outcome is None:
                with pytest.raises(ValidationError, match=r"This visit is .+: it|cannot be booked any more"):
                    ACTIONS[action](visit, surgeon)
                assert as_it_stands(visit) == before, (action, state)
                continue
            done = ACTIONS[action](visit, surgeon)
            assert as_it_stands(visit)[0] == outcome, (action, state)
            if done.revision > revision:
                visit_actions.undo_visit(visit, change=done.revision, by=surgeon, now=NOW)
            assert as_it_stands(visit) == before, (action, state)


def book(surgery: Surgery, by: StaffMember) -> CheckUp:
    return visit_actions.book_visit(check_up(surgery, "first-visit"), at=at(DAY_12), by=by, now=NOW)


def test_a_freed_visit_is_called_for_again_and_rebooked_with_reminders_of_its_own(
    surgery: Surgery, surgeon: StaffMember
) -> None:
    before = in_plan(surgery)
    visit = visit_actions.free_visit(book(surgery, surgeon), by=surgeon, now=NOW)

    assert (visit.state, visit.booked_for) == ("due", None)
    assert in_plan(surgery) == before
    assert standing(surgery, "book-first-visit") == PLANNED
    assert list(CheckUp.objects.due(DAY_12)[:1]) == [visit]
    visit_actions.book_visit(visit, at=at(DAY_12), by=surgeon, now=NOW)
    assert standing(surgery, "remind-first-visit-1", 2) == PLANNED


def test_an_undo_gives_a_booking_its_own_reminders_back_and_none_is_sent_twice(
    surgery: Surgery, surgeon: StaffMember
) -> None:
    visit = book(surgery, surgeon)
    on_its_way(reminder(surgery, "remind-first-visit-3", 1), status=ReminderStatus.DONE, state="delivered")
    before = in_plan(surgery)
    friday = at(DAY_12 - timedelta(days=1), hour=12)
    moved_to = at(DAY_12 + timedelta(days=2))
    for act in (
        lambda: visit_actions.free_visit(visit, by=surgeon, now=friday),
        lambda: visit_actions.mark_not_needed(visit, why="seen elsewhere", by=surgeon, now=friday),
        lambda: visit_actions.mark_attended(visit, by=surgeon, now=friday),
        lambda: visit_actions.book_visit(visit, at=moved_to, by=surgeon, now=friday),
    ):
        act()
        assert in_plan(surgery) != before
        visit_actions.undo_visit(visit, by=surgeon, now=friday)
        kept = [row for row in in_plan(surgery) if row[0].startswith("remind-first")]
        assert kept == [row for row in before if row[0].startswith("remind-first")]

    again = visit_actions.book_visit(visit, at=moved_to, by=surgeon, now=friday)
    assert again.bookings == 3, "a number that was undone may have been told to the patient: it is not used again"


def test_a_reminder_that_was_recalled_before_it_left_goes_once_after_the_undo(
    surgery: Surgery, surgeon: StaffMember
) -> None:
    visit = book(surgery, surgeon)
    ring(NOW + timedelta(minutes=5))  # the confirmation
    row = reminder(surgery, "remind-first-visit-3", 1)
    opened(row)
    visit_actions.free_visit(visit, by=surgeon, now=row.due_at)
    claim("sms", row.due_at)
    assert Delivery.objects.get(reminder=row).state == "cancelled"

    visit_actions.undo_visit(visit, by=surgeon, now=row.due_at)

    assert standing(surgery, "remind-first-visit-3", 1) == PLANNED
    for _ in range(2):
        ring(row.due_at)
    assert [one.attempt_count for one in Delivery.objects.filter(reminder=row).order_by("pk")][-1] == 1
    assert Delivery.objects.filter(reminder=row, attempt_count__gt=0).count() == 1


def test_a_reminder_that_failed_and_was_recalled_is_reception_s_after_the_undo(
    surgery: Surgery, surgeon: StaffMember
) -> None:
    visit = book(surgery, surgeon)
    row = reminder(surgery, "remind-first-visit-3", 1)
    on_its_way(row)
    visit_actions.free_visit(visit, by=surgeon, now=NOW)
    type(row).objects.filter(pk=row.pk).update(status=ReminderStatus.CANCELLED)  # as its next try ends

    visit_actions.undo_visit(visit, by=surgeon, now=NOW)

    assert list(type(row).objects.to_call()) == [row]


def test_an_undo_is_refused_once_something_else_has_happened(surgery: Surgery, surgeon: StaffMember) -> None:
    colleague = given.a_staff_member(surgery.site, "reception")
    with pytest.raises(ValidationError, match="nothing to undo"):
        visit_actions.undo_visit(check_up(surgery, "first-visit"), by=surgeon, now=NOW)
    freed = visit_actions.free_visit(book(surgery, surgeon), by=surgeon, now=NOW)
    a_minute_later = NOW + timedelta(minutes=1)
    visit_actions.book_visit(freed, at=LATER, by=colleague, now=NOW)
    with pytest.raises(ValidationError, match="Ida Hale booked Wed 1 Apr 11:00 a minute ago: look again"):
        visit_actions.undo_visit(freed, change=freed.revision, by=surgeon, now=a_minute_later)
    assert check_up(surgery, "first-visit").booked_for == LATER

    visit_actions.undo_visit(freed, by=surgeon, now=a_minute_later)
    with pytest.raises(ValidationError, match="undone already"):
        visit_actions.undo_visit(freed, by=surgeon, now=a_minute_later)

    booked = book(surgery, surgeon)
    visit_actions.free_visit(booked, by=surgeon, now=NOW)
    with pytest.raises(ValidationError, match=r"has passed\. Book another one"):
        visit_actions.undo_visit(booked, by=surgeon, now=at(DAY_12, hour=16))
    actions.cancel_surgery(surgery, why="Fever", by=surgeon, now=NOW)
    with pytest.raises(ValidationError, match="This operation was cancelled"):
        visit_actions.undo_visit(booked, by=surgeon, now=NOW)


def test_an_undo_is_refused_when_the_time_was_given_to_somebody_else(surgery: Surgery, surgeon: StaffMember) -> None:
    other = given.an_enrolment(surgery.site, by=surgeon)
    visit = visit_actions.free_visit(book(surgery, surgeon), by=surgeon, now=NOW)
    taken = book(other, surgeon)

    with pytest.raises(ValidationError, match="was given to somebody else meanwhile"):
        visit_actions.undo_visit(visit, by=surgeon, now=NOW)
    visit_actions.free_visit(taken, by=surgeon, now=NOW)
    visit_actions.undo_visit(visit, by=surgeon, now=NOW)

    assert as_it_stands(visit)[:2] == ("booked", at(DAY_12))


def test_not_needed_asks_why_and_keeps_it(surgery: Surgery, surgeon: StaffMember) -> None:
    visit = book(surgery, surgeon)
    for why, said in (("  ", "Say in a few words"), ("x" * 201, "too long")):
        with pytest.raises(ValidationError, match=said):
            visit_actions.mark_not_needed(visit, why=why, by=surgeon, now=NOW)

    visit_actions.mark_not_needed(visit, why=" operated on elsewhere ", by=surgeon, now=NOW)

    entry = audit.history(surgery).last()
    assert entry is not None
    assert (entry.verb, entry.details["why"], entry.by) == ("visit not needed", "operated on elsewhere", surgeon)
    assert as_it_stands(visit) == ("not_needed", at(DAY_12), 1, "operated on elsewhere")
    assert standing(surgery, "book-first-visit") == SETTLED


def test_who_books_what_a_colleague_has_booked_meanwhile_is_told_so(surgery: Surgery, surgeon: StaffMember) -> None:
    """Also who moves, frees or closes it; the same time twice is one booking, whoever asked for it."""
    colleague = given.a_staff_member(surgery.site, "reception")
    visit = check_up(surgery, "first-visit")
    minute = NOW + timedelta(minutes=1)
    visit_actions.book_visit(visit, at=at(DAY_12), by=colleague, now=NOW, seen=0)
    for act in (
        lambda: visit_actions.book_visit(visit, at=LATER, by=surgeon, now=minute, seen=0),
        lambda: visit_actions.free_visit(visit, by=surgeon, now=minute, seen=0),
        lambda: visit_actions.mark_attended(visit, by=surgeon, now=minute, seen=0),
        lambda: visit_actions.mark_not_needed(visit, why="x", by=surgeon, now=minute, seen=0),
    ):
        with pytest.raises(ValidationError, match="Ida Hale booked Sat 14 Mar 11:00 a minute ago: look again"):
            act()
    visit_actions.book_visit(visit, at=at(DAY_12), by=surgeon, now=minute, seen=0)

    assert as_it_stands(visit)[:3] == ("booked", at(DAY_12), 1)


def test_a_patient_who_was_gone_by_mistake_is_called_for_again(surgery: Surgery, surgeon: StaffMember) -> None:
    visit = book(surgery, surgeon)
    actions.set_patient_status(surgery.patient, status="deceased", by=surgeon, now=NOW)
    assert as_it_stands(visit)[0] == "cancelled"

    actions.set_patient_status(surgery.patient, status="active", by=surgeon, now=NOW)

    assert as_it_stands(visit)[:2] == ("due", None)
    assert standing(surgery, "book-first-visit") == PLANNED
