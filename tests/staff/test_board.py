"""Reception's board says who comes, and who must be booked, called and read."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.staff.board.page import Board, board
from patients.models import CheckUp
from reminders import actions
from reminders.deciding import Wish, decide, release
from reminders.plan.models import Reminder
from reminders.plan.values import ChangeKind
from reminders.replies import inbound
from reminders.replies.models import Reply
from tests.given import NOW, a_phone, a_site, a_staff_member, an_enrolment, phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def surgeon(site):
    return a_staff_member(site)


def visit_of(surgery, code: str = "first-visit") -> CheckUp:
    return surgery.check_ups.get(code=code, occurrence=0)


def booked(surgery, at: datetime, by, code: str = "first-visit") -> CheckUp:
    return actions.book_visit(visit_of(surgery, code), at=at, by=by, now=min(NOW, at) - timedelta(days=1))


def rows(shown: Board, code: str) -> list:
    return next((s.rows for s in shown.left + shown.right if s.code == code), [])


def names(shown: Board, code: str) -> list[str]:
    return [row.person.name for row in rows(shown, code)]


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
    """Every third visit is booked, on days around today; some of these are confirmed, attended, missed or cancelled."""
    for number, check_up in enumerate(CheckUp.objects.order_by("pk")):
        if number % 3:
            continue
        at = NOW + timedelta(days=(number % 37) - 12, minutes=10 * number)
        check_up = actions.book_visit(check_up, at=at, by=by, now=at - timedelta(days=1))
        acts = [None, actions.confirm_visit, actions.mark_attended, actions.mark_missed, actions.cancel_visit]
        if act := acts[number % 5]:
            act(check_up, by=by, now=at + timedelta(hours=1))


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
        elif c.state != "cancelled" and day == today:
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
    assert row.last == "answered 1, will come, today 10:00"
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


def test_the_five_numbers_are_those_of_the_lists(site, surgeon):
    one, two = (an_enrolment(site, a_phone(phone(n)), by=surgeon, day=12) for n in (14, 15))
    booked(one, NOW + timedelta(hours=2), surgeon)
    actions.confirm_visit(booked(two, NOW + timedelta(hours=3), surgeon), by=None, now=NOW)
    an_enrolment(site, by=surgeon, day=13)
    inbound.receive(provider_id="SM1", from_address=phone(14), to_address=phone(1), text="can I drive?", now=NOW)
    Reminder.objects.filter(pk=one.reminders.first().pk).update(status="suppressed", reason="no_consent")
    Reminder.objects.due(NOW).update(status="done")  # as the sweep would have it

    tiles = board(site, staff=surgeon, now=NOW).tiles

    assert [(t.value, t.words) for t in tiles[:4]] == [
        ("2", "visits today, 1 not confirmed"),
        ("1", "due but not booked"),
        ("1", "cannot be reached"),
        ("1", "reply to read"),
    ]
    assert tiles[4].value == "all on time"


def test_late_messages_turn_all_on_time_into_a_number(site, surgeon):
    an_enrolment(site, by=surgeon, day=0)
    due = Reminder.objects.planned().order_by("due_at").first().due_at

    tile = board(site, staff=surgeon, now=due + timedelta(minutes=11)).tiles[4]

    assert (tile.value, tile.tone) == ("1 late", "red")


def not_reached(surgery, *deadlines: timedelta, reason: str = "no_consent") -> list[Reminder]:
    """As many messages that found no way, useful until so long after NOW."""
    found = list(surgery.reminders.order_by("due_at")[: len(deadlines)])
    for reminder, until in zip(found, deadlines, strict=True):
        facts = {"due_at": NOW - timedelta(days=99), "useful_until": NOW + until}
        surgery.reminders.filter(pk=reminder.pk).update(status="suppressed", reason=reason, **facts)
    return found


def test_who_cannot_be_reached_is_one_row_however_many_messages_there_are(site, surgeon):
    surgery = an_enrolment(site, a_phone(phone(14)), by=surgeon, day=12)
    late, urgent, later = not_reached(surgery, timedelta(hours=-3), timedelta(hours=2), timedelta(hours=9))
    surgery.reminders.filter(pk=later.pk).update(reason="no_sender")

    shown = board(site, staff=surgeon, now=NOW)

    [row] = rows(shown, "calls")
    assert (row.person.name, row.person.age, row.person.day) == ("Ana Ruiz", 60, "day 12")
    assert row.person.phone == "+1 202-555-0114"
    assert (row.title, row.pill.word) == (urgent.step.title, "call by today 12:00")
    assert (row.more, row.others) == (2, [later.step.title, late.step.title])
    assert row.why == ("There is no consent to write to this patient. Call. The site has no sender for this channel.")
    assert shown.tiles[2].value == "1"


def test_whose_deadline_comes_first_is_called_first_and_past_ones_come_last(site, surgeon):
    hours = {"past": (-2,), "long past": (-90,), "evening": (9, 30), "noon": (-50, 2)}
    for name, ends in hours.items():
        surgery = an_enrolment(site, by=surgeon, day=12)
        type(surgery.patient).objects.filter(pk=surgery.patient_id).update(given_name=name, family_name="")
        not_reached(surgery, *(timedelta(hours=end) for end in ends))

    shown = board(site, staff=surgeon, now=NOW)

    assert [name.strip() for name in names(shown, "calls")] == ["noon", "evening", "past", "long past"]
    assert [row.pill.tone for row in rows(shown, "calls")] == ["bad", "bad", "neutral", "neutral"]
    assert shown.tiles[2].value == "4"


def test_the_people_to_call_are_those_of_the_model(site, surgeon):
    """A promise between the board and the ledger: nobody who must be called is missing, nobody stands there twice."""
    for number in range(6):
        surgery = an_enrolment(site, by=surgeon, day=12)
        not_reached(surgery, *(timedelta(hours=h) for h in range(number)))
        if number == 5:
            actions.set_patient_status(surgery.patient, status="transferred", by=surgeon, now=NOW)

    shown = rows(board(site, staff=surgeon, now=NOW), "calls")

    to_call = Reminder.objects.to_call()
    assert sorted(row.pk for row in shown) == sorted(set(to_call.values_list("surgery", flat=True)))
    assert sum(1 + row.more for row in shown) == to_call.count() == 1 + 2 + 3 + 4


def test_nobody_is_called_about_somebody_who_has_died(site, surgeon):
    surgery = an_enrolment(site, by=surgeon, day=12)
    surgery.reminders.filter(pk=surgery.reminders.first().pk).update(status="failed", reason="refused")
    actions.set_patient_status(surgery.patient, status="deceased", by=surgeon, now=NOW)

    shown = board(site, staff=surgeon, now=NOW)

    assert all(not section.rows for section in shown.left + shown.right)


def test_a_request_for_another_time_makes_moving_the_main_thing_until_it_is_moved(site, surgeon):
    surgery = an_enrolment(site, a_phone(phone(14)), by=surgeon, day=8)
    check_up = booked(surgery, NOW + timedelta(days=3), surgeon)
    inbound.receive(provider_id="SM1", from_address=phone(14), to_address=phone(1), text="3", now=NOW)

    [asked] = rows(board(site, staff=surgeon, now=NOW), "next")
    later = NOW + timedelta(hours=1)
    actions.book_visit(check_up, at=NOW + timedelta(days=4), by=surgeon, now=later)
    [moved] = rows(board(site, staff=surgeon, now=later), "next")

    assert (asked.pill.word, asked.main.label) == ("wants another time", "Move")
    assert (moved.pill.word, moved.main.label) == ("not confirmed", "Confirm")


def test_a_reply_that_must_not_wait_stands_first_and_what_may_be_a_refusal_says_so(site, surgeon):
    an_enrolment(site, a_phone(phone(14)), by=surgeon, day=8)
    for n, text in enumerate(["can I drive?", "stop texting me at night", "I can't breathe"]):
        at = NOW + timedelta(minutes=n)
        inbound.receive(provider_id=f"SM{n}", from_address=phone(14), to_address=phone(1), text=text, now=at)

    shown = rows(board(site, staff=surgeon, now=NOW + timedelta(hours=1)), "replies")

    assert [(row.urgent, row.text) for row in shown] == [
        (True, "I can't breathe"),
        (False, "can I drive?"),
        (False, "stop texting me at night"),
    ]
    assert shown[2].meaning.startswith("perhaps a refusal")


@pytest.mark.parametrize("code", ["due", "today", "calls", "replies"])
def test_thirty_rows_ask_the_database_as_often_as_one(site, surgeon, code):
    def fill(number: int) -> int:
        for n in range(number):
            _one_for(code, site, surgeon, n)
        with CaptureQueriesContext(connection) as queries:
            shown = board(site, staff=surgeon, now=NOW)
        assert len(rows(shown, code)) >= number
        return len(queries)

    few = fill(1)

    assert fill(29) == few


def _one_for(code: str, site, surgeon, n: int) -> None:
    surgery = an_enrolment(site, a_phone(phone(10 + n)), by=surgeon, day=12)
    if code == "today":
        booked(surgery, NOW + timedelta(minutes=n + 1), surgeon)
    if code == "calls":
        not_reached(surgery, *(timedelta(hours=hour) for hour in range(1 + n % 5)), reason="refused")
    if code == "replies":
        contact = surgery.patient.contacts.get()
        facts = {"from_address": contact.address, "to_address": phone(1), "text": "hello", "intent": "other"}
        Reply.objects.create(site=site, contact=contact, provider_id=f"SM{contact.pk}", received_at=NOW, **facts)


def test_a_long_list_is_cut_and_says_how_many_more_there_are(site, surgeon):
    surgery = an_enrolment(site, by=surgeon, day=12)
    first = visit_of(surgery)
    for number in range(1, 42):
        first.pk, first.occurrence = None, number
        first.save()

    section = next(s for s in board(site, staff=surgeon, now=NOW).right if s.code == "due")

    assert (len(section.rows), section.total, section.more) == (30, 42, 12)
