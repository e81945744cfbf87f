"""Reception's board says who comes and who must be booked, each in the list that the facts call for."""

from datetime import timedelta

import pytest

from clinic.staff.board.page import board
from patients.models import CheckUp
from reminders import visit_actions
from reminders.plan.values import ChangeKind
from reminders.plan_changes import Wish, decide, release
from reminders.replies import inbound
from tests.given import NOW, a_phone, a_site, a_staff_member, an_enrolment, phone
from tests.staff.board_rows import booked, rows, visit_of
from tests.staff.desk import site, surgeon

__all__ = ["site", "surgeon"]
pytestmark = pytest.mark.django_db


def test_every_open_visit_stands_in_the_list_its_facts_call_for(site, surgeon):
    for day in (-3, 0, 9, 11, 12, 13, 30, 41, 60, 90, 200, 380):
        date = site.today(NOW) - timedelta(days=day)
        an_enrolment(site, by=surgeon, date=date, now=NOW - timedelta(days=90))
    _settle_some(surgeon)

    shown = board(site, staff=surgeon, now=NOW)

    for code, expected in _expected(site).items():
        assert expected, f"nothing in {code}: this test would prove nothing"
        assert sorted(row.pk for row in rows(shown, code)) == sorted(expected), code


def _settle_some(by) -> None:
    """Every third visit is booked, on days around today; some of these are confirmed, over or not needed."""
    for number, check_up in enumerate(CheckUp.objects.select_related("surgery").order_by("pk")):
        at = NOW + timedelta(days=(number % 37) - 12, minutes=10 * number)
        if number % 3 or at.date() < check_up.surgery.date:
            continue
        check_up = visit_actions.book_visit(check_up, at=at, by=by, now=at - timedelta(days=1))
        acts = [None, visit_actions.confirm_visit, visit_actions.mark_attended, visit_actions.mark_missed, _not_needed]
        if act := acts[number % 5]:
            act(check_up, by=by, now=at + timedelta(hours=1))


def _not_needed(check_up, *, by, now) -> None:
    visit_actions.mark_not_needed(check_up, why="operated on again", by=by, now=now)


def _expected(site) -> dict[str, list[int]]:
    """The same lists, worked out row by row in plain Python."""
    lists: dict[str, list[int]] = {k: [] for k in ("not-closed", "today", "next", "due", "overdue", "missed")}
    today = site.today(NOW)
    for c in CheckUp.objects.all():
        day = site.today(c.booked_for) if c.booked_for else None
        if c.state == "due":
            if c.window_closes < today:
                lists["overdue"].append(c.pk)
            elif (c.window_opens - today).days <= 14:
                lists["due"].append(c.pk)
        elif c.state == "missed":
            lists["missed"].append(c.pk)
        elif c.state in ("booked", "confirmed") and day < today:
            lists["not-closed"].append(c.pk)
        elif c.state in ("booked", "confirmed") and today < day <= today + timedelta(days=14):
            lists["next"].append(c.pk)
        elif c.state != "not_needed" and day == today:
            lists["today"].append(c.pk)
    return lists


def test_today_is_the_sites_day_and_its_hours_are_the_sites_hours(surgeon):
    tokyo = a_site("tokyo", time_zone="Asia/Tokyo")  # at NOW it is midnight of 3 March there
    doctor = a_staff_member(tokyo)
    today = an_enrolment(tokyo, by=doctor, day=12)
    booked(today, NOW + timedelta(hours=9), doctor)
    tomorrow = an_enrolment(tokyo, by=doctor, day=12)
    booked(tomorrow, NOW + timedelta(hours=24), doctor)

    shown = board(tokyo, staff=doctor, now=NOW)

    assert [row.lead for row in rows(shown, "today")] == ["09:00"]
    assert [(row.day, row.lead) for row in rows(shown, "next")] == [("tomorrow, Wed 4 Mar", "00:00")]


def test_a_row_says_what_reception_needs(site, surgeon):
    surgery = an_enrolment(site, a_phone(phone(14)), by=surgeon, day=12)
    patient = surgery.patient
    patient.language = "es"
    patient.save()
    booked(surgery, NOW + timedelta(hours=2), surgeon)
    inbound.receive(provider_id="SM1", from_address=phone(14), to_address=phone(1), text="1", now=NOW)

    [row] = rows(board(site, staff=surgeon, now=NOW + timedelta(minutes=5)), "today")

    assert (row.lead, row.person.name, row.person.age, row.person.language) == ("12:00", "Ana Ruiz", 60, "Spanish")
    assert (row.title, row.person.day, row.pill.word) == ("First visit", "day 12", "confirmed")
    assert (row.person.phone, row.person.tel) == ("+1 202-555-0114", "+12025550114")
    assert row.last == "will come, today 10:00"
    assert row.main.label == "Arrived"


