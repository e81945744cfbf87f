"""The page "System status" is for managers, about their own sites; the board tells reception what concerns it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from patients import time_zones
from patients.models import AuditEntry, Site, StaffMember
from patients.models.staff import Role
from reminders.delivery import alarms, heartbeats
from reminders.delivery.models import Alarm, Delivery, Freeze, Report
from reminders.delivery.safeguards import breaker
from reminders.plan.models import Reminder
from reminders.replies.alerts import raising
from tests import given
from tests.delivery.sending import a_promise, claimed, opened
from tests.replies.test_inbound import text_in
from tests.staff.people import a_manager, also, signed_in

pytestmark = pytest.mark.django_db
NOW = given.NOW
STATUS = "/staff/status/"


@pytest.fixture(autouse=True)
def no_redis(settings: Any) -> None:
    settings.REDIS_URL = ""


@pytest.fixture
def site() -> Site:
    return given.a_site()


@pytest.fixture
def elsewhere() -> Site:
    return given.a_site("hilltop", name="Hilltop Clinic")


@pytest.fixture
def manager(site: Site) -> StaffMember:
    return a_manager(site)


def seen_by(staff: StaffMember, path: str = STATUS) -> str:
    answer = signed_in(staff).get(path)
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


@pytest.fixture
def held(site: Site) -> None:
    """A text that was due 57 minutes ago and that a breaker holds."""
    promise = a_promise(site, by=given.a_staff_member(site))
    opened(promise)
    Delivery.objects.update(reason="breaker")
    Reminder.objects.filter(pk=promise.pk).update(due_at=NOW - timedelta(minutes=57))


def an_alarm(site: Site | None, kind: str = "inbound_missed") -> Alarm:
    alarms.sound(kind, now=NOW, site=site)
    return Alarm.objects.get(site=site, kind=kind)


def test_a_manager_reads_that_all_is_well(manager):
    page = seen_by(manager)

    assert "All is well: messages are sent when they are due." in page
    assert "has not run yet" in page


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.SURGEON])
def test_a_colleague_who_does_not_manage_is_told_so(site, role):
    answer = signed_in(given.a_staff_member(site, role)).get(STATUS)

    assert answer.status_code == 403
    assert b"This page is for managers" in answer.content


def test_who_is_not_signed_in_is_asked_to():
    assert Client().get(STATUS).status_code == 302


def test_only_managers_see_the_page_in_the_sidebar(site, manager):
    assert STATUS in seen_by(manager, "/staff/board/")
    assert STATUS not in seen_by(given.a_staff_member(site, Role.RECEPTION), "/staff/board/")


def test_a_stranger_manages_another_site_and_sees_nothing_of_this_one(site, elsewhere):
    breaker.trip("sms", site=site.pk, now=NOW, why="the sender is not registered")
    an_alarm(site)

    page = seen_by(a_manager(elsewhere))

    assert "sender is not registered" not in page
    assert "came in without notice from the provider" not in page


def test_an_alarm_without_a_site_is_every_managers_business(manager, elsewhere):
    an_alarm(None)

    for staff in (manager, a_manager(elsewhere)):
        assert "came in without notice from the provider" in seen_by(staff)


def press_seen(staff: StaffMember, alarm: Alarm) -> int:
    status = signed_in(staff).post(f"{STATUS}alarms/{alarm.pk}/seen/").status_code
    alarm.refresh_from_db()
    return status


def test_an_alarm_leaves_the_list_when_its_manager_has_seen_it(site, manager):
    alarm = an_alarm(site)

    assert press_seen(manager, alarm) == 302

    assert alarm.cleared_at
    assert "Alarms" not in seen_by(manager)
    entry = AuditEntry.objects.get(verb="alarm seen")
    assert (entry.by, entry.site) == (manager, site)
    assert press_seen(manager, alarm) == 302, "twice is once"
    assert AuditEntry.objects.filter(verb="alarm seen").count() == 1


def test_an_alarm_of_every_site_was_seen_at_every_site(site, elsewhere, manager):
    alarm = an_alarm(None)

    assert press_seen(manager, alarm) == 302

    entries = AuditEntry.objects.filter(verb="alarm seen")
    assert {(entry.site, entry.by) for entry in entries} == {(site, manager), (elsewhere, manager)}


def test_neither_a_colleague_nor_a_stranger_can_clear_it(site, elsewhere):
    alarm = an_alarm(site)

    assert press_seen(given.a_staff_member(site, Role.RECEPTION), alarm) == 403
    assert press_seen(a_manager(elsewhere), alarm) == 404
    assert alarm.cleared_at is None


def test_the_same_trouble_again_raises_a_new_alarm(site, manager):
    press_seen(manager, an_alarm(site))
    alarms.sound("inbound_missed", now=NOW, site=site)

    assert Alarm.objects.filter(site=site, cleared_at=None).count() == 1


def test_breakers_the_freeze_and_stopped_parts_are_shown(held, manager):
    breaker.trip("sms", site=None, now=NOW - timedelta(minutes=6), code=20003)
    Freeze.objects.create(since=NOW, why="a back-up was restored")
    heartbeats.beat("sweep", NOW - timedelta(minutes=9))

    page = seen_by(manager)

    assert "the provider refuses our account (code 20003)" in page
    assert "1 person is waiting" in page
    assert "Not yet compared with what the provider has sent since" in page
    assert "last round 9 minutes ago" in page
    assert "stopped" in page


@pytest.mark.parametrize("part", ["seek", "hear"])
def test_a_silent_search_of_the_provider_is_shown_as_stopped(manager, part):
    heartbeats.beat(part, NOW - timedelta(minutes=16))

    page = seen_by(manager)

    assert "last round 16 minutes ago" in page
    assert "stopped" in page


def test_what_no_program_can_promise_is_counted_for_the_managers_own_sites(site, elsewhere, manager):
    for place in (site, elsewhere):
        claimed(a_promise(place, by=given.a_staff_member(place)))
    Delivery.objects.update(after_unknown=1, state="unconfirmed")
    Report.objects.create(attempt_ref=uuid4(), source="callback", status="sent", received_at=NOW)
    one, both = given.a_staff_member(site, Role.MANAGER), also(a_manager(site), elsewhere, Role.MANAGER)

    assert [c.number for c in counts(one)] == [1, 1, 0, 1, 0, 0]
    assert [c.number for c in counts(both)] == [2, 2, 0, 1, 0, 0]


def counts(staff: StaffMember) -> list[Any]:
    counted: list[Any] = signed_in(staff).get(STATUS).context["system"].counts
    return counted


# The board ----------------------------------------------------------------------------------------------------------


def test_late_alerts_are_told_to_the_manager_of_their_site_only(site, elsewhere, manager):
    raising.raise_alert(site=site, level="E", signs=["chest"], now=NOW - timedelta(minutes=20))

    page, other = seen_by(manager), seen_by(a_manager(elsewhere))

    assert "1 alert is past its answer-by time since 09:55: open the board." in page
    assert "answer-by time" not in other
    assert "chest" not in page


def test_texts_nobody_has_read_are_told_of_on_the_board_on_the_page_and_to_machines(site, elsewhere, manager):
    text_in(site, "my back feels odd today", now=NOW - timedelta(days=7))
    said = "1 text is waiting to be read since Mon 23 Feb, 10:00: read it on the board."

    pages = [seen_by(manager), seen_by(given.a_staff_member(site, Role.RECEPTION), "/staff/board/")]
    strangers = [seen_by(a_manager(elsewhere)), seen_by(given.a_staff_member(elsewhere), "/staff/board/")]
    health = Client().get("/health/")

    assert [said in page for page in pages] == [True, True]
    assert ["waits to be read" in page for page in strangers] == [False, False]
    assert (health.status_code, health.json()["watchdogs"]["unread"]["ok"]) == (200, False)
    assert "odd" not in pages[0] + health.content.decode()


def test_reception_reads_who_waits_since_when_and_why(site, held):
    breaker.trip("sms", site=site.pk, now=NOW - timedelta(minutes=58), code=20003)

    page = seen_by(given.a_staff_member(site, Role.RECEPTION), "/staff/board/")

    assert (
        "1 person&#x27;s messages are late since 09:03: "
        "texts are held because the provider refuses our account (code 20003)."
    ) in page
    assert "note-bad" in page
    assert "More on the System status page" not in page


def test_a_manager_is_led_from_the_board_to_the_house(site, manager):
    breaker.trip("sms", site=site.pk, now=NOW, code=20003)

    assert "More on the System status page" in seen_by(manager, "/staff/board/")


def test_the_board_says_nothing_when_all_is_well_or_only_another_site_is_in_trouble(site, elsewhere):
    breaker.trip("sms", site=elsewhere.pk, now=NOW)
    an_alarm(site)

    page = seen_by(given.a_staff_member(site, Role.RECEPTION), "/staff/board/")

    assert "board-warnings" not in page


def test_the_page_says_by_which_time_zones_hours_are_computed(manager: StaffMember, monkeypatch: pytest.MonkeyPatch):
    assert f"IANA release {time_zones.release()}" in seen_by(manager)

    monkeypatch.setattr(time_zones, "locked_release", lambda: "2099a")
    page = seen_by(manager)

    assert "out of date" in page
    assert "2099a is required" in page
