"""What can be done from reception's board, by whom, and how it answers when something cannot be done."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from patients import audit
from patients.models import CheckUp, Membership
from patients.models.staff import Role
from reminders import actions
from reminders.plan.models import Reminder
from reminders.replies import inbound
from tests.given import NOW, a_phone, a_site, a_staff_member, an_enrolment, phone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def surgeon(site):
    return a_staff_member(site)


@pytest.fixture
def reception(site):
    return a_staff_member(site, Role.RECEPTION)


@pytest.fixture
def stranger(site):
    return a_staff_member(a_site("hillside", name="Hillside Clinic"), Role.RECEPTION)


def signed_in(staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def desk(reception) -> Client:
    return signed_in(reception)


@pytest.fixture
def check_up(site, surgeon) -> CheckUp:
    return an_enrolment(site, a_phone(phone(14)), by=surgeon, day=12).check_ups.get(code="first-visit")


def do(client: Client, check_up: CheckUp, deed: str, **data: str):
    return client.post(reverse("staff:board-visit", args=[check_up.pk, deed]), data)


def state(check_up: CheckUp) -> str:
    check_up.refresh_from_db()
    return check_up.state


def test_a_visit_is_booked_at_the_sites_own_hour(desk, check_up):
    answer = do(desk, check_up, "book", at="2026-03-03T10:00")

    assert answer.status_code == 302
    assert state(check_up) == "booked"
    assert check_up.booked_for == datetime(2026, 3, 3, 15, 0, tzinfo=UTC)


def test_a_booked_visit_is_confirmed_moved_and_attended(desk, check_up):
    do(desk, check_up, "book", at="2026-03-02T11:00")
    do(desk, check_up, "confirm")
    confirmed = state(check_up)
    do(desk, check_up, "book", at="2026-03-02T12:00")
    moved = state(check_up)
    do(desk, check_up, "attended")

    assert (confirmed, moved, state(check_up)) == ("confirmed", "booked", "attended")


def test_who_did_it_stands_on_the_record(desk, reception, check_up):
    do(desk, check_up, "attended")

    entry = audit.story(check_up.surgery).last()

    assert (entry.additional_data["verb"], entry.actor, entry.timestamp) == ("visit attended", reception, NOW)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("2026-03-01T10:00", "This time has passed. Choose a time in the future."),
        ("tomorrow", "Give a day and a time, such as 2026-03-05T10:00."),
        ("", "Give a day and a time, such as 2026-03-05T10:00."),
        ("2026-03-08T02:30", "The clocks go forward then and skip this time. Choose one an hour later."),
    ],
)
def test_a_wrong_time_comes_back_as_a_sentence_beside_the_row(desk, check_up, typed, sentence):
    answer = do(desk, check_up, "book", at=typed)

    page = answer.content.decode()
    row = page.split(f'id="visit-{check_up.pk}"')[1]
    assert answer.status_code == 422
    assert sentence in row
    assert not typed or f'value="{typed}"' in row
    assert state(check_up) == "due"


def test_what_is_over_cannot_be_undone_by_a_stale_page(desk, check_up):
    do(desk, check_up, "attended")

    answer = do(desk, check_up, "missed")

    assert answer.status_code == 422
    assert "This visit is attended: it cannot become missed." in answer.content.decode()
    assert state(check_up) == "attended"


def test_a_visit_on_a_closed_day_is_booked_with_a_warning(desk, check_up):
    do(desk, check_up, "book", at="2026-03-08T10:00")

    page = desk.get(reverse("staff:board")).content.decode()

    assert "The clinic is closed on Sun 8 Mar." in page
    assert state(check_up) == "booked"


def test_the_suggested_time_is_ten_on_the_target_day_or_the_next_one_that_is_staffed(desk, site, surgeon):
    site.closed_days.create(date="2026-03-06")
    for day, suggested in ((8, "2026-03-09T10:00"), (12, "2026-03-03T10:00")):
        surgery = an_enrolment(site, by=surgeon, day=day)  # target: Friday 6 March, closed; and today
        row = desk.get(reverse("staff:board")).content.decode().split(f'id="at-{surgery.check_ups.first().pk}"')[1]
        assert f'value="{suggested}"' in row.split(">")[0]


@pytest.fixture
def unreached(check_up) -> list[Reminder]:
    """Three messages that found no way to one person."""
    found = list(check_up.surgery.reminders.order_by("-due_at")[:3])
    Reminder.objects.filter(pk__in=[row.pk for row in found]).update(status="suppressed", reason="no_consent")
    return found


def called(client: Client, check_up: CheckUp, note: str = "reached her daughter"):
    return client.post(reverse("staff:board-called", args=[check_up.surgery_id]), {"note": note})


def test_one_call_settles_all_messages_of_a_person(desk, reception, check_up, unreached):
    before = desk.get(reverse("staff:board")).content.decode()
    called(desk, check_up)
    after = desk.get(reverse("staff:board")).content.decode()

    row = f'id="call-{check_up.surgery_id}"'
    assert "There is no consent to write to this patient. Call." in before
    assert "and 2 more" in before
    assert (before.count(row), after.count(row)) == (1, 0)
    assert "Called: Ana Ruiz, 3 messages settled." in after
    for reminder in unreached:
        reminder.refresh_from_db()
        assert (reminder.handled_by, reminder.handled_note) == (reception, "reached her daughter")


def test_a_call_is_one_line_on_the_record_that_says_how_many_it_settled(desk, reception, check_up, unreached):
    called(desk, check_up)
    answer = called(desk, check_up, "again, by a stale page")

    entries = [e for e in audit.story(check_up.surgery) if e.additional_data["verb"] == "called"]
    assert [(e.actor, e.additional_data["messages"], e.additional_data["note"]) for e in entries] == [
        (reception, 3, "reached her daughter")
    ]
    assert "a colleague may have called" in desk.get(answer.headers["Location"]).content.decode()


def test_a_call_settles_nothing_of_another_person_and_nothing_that_is_still_planned(desk, site, surgeon, check_up):
    other = an_enrolment(site, by=surgeon, day=12).reminders.last()
    Reminder.objects.filter(pk=other.pk).update(status="failed", reason="refused")

    called(desk, check_up)

    assert not Reminder.objects.filter(handled_at__isnull=False).exists()


def test_a_note_that_is_too_long_is_given_back_whole(desk, check_up, unreached):
    answer = called(desk, check_up, "x" * 201)

    assert answer.status_code == 422
    assert "at most 200 characters" in answer.content.decode()
    assert "x" * 201 in answer.content.decode()
    assert not Reminder.objects.filter(handled_at__isnull=False).exists()


def test_a_reply_is_taken_and_then_done(desk, reception, check_up):
    reply = inbound.receive(
        provider_id="SM1", from_address=phone(14), to_address=phone(1), text="can I <b>drive</b>?", now=NOW
    )

    before = desk.get(reverse("staff:board")).content.decode()
    desk.post(reverse("staff:board-reply", args=[reply.pk, "take"]))
    taken = desk.get(reverse("staff:board")).content.decode()
    desk.post(reverse("staff:board-reply", args=[reply.pk, "done"]))
    done = desk.get(reverse("staff:board")).content.decode()

    reply.refresh_from_db()
    assert "can I &lt;b&gt;drive&lt;/b&gt;?" in before
    assert "nobody has taken it" in before
    assert "taken by you" in taken
    assert f'id="reply-{reply.pk}"' not in done
    assert (reply.handled_by, reply.handled_at) == (reception, NOW)


def test_a_text_from_a_number_nobody_knows_is_read_too(desk, site):
    inbound.receive(provider_id="SM1", from_address=phone(77), to_address=phone(1), text="wrong number?", now=NOW)

    page = desk.get(reverse("staff:board")).content.decode()

    assert "A number nobody knows" in page
    assert "wrong number?" in page


@pytest.mark.parametrize("words", ["ruiz", "ana ruiz", "A-777", "+1 202-555-0114", "5550114", "0114"])
def test_a_patient_is_found_by_name_number_or_phone(desk, site, surgeon, words):
    an_enrolment(site, a_phone(phone(14)), by=surgeon, day=12)
    surgery = an_enrolment(site, a_phone(phone(14)), by=surgeon, day=3)
    type(surgery.patient).objects.filter(pk=surgery.patient_id).update(number="A-777")

    page = desk.post(reverse("staff:board-search"), {"words": words}).content.decode()

    assert reverse("staff:record", args=[surgery.pk]) in page.split('id="board"')[0]


def test_a_search_that_finds_nobody_says_what_to_try(desk, site):
    page = desk.post(reverse("staff:board-search"), {"words": "zzz"}).content.decode()

    assert "Nobody fits all of these words." in page


def test_a_search_never_leaves_the_words_in_an_address(desk, site):
    assert desk.get(reverse("staff:board-search"), {"words": "ruiz"}).status_code == 405


# Three people: who works here, a colleague, a stranger of another site ---------------------------------------------


def posts(check_up: CheckUp) -> list[tuple[str, dict[str, str]]]:
    reminder = check_up.surgery.reminders.last()
    Reminder.objects.filter(pk=reminder.pk).update(status="failed", reason="refused")
    reply = inbound.receive(provider_id="SM1", from_address=phone(14), to_address=phone(1), text="hello", now=NOW)
    deeds = [("book", {"at": "2026-03-03T10:00"}), ("confirm", {}), ("attended", {}), ("missed", {}), ("cancel", {})]
    return [
        *((reverse("staff:board-visit", args=[check_up.pk, deed]), data) for deed, data in deeds),
        (reverse("staff:board-called", args=[check_up.surgery_id]), {"note": "x"}),
        (reverse("staff:board-reply", args=[reply.pk, "take"]), {}),
        (reverse("staff:board-reply", args=[reply.pk, "done"]), {}),
    ]


def test_a_stranger_from_another_site_finds_nothing_to_change(stranger, check_up):
    client = signed_in(stranger)

    for address, data in posts(check_up):
        assert client.post(address, data).status_code == 404, address
    assert state(check_up) == "due"
    assert not Reminder.objects.filter(handled_at__isnull=False).exists()


def test_a_colleague_may_do_all_that_the_owner_may(surgeon, reception, check_up):
    for staff in (surgeon, reception):
        client = signed_in(staff)
        for address, data in posts(check_up) if staff == surgeon else []:
            assert client.post(address, data).status_code in (302, 422), address
        assert client.get(reverse("staff:board")).status_code == 200


def test_a_stranger_sees_and_finds_no_patient_of_this_site(stranger, check_up):
    client = signed_in(stranger)

    board = client.get(reverse("staff:board")).content.decode()
    found = client.post(reverse("staff:board-search"), {"words": "ruiz"}).content.decode()

    assert "Ana Ruiz" not in board
    assert "Ana Ruiz" not in found


def test_who_is_not_signed_in_is_asked_to_sign_in(check_up):
    for name in ("staff:board", "staff:outbox"):
        assert Client().get(reverse(name)).headers["Location"].startswith(reverse("admin:login"))
    for address, data in posts(check_up):
        assert Client().post(address, data).status_code == 302
    assert state(check_up) == "due"


# Several sites -----------------------------------------------------------------------------------------------------


def test_who_works_at_two_sites_chooses_one_and_stays_there(stranger, site, surgeon, check_up):
    Membership.objects.create(staff=stranger, site=site, role=Role.RECEPTION)
    client = signed_in(stranger)

    first = client.get(reverse("staff:board")).content.decode()
    client.post(reverse("staff:board-site"), {"site": site.pk})
    second = client.get(reverse("staff:board")).content.decode()

    assert "<h1>Hillside Clinic</h1>" in first
    assert "Ana Ruiz" not in first
    assert "<h1>Riverside Spine Clinic</h1>" in second
    assert "Ana Ruiz" in second


def test_a_site_that_is_not_theirs_cannot_be_chosen(stranger, site):
    assert signed_in(stranger).post(reverse("staff:board-site"), {"site": site.pk}).status_code == 404


def test_a_site_they_left_is_forgotten(reception, desk, site):
    other = a_site("hillside", name="Hillside Clinic")
    membership = Membership.objects.create(staff=reception, site=other, role=Role.RECEPTION)
    desk.post(reverse("staff:board-site"), {"site": other.pk})
    membership.delete()

    assert "<h1>Riverside Spine Clinic</h1>" in desk.get(reverse("staff:board")).content.decode()


def test_htmx_gets_the_lists_alone_and_shows_a_refusal(desk, check_up):
    address = reverse("staff:board-visit", args=[check_up.pk, "book"])

    answer = desk.post(address, {"at": "2026-03-01T10:00"}, headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert answer.content.decode().strip().startswith('<div id="board"')
    assert "This time has passed." in answer.content.decode()


def test_pages_about_patients_are_not_kept_by_the_browser(desk, site):
    assert "no-store" in desk.get(reverse("staff:board")).headers["Cache-Control"]


def test_a_visit_that_was_never_closed_is_asked_about(desk, surgeon, check_up):
    yesterday = NOW - timedelta(days=1)
    actions.book_visit(check_up, at=yesterday, by=surgeon, now=yesterday - timedelta(days=1))

    page = desk.get(reverse("staff:board")).content.decode()

    assert "Did they come?" in page
