"""Alerts through the API: listed, taken, closed with an outcome; nothing for a stranger."""

from datetime import timedelta

import pytest

from patients import clock
from reminders.replies.alerts import raising
from reminders.replies.models import Alert
from tests.api.problems import named, problem, rows


@pytest.fixture
def alert(site, surgery) -> Alert:
    return raising.raise_alert(site=site, level="E", signs=["chest"], surgery=surgery, now=clock.now())


@pytest.mark.parametrize("who", ["owner", "colleague"])
def test_people_of_the_site_see_it_take_it_and_close_it(request, as_, surgery, alert, who):
    staff = request.getfixturevalue(who)
    client, url = as_(staff), f"/api/v1/alerts/{alert.pk}/"

    listed = rows(client.get("/api/v1/alerts/?open=true&level=E"))
    taken = client.post(f"{url}take/").json()
    closed = client.post(f"{url}close/", {"outcome": "seen", "note": "comes at 14:00"}).json()

    assert [(row["id"], row["patient"], row["surgery"]) for row in listed] == [
        (alert.pk, surgery.patient_id, surgery.pk)
    ]
    assert listed[0]["signs"] == [{"code": "chest", "name": "chest pain, breathlessness or coughing blood"}]
    assert (listed[0]["owner"], taken["owner"]) == (None, staff.username)
    assert (closed["outcome"], closed["outcome_note"]) == ("seen", "comes at 14:00")
    assert rows(client.get("/api/v1/alerts/?open=true")) == []


def test_for_a_stranger_there_is_none(as_, stranger, alert):
    client = as_(stranger)

    assert rows(client.get("/api/v1/alerts/")) == []
    problem(client.get(f"/api/v1/alerts/{alert.pk}/"), 404)
    for verb in ("take", "close"):
        problem(client.post(f"/api/v1/alerts/{alert.pk}/{verb}/", {"outcome": "seen"}), 404)


def test_it_is_closed_with_an_outcome_or_not_at_all(as_, colleague, alert):
    client, url = as_(colleague), f"/api/v1/alerts/{alert.pk}/close/"

    assert "#/outcome" in named(client.post(url, {}))
    assert "#/outcome" in named(client.post(url, {"outcome": "fine"}))
    assert "what you tried" in str(client.post(url, {"outcome": "not_reached"}).json())
    client.post(url, {"outcome": "seen"})
    assert "closed it already" in str(client.post(url, {"outcome": "seen"}).json())


def test_no_door_raises_changes_or_deletes_one(as_, owner, alert):
    client = as_(owner)

    problem(client.post("/api/v1/alerts/", {"level": "E"}), 405)
    for method in (client.delete, client.patch, client.put):
        problem(method(f"/api/v1/alerts/{alert.pk}/"), 405)


def test_the_most_pressing_comes_first(as_, site, owner, alert):
    later = raising.raise_alert(site=site, level="E", signs=["chest"], now=clock.now() + timedelta(minutes=1))

    assert [row["id"] for row in rows(as_(owner).get("/api/v1/alerts/"))] == [alert.pk, later.pk]


def test_all_that_was_heard_while_it_was_open_is_told_with_its_own_class(as_, site, surgery, owner, alert):
    heard = {"site": site, "surgery": surgery, "check_in": surgery.check_ins.get()}
    raising.raise_alert(level="D", signs=["wound"], now=clock.now(), **heard)

    [row] = rows(as_(owner).get("/api/v1/alerts/"))

    assert (row["level"], [sign["code"] for sign in row["signs"]]) == ("E", ["chest", "wound"])
    assert [(cause["level"], cause["check_in"]) for cause in row["causes"]] == [
        ("E", None), ("D", heard["check_in"].pk),
    ]  # fmt: skip
