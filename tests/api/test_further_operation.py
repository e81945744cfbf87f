"""A patient with a running plan is enrolled again through the API: what becomes of the plan has to be said."""

from datetime import timedelta

import pytest

from patients import clock
from patients.models import Surgery
from tests import given
from tests.api.problems import named, problem

URL = "/api/v1/surgeries/"


@pytest.fixture
def body(site, owner, surgery):
    """A known patient, operated on again today."""
    given.a_signed_version(site, by=owner)
    today = site.today(clock.now())
    return {"patient": surgery.patient_id, "procedure": "miss", "surgeon": owner.pk, "date": f"{today}"}


@pytest.mark.parametrize("path", ["", "preview/"])
def test_without_a_choice_it_is_refused_with_the_field_and_the_plans(as_, colleague, surgery, body, path):
    answer = as_(colleague).post(f"{URL}{path}", body)

    assert "end, hold or keep" in named(answer, 409)["#/running_plan"]
    (plan,) = answer.json()["running_plans"]
    assert (plan["surgery"], plan["procedure"], plan["date"]) == (surgery.pk, "miss", f"{surgery.date}")
    assert as_(colleague).get(plan["url"]).status_code == 200
    assert Surgery.objects.count() == 1


@pytest.mark.parametrize(("choice", "state"), [("end", "ended"), ("hold", "active"), ("keep", "active")])
def test_the_choice_is_previewed_and_done_and_the_records_name_each_other(as_, colleague, surgery, body, choice, state):
    client = as_(colleague)
    (shown,) = client.post(f"{URL}preview/", body | {"running_plan": choice}).json()["running_plans"]
    before = surgery.reminders.planned().count()

    second = client.post(URL, body | {"running_plan": choice}).json()

    first = client.get(f"{URL}{surgery.pk}/").json()
    assert (first["state"], first["followed_by"], second["earlier"]) == (state, second["id"], [surgery.pk])
    assert first["cancelled_at"] is None
    assert (first["ended_at"] is not None) == (choice == "end")
    assert (shown["surgery"], shown["becomes"]) == (surgery.pk, choice)
    assert shown["ends"] == before - surgery.reminders.planned().count() > 0
    assert choice == "keep" or not shown["says"]
    listed = client.get(URL, {"state": "ended"}).json()["results"]
    assert [one["id"] for one in listed] == ([surgery.pk] if choice == "end" else [])


def test_another_word_is_refused_with_those_that_are_known(as_, colleague, body):
    assert "keep" in named(as_(colleague).post(URL, body | {"running_plan": "both"}), 400)["#/running_plan"]


def test_a_stranger_learns_nothing_of_the_plan(as_, stranger, surgery, body):
    answer = as_(stranger).post(URL, body | {"running_plan": "end"})

    assert "running_plans" not in problem(answer, 400)
    surgery.refresh_from_db()
    assert surgery.is_active


def test_the_same_request_again_gives_the_same_operation(as_, owner, body):
    client, key = as_(owner), {"HTTP_IDEMPOTENCY_KEY": "again-1"}
    asked = body | {"running_plan": "end"}

    first, second = client.post(URL, asked, **key), client.post(URL, asked, **key)

    assert first.json()["id"] == second.json()["id"]
    assert Surgery.objects.filter(ended_at=None).count() == 1


def test_a_plan_that_ended_is_told_from_one_that_was_cancelled(as_, owner, surgery, body):
    client = as_(owner)
    client.post(URL, body | {"running_plan": "end"})

    answer = client.post(f"{URL}{surgery.pk}/move/", {"date": f"{surgery.date - timedelta(days=1)}"})

    said = problem(answer, 409)["detail"]
    assert "ended" in said
    assert "cancelled" not in said
