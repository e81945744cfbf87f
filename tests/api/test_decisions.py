"""Decisions about one plan through the API: looked at, made, listed and taken back, by who may."""

from datetime import timedelta

import pytest

from patients import clock
from reminders import visit_actions
from reminders.plan.models import PlanChange
from reminders.plan.values import ChangeKind
from reminders.plan_changes import Wish, decide
from tests.api.problems import named, problem, rows


@pytest.fixture
def url(surgery):
    return f"/api/v1/surgeries/{surgery.pk}/decisions/"


def test_a_hold_is_looked_at_made_released_and_taken_back(as_, owner, surgery, url):
    client, hold = as_(owner), {"kind": "hold", "why": "wound infection"}

    looked = client.post(url, hold | {"dry_run": True})
    assert (looked.status_code, looked.json()["decision"]["id"]) == (200, None)
    assert not PlanChange.objects.exists()
    made = client.post(url, hold | {"revision": looked.json()["revision"]})
    assert made.status_code == 201
    assert made.json()["changes"] == looked.json()["changes"] != []
    assert "The plan is held" in made.json()["changes"][0]["why"]

    later = f"{surgery.site.today(clock.now()) + timedelta(days=4)}"
    released = client.post(f"/api/v1/surgeries/{surgery.pk}/release/", {"on": later}).json()
    assert (released["decision"]["ends"], released["revision"]) == (later, 2)
    undone = client.post(f"/api/v1/decisions/{made.json()['decision']['id']}/undo/").json()
    assert undone["decision"]["undone_by"] == "Ida Hale"
    assert undone["changes"]
    [row] = rows(client.get(url))
    assert (row["kind"], row["why"], row["by"]) == ("hold", "wound infection", "Ida Hale")
    assert row["words"].startswith("Held from ")


BODIES = [
    {"kind": "shift", "phase": "weeks-3-6", "days": 5},
    {"kind": "pace", "percent": 125},
    {"kind": "skip", "step": "check-in-6", "occurrence": 0},
    {"kind": "delay", "step": "check-in-6", "days": 2},
    {"kind": "replace", "step": "check-in-6", "to": "check-in-3"},
    {"kind": "order_pt", "phase": "weeks-3-6", "to": "ordered"},
    {"kind": "date", "to": "2026-03-05"},
    {"kind": "check_up", "check_up": "six-weeks", "days": 5},
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body["kind"])
def test_each_kind_is_decided_with_its_own_fields(as_, owner, url, body):
    answer = as_(owner).post(url, body | {"why": "seen today"}).json()

    assert answer["changes"]
    assert answer["decision"]["words"]


WRONG = [
    ({"kind": "pace", "percent": 20}, "#/percent", "50"),
    ({"kind": "pace", "percent": 120, "days": 3}, "#/days", "Leave this out"),
    ({"kind": "date", "to": "soon"}, "#/to", "as a date such as"),
    ({"kind": "shift", "phase": "no-such", "days": 3}, "#/phase", "no such phase"),
    ({"kind": "replace", "step": "check-in-6", "to": "check-in-6"}, "#/to", "another step"),
    ({"kind": "hold", "starts": "1999-01-01"}, "#/starts", "before the day of surgery"),
    ({"kind": "freeze"}, "#/kind", "Choose one of: hold"),
    ({"kind": "version"}, "#/version", "Choose a version"),
]


@pytest.mark.parametrize(("body", "field", "sentence"), WRONG, ids=[field + said for _, field, said in WRONG])
def test_what_does_not_fit_is_named(as_, owner, url, body, field, sentence):
    assert sentence in named(as_(owner).post(url, body | {"why": "a try"}))[field]
    assert not PlanChange.objects.exists()


def test_a_decision_on_an_older_picture_of_the_plan_is_a_conflict(as_, owner, surgery, url):
    decide(surgery, Wish(ChangeKind.PACE, percent=120), why="age", by=owner, now=clock.now())

    answer = as_(owner).post(url, {"kind": "hold", "why": "fever", "revision": 0})

    assert "Somebody changed this plan" in problem(answer, 409)["detail"]
    assert PlanChange.objects.count() == 1


def test_a_plan_that_runs_cannot_be_released(as_, owner, surgery):
    answer = as_(owner).post(f"/api/v1/surgeries/{surgery.pk}/release/")

    assert "not held" in problem(answer, 409)["detail"]


def test_the_surgeon_decides_reception_reads_and_a_stranger_finds_nothing(
    as_, owner, colleague, stranger, surgery, url
):
    made = decide(surgery, Wish(ChangeKind.HOLD), why="fever", by=owner, now=clock.now()).change
    posts = [(url, {"kind": "pace", "percent": 120, "why": "age"}), (f"/api/v1/decisions/{made.pk}/undo/", {})]
    posts.append((f"/api/v1/surgeries/{surgery.pk}/release/", {}))

    assert len(rows(as_(colleague).get(url))) == 1
    problem(as_(stranger).get(url), 404)
    for path, body in posts:
        assert "Only a surgeon or a manager" in problem(as_(colleague).post(path, body), 403)["detail"]
        problem(as_(stranger).post(path, body), 404)
    assert PlanChange.objects.get().undone_at is None


def test_a_safety_check_up_that_comes_later_is_warned_of_and_left_as_it_was_by_a_look(as_, owner, surgery, url):
    body = {"kind": "check_up", "check_up": "first-visit", "days": 7, "why": "travels", "dry_run": True}
    before = surgery.check_ups.get(code="first-visit").window_opens

    looked = as_(owner).post(url, body).json()

    assert "safety check-up" in looked["warnings"][0]
    assert looked["decision"]["words"].endswith("lies 7 days later")
    assert surgery.check_ups.get(code="first-visit").window_opens == before


def test_a_correction_left_out_says_that_reception_calls(as_, owner, surgery, url):
    visit, now = surgery.check_ups.get(code="six-weeks"), clock.now()
    for hours in (1, 2):
        at = now + timedelta(days=30, hours=hours)
        visit_actions.book_visit(visit, at=at, by=owner, now=now - timedelta(minutes=5 if hours == 1 else 1))
        if hours == 1:
            surgery.reminders.filter(step_code__contains=":").update(status="done")
    notice = surgery.reminders.planned().get(step_code="visit-moved:six-weeks")
    body = {"kind": "skip", "step": notice.step_code, "occurrence": notice.occurrence, "why": "I ring her"}

    answer = as_(owner).post(url, body).json()

    assert "reception is asked to call" in answer["warnings"][0]
    notice.refresh_from_db()
    assert (notice.status, notice.reason) == ("expired", "left_out")