def test_a_row_says_that_a_plan_is_held_until_it_is_released(site, surgeon):
    held, running = (an_enrolment(site, by=surgeon, day=12) for _ in range(2))
    decide(held, Wish(ChangeKind.HOLD), why="fever", by=surgeon, now=NOW)

    def marked() -> list[int]:
        return [row.person.surgery for row in rows(board(site, staff=surgeon, now=NOW), "due") if row.person.is_held]

    assert marked() == [held.pk]
    assert {row.person.surgery for row in rows(board(site, staff=surgeon, now=NOW), "due")} == {held.pk, running.pk}
    release(held, by=surgeon, now=NOW)
    assert marked() == []


def test_a_window_says_how_much_of_it_is_gone(site, surgeon):
    an_enrolment(site, by=surgeon, day=14)
    an_enrolment(site, by=surgeon, day=2)

    last, later = rows(board(site, staff=surgeon, now=NOW), "due")

    assert (last.gone, last.pill.word) == (80, "last day")
    assert (later.gone, later.pill) == (0, None)
    assert "opens in 8 days" in later.window


def test_what_can_be_done_with_a_visit_follows_its_state_and_its_hour(site, surgeon):
    today, tomorrow = (an_enrolment(site, by=surgeon, day=12) for _ in range(2))
    noon = booked(today, NOW + timedelta(hours=2), surgeon)
    booked(tomorrow, NOW + timedelta(hours=24), surgeon)

    def offered(hours: int, code: str) -> list[str]:
        [row] = rows(board(site, staff=surgeon, now=NOW + timedelta(hours=hours)), code)
        return [action.label for action in row.actions]

    assert offered(0, "next") == ["Confirm", "Move", "Free this time", "Not needed"]
    assert offered(0, "today") == ["Arrived", "Confirm", "Move", "Free this time", "Not needed"]
    assert offered(2, "today") == ["Arrived", "Missed", "Confirm", "Move", "Free this time", "Not needed"]
    visit_actions.confirm_visit(noon, by=None, now=NOW)
    assert offered(1, "today") == ["Arrived", "Move", "Free this time", "Not needed"]
    assert offered(2, "today") == ["Arrived", "Missed", "Move", "Free this time", "Not needed"]
    assert offered(24, "not-closed") == ["They came", "Missed", "Move", "Free this time", "Not needed"]
    visit_actions.mark_attended(noon, by=surgeon, now=NOW + timedelta(hours=2))
    assert offered(3, "today") == []


def test_a_request_for_another_time_makes_moving_the_main_thing_until_it_is_moved(site, surgeon):
    surgery = an_enrolment(site, a_phone(phone(14)), by=surgeon, day=8)
    check_up = booked(surgery, NOW + timedelta(days=3), surgeon)
    inbound.receive(provider_id="SM1", from_address=phone(14), to_address=phone(1), text="3", now=NOW)

    [asked] = rows(board(site, staff=surgeon, now=NOW), "next")
    later = NOW + timedelta(hours=1)
    visit_actions.book_visit(check_up, at=NOW + timedelta(days=4), by=surgeon, now=later)
    [moved] = rows(board(site, staff=surgeon, now=later), "next")

    assert (asked.pill.word, asked.main.label) == ("wants another time", "Move")
    assert (moved.pill.word, moved.main.label) == ("not confirmed", "Confirm")


def test_of_two_operations_only_the_visit_that_the_answer_is_about_wants_another_time(site, surgeon):
    surgery = an_enrolment(site, a_phone(phone(14)), by=surgeon, day=8)
    earlier = an_enrolment(site, by=surgeon, day=80, patient=surgery.patient)
    first = booked(surgery, NOW + timedelta(days=2), surgeon)
    other = earlier.check_ups.filter(state="due").first()
    visit_actions.book_visit(other, at=NOW + timedelta(days=3), by=surgeon, now=NOW - timedelta(days=1))
    inbound.receive(provider_id="SM1", from_address=phone(14), to_address=phone(1), text="2", now=NOW)

    pills = {row.pk: row.pill.word for row in rows(board(site, staff=surgeon, now=NOW), "next")}

    assert pills == {first.pk: "cannot come", other.pk: "not confirmed"}


def test_a_long_list_is_cut_and_says_how_many_more_there_are(site, surgeon):
    surgery = an_enrolment(site, by=surgeon, day=12)
    first = visit_of(surgery)
    for number in range(1, 42):
        first.pk, first.occurrence = None, number
        first.save()

    section = next(s for s in board(site, staff=surgeon, now=NOW).right if s.code == "due")

    assert (len(section.rows), section.total, section.more) == (30, 42, 12)
