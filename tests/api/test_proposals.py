"""What the four factors propose, through the API: read by everybody at the site, decided by who may."""

import pytest

from reminders.plan.models import PaceProposal, PlanChange
from tests.api.problems import problem


@pytest.fixture
def url(surgery):
    surgery.asa_class = 3
    surgery.save()
    return f"/api/v1/surgeries/{surgery.pk}/proposals/"


def test_each_is_shown_with_what_it_would_do_and_why(as_, colleague, url):
    found = {one["proposes"]: one for one in as_(colleague).get(url).json()}

    assert found["check_ins"] == {
        "proposes": "check_ins",
        "amount": 4,
        "words": "An extra check-in every 4 days, for four weeks",
        "reasons": ["ASA class 3"],
        "shares": [{"factor": "overall_health", "amount": 4, "reason": "ASA class 3"}],
        "weighed": "Overall health gives every 4 days (ASA class 3).",
    }
    assert found["pace"]["reasons"] == ["ASA class 3"]


def test_accepted_it_is_done_and_says_who(as_, owner, url):
    answer = as_(owner).post(f"{url}check_ins/", {"state": "accepted", "reasons": ["ASA class 3"]}).json()

    assert (answer["state"], answer["decided_by"]) == ("accepted", "Ida Hale")
    assert (answer["decision"]["kind"], answer["decision"]["days"]) == ("add", 4)
    assert "every 4 days as well" in answer["decision"]["words"]
    assert {one["proposes"] for one in as_(owner).get(url).json()} == {"pace"}


def test_it_is_looked_at_before_it_is_done(as_, owner, url):
    body = {"state": "accepted", "reasons": ["ASA class 3"]}

    shown = as_(owner).post(f"{url}pace/", body | {"dry_run": True}).json()

    assert (shown["decision"]["id"], shown["decision"]["percent"], shown["revision"]) == (None, 120, 0)
    assert {one["step"] for one in shown["changes"]} >= {"phase-weeks-3-6"}
    assert not {"check-in-3", "check-in-4"} & {one["step"] for one in shown["changes"]}
    assert not PaceProposal.objects.exists()
    assert not PlanChange.objects.exists()

    done = as_(owner).post(f"{url}pace/", body | {"revision": shown["revision"]}).json()
    assert (done["changes"], done["revision"]) == (shown["changes"], 1)
    problem(as_(owner).post(f"{url}check_ins/", body | {"revision": 0}), 409)


def test_declined_nothing_is_done_and_it_is_not_proposed_again(as_, owner, url):
    answer = as_(owner).post(f"{url}pace/", {"state": "declined", "reasons": ["ASA class 3"]}).json()

    assert (answer["state"], answer["decision"]) == ("declined", None)
    assert not PlanChange.objects.exists()
    assert {one["proposes"] for one in as_(owner).get(url).json()} == {"check_ins"}


@pytest.mark.parametrize(
    ("what", "body", "status", "said"),
    [
        ("pace", {"state": "accepted", "reasons": ["99 years"]}, 409, "Look again"),
        ("dance", {"state": "accepted", "reasons": ["99 years"]}, 409, "Look again"),
        ("pace", {"state": "perhaps", "reasons": ["ASA class 3"]}, 400, "Choose one of: accepted, declined."),
        ("pace", {"state": "accepted", "reasons": []}, 400, "empty"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would_be_right(as_, owner, url, what, body, status, said):
    answer = as_(owner).post(f"{url}{what}/", body)

    assert said in str(problem(answer, status))
    assert not PaceProposal.objects.exists()


def test_a_colleague_reads_and_does_not_decide_and_a_stranger_finds_nothing(as_, colleague, stranger, url):
    body = {"state": "accepted", "reasons": ["ASA class 3"]}

    problem(as_(colleague).post(f"{url}pace/", body), 403)
    problem(as_(stranger).get(url), 404)
    problem(as_(stranger).post(f"{url}pace/", body), 404)
    assert not PaceProposal.objects.exists()
