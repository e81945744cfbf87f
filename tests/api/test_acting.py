"""What staff decide through the API is what the same action does elsewhere."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from patients import clock
from reminders.plan.models import Reminder
from reminders.plan.values import ChangeKind
from reminders.plan_changes import Wish, decide
from tests import given
from tests.api.problems import named, problem


@pytest.fixture
def check_up(surgery):
    return surgery.check_ups.order_by("window_opens").first()


def ahead(days):
    return (clock.now() + timedelta(days=days)).replace(microsecond=0)


def test_the_schedule_tells_the_whole_plan(as_, colleague, surgery):
    schedule = as_(colleague).get(f"/api/v1/surgeries/{surgery.pk}/schedule/").json()

    assert schedule["day_number"] == 1
    first, last = schedule["phases"][0], schedule["phases"][-1]
    assert (first["begins"], last["ends"]) == (f"{surgery.date}", None)
    assert first["title"]["en"]
    reminder = schedule["reminders"][0]
    assert {"step", "kind", "title", "phase", "occurrence", "status", "why", "deliveries"} <= set(reminder)
    assert reminder["time_zone"] == "America/New_York"
    due, local = (datetime.fromisoformat(reminder[name]) for name in ("due_at", "due_local"))
    assert due == local
    assert local.utcoffset() == due.astimezone(ZoneInfo("America/New_York")).utcoffset()
    assert [c["code"] for c in schedule["check_ups"]]


def test_the_schedule_tells_the_dates_as_they_are_for_this_patient(as_, colleague, owner, surgery):
    url = f"/api/v1/surgeries/{surgery.pk}/schedule/"
    now = clock.now()
    decide(surgery, Wish(ChangeKind.SHIFT, phase="weeks-3-6", days=5), why="slow healing", by=owner, now=now)
    decide(surgery, Wish(ChangeKind.HOLD), why="fever", by=owner, now=now + timedelta(days=3))

    schedule = as_(colleague).get(url).json()

    begins = {phase["code"]: phase["begins"] for phase in schedule["phases"]}
    assert begins["weeks-3-6"] == f"{surgery.date + timedelta(days=20)}"
    assert (schedule["phase"], schedule["revision"]) == ("weeks-1-2", 2)
    assert schedule["held_since"] == f"{surgery.date + timedelta(days=4)}"
    assert "Moved: its phase was moved." in {reminder["moved"] for reminder in schedule["reminders"]}


def test_a_visit_is_booked_confirmed_and_attended(as_, colleague, check_up):
    client, url = as_(colleague), f"/api/v1/check-ups/{check_up.pk}/"
    at = ahead(20)

    booked = client.post(f"{url}book/", {"booked_for": at.isoformat()}).json()
    confirmed = client.post(f"{url}confirm/").json()
    attended = client.post(f"{url}attended/", {}).json()

    assert [booked["state"], confirmed["state"], attended["state"]] == ["booked", "confirmed", "attended"]
    assert datetime.fromisoformat(booked["booked_for_local"]) == at
    assert "cannot be booked" in problem(client.post(f"{url}book/", {"booked_for": at.isoformat()}), 409)["detail"]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("2026-03-02T10:00:00", "Add the offset"),
        ("2026-03-02", "with its offset"),
        ("2020-03-02T10:00:00Z", "This time has passed"),
        ("2099-03-02T10:00:00Z", "Check the year"),
        ("9999-12-31T23:59:59-12:00", "between 1900 and 2199"),
        ("0001-01-01T00:00:00+14:00", "between 1900 and 2199"),
        ("soon", "with its offset"),
        (None, "null"),
    ],
)
def test_a_time_that_cannot_be_booked_is_named(as_, colleague, check_up, value, sentence):
    answer = as_(colleague).post(f"/api/v1/check-ups/{check_up.pk}/book/", {"booked_for": value})

    assert sentence in named(answer)["#/booked_for"]


def test_what_a_visit_cannot_become_is_a_conflict(as_, colleague, check_up):
    client, url = as_(colleague), f"/api/v1/check-ups/{check_up.pk}/"

    assert "cannot become" in problem(client.post(f"{url}confirm/"), 409)["detail"]
    client.post(f"{url}book/", {"booked_for": ahead(20).isoformat()})
    assert "still to come" in problem(client.post(f"{url}missed/"), 409)["detail"]
    assert client.post(f"{url}not-needed/", {"why": "seen elsewhere"}).json()["state"] == "not_needed"


def test_an_action_takes_no_facts_it_does_not_know(as_, colleague, check_up):
    answer = as_(colleague).post(f"/api/v1/check-ups/{check_up.pk}/confirm/", {"by": "Ana"})

    assert "There is no such field" in named(answer)["#/by"]


def test_moving_an_operation_moves_its_plan_after_a_look_at_what_would_move(as_, owner, surgery):
    client, url = as_(owner), f"/api/v1/surgeries/{surgery.pk}/move/"
    to = surgery.date + timedelta(days=7)

    looked = client.post(url, {"date": f"{to}", "dry_run": True}).json()
    surgery.refresh_from_db()
    assert surgery.date != to
    moved = client.post(url, {"date": f"{to}"}).json()

    assert looked["changes"] == moved["changes"] != []
    assert moved["surgery"]["date"] == f"{to}"


@pytest.mark.parametrize("to", ["1960-01-01", "2100-01-01"])
@pytest.mark.parametrize("dry_run", [True, False])
def test_a_day_that_must_be_a_slip_is_named(as_, owner, surgery, to, dry_run):
    answer = as_(owner).post(f"/api/v1/surgeries/{surgery.pk}/move/", {"date": to, "dry_run": dry_run})

    assert "Check" in named(answer)["#/date"]


def test_cancelling_ends_the_plan_and_says_why(as_, owner, surgery):
    client, url = as_(owner), f"/api/v1/surgeries/{surgery.pk}/"

    assert "blank" in named(client.post(f"{url}cancel/", {"why": " "}))["#/why"]
    cancelled = client.post(f"{url}cancel/", {"why": "postponed"}).json()["surgery"]

    assert (cancelled["state"], cancelled["cancelled_why"]) == ("cancelled", "postponed")
    assert not surgery.reminders.planned().exists()
    for verb, body in [("cancel", {"why": "again"}), ("move", {"date": "2026-03-02"}), ("facts", {"job": "desk"})]:
        assert "was cancelled" in problem(client.post(f"{url}{verb}/", body), 409)["detail"]


def test_facts_change_the_plan(as_, owner, surgery):
    changed = as_(owner).post(f"/api/v1/surgeries/{surgery.pk}/facts/", {"physical_therapy": "ordered"}).json()

    assert changed["surgery"]["physical_therapy"] == "ordered"


def test_a_planned_message_is_taken_out_and_what_did_not_arrive_is_sent_again(as_, owner, surgery):
    client = as_(owner)
    reminder = surgery.reminders.planned().last()
    url = f"/api/v1/reminders/{reminder.pk}/"

    skipped = client.post(f"{url}skip/").json()
    assert (skipped["status"], skipped["why"]) == ("skipped", "A surgeon or manager took it out of this plan.")
    assert "Only a planned one" in problem(client.post(f"{url}skip/"), 409)["detail"]
    assert "not sent again" in problem(client.post(f"{url}resend/"), 409)["detail"]

    Reminder.objects.filter(pk=reminder.pk).update(status="failed", reason="undelivered")
    assert client.post(f"{url}resend/").json()["status"] == "planned"


def test_a_version_can_be_read_word_for_word(as_, colleague, surgery):
    client, version = as_(colleague), surgery.care_plan.version

    content = client.get(f"/api/v1/protocols/{version.protocol_id}/versions/1/").json()

    assert content["state"] == "signed"
    assert len(content["steps"]) == version.steps.count()
    assert {text["language"] for text in content["steps"][0]["texts"]} == {"en", "es"}
    problem(client.get(f"/api/v1/protocols/{version.protocol_id}/versions/9/"), 404)


def test_a_site_names_no_surgeon_who_left(as_, colleague, owner, site):
    left = given.a_staff_member(site)
    left.is_active = False
    left.save()

    assert [one["id"] for one in as_(colleague).get("/api/v1/sites/riverside/").json()["surgeons"]] == [owner.pk]


def test_a_site_names_its_surgeons_and_what_one_is_there(as_, colleague, owner, site):
    answer = as_(colleague).get("/api/v1/sites/riverside/").json()

    assert answer["surgeons"] == [{"id": owner.pk, "name": "Ida Hale"}]
    assert answer["your_roles"] == ["reception"]
    assert answer["time_zone"] == site.time_zone
