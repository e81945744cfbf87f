"""The record shows what the four factors propose; a surgeon accepts or declines with one click."""

import re

import pytest

from patients import clock
from reminders.plan.models import PaceProposal, PlanChange
from reminders.plan.values import ChangeKind
from reminders.plan_changes import Wish, decide
from tests.given import a_new_patient, a_phone, an_enrolment
from tests.staff.people import a_manager, signed_in, three_people

pytestmark = pytest.mark.django_db
REASON = "75 years"


@pytest.fixture
def people():
    return three_people()


@pytest.fixture
def surgery(people):
    now = clock.now()
    born = now.date().replace(year=now.year - 75, day=1)
    return an_enrolment(people.site, by=people.owner, now=now, patient=a_new_patient(a_phone(), birth_date=born))


@pytest.fixture
def owner(people):
    return signed_in(people.owner)


def test_accepting_shows_first_what_would_change_and_does_it_at_the_second_click(surgery, owner):
    url = f"/staff/surgeries/{surgery.pk}/proposals/pace/accept/"
    page = owner.get(f"/staff/surgeries/{surgery.pk}/").content.decode()
    assert "A pace of 115 % for the phases that have not begun" in page
    assert f"Because: {REASON}" in page

    shown = owner.post(url, {"reason": [REASON]}).content.decode()
    assert "messages move" in shown
    assert "Check-ins, warnings and visits keep their days" in shown
    assert "Age gives 115 % (75 years)." in shown
    assert not PlanChange.objects.exists()
    assert not PaceProposal.objects.exists()

    revision = re.search(r'name="revision" value="(\d+)"', shown)[1]
    answer = owner.post(url, {"reason": [REASON], "revision": revision}, follow=True)

    assert "Because:" not in answer.content.decode()
    assert PlanChange.objects.get().percent == 115


def test_whoever_accepts_what_was_shown_before_a_colleague_decided_is_told_and_nothing_is_done(surgery, owner, people):
    seen = surgery.care_plan.revision
    decide(surgery, Wish(ChangeKind.HOLD), why="fever", by=people.owner, now=clock.now())

    url = f"/staff/surgeries/{surgery.pk}/proposals/pace/accept/"
    answer = owner.post(url, {"reason": [REASON], "revision": str(seen)}, follow=True)

    assert "Somebody changed this plan after you opened it." in answer.content.decode()
    assert not PaceProposal.objects.exists()


def test_declined_it_is_gone_and_the_plan_is_as_it_was(surgery, owner):
    answer = owner.post(f"/staff/surgeries/{surgery.pk}/proposals/pace/decline/", {"reason": [REASON]}, follow=True)

    assert "Declined. It is not proposed again." in answer.content.decode()
    assert not PlanChange.objects.exists()
    assert PaceProposal.objects.get().state == "declined"


def test_reasons_that_are_others_now_are_said_and_nothing_is_done(surgery, owner):
    answer = owner.post(f"/staff/surgeries/{surgery.pk}/proposals/pace/accept/", {"reason": ["60 years"]}, follow=True)

    assert "Look again" in answer.content.decode()
    assert not PlanChange.objects.exists()


def test_facts_of_health_are_written_down_and_propose(surgery, owner):
    facts = {"physical_therapy": "undecided", "job": "desk", "levels": "3", "asa_class": "3", "bmi_band": "35_to_40"}
    owner.post(f"/staff/surgeries/{surgery.pk}/facts/", facts | {"conditions": ["diabetes"]})

    page = owner.get(f"/staff/surgeries/{surgery.pk}/").content.decode()

    assert "Because: 3 levels; ASA class 3; BMI 35 or more; diabetes; 75 years" in page
    assert "Overall health gives every 4 days (ASA class 3); overall health gives every 5 days (diabetes)." in page
    assert "age gives 115 % (75 years). The largest counts; they are never added." in page


def test_a_colleague_sees_it_and_does_not_decide_a_stranger_sees_nothing(surgery, people, owner):
    colleague, stranger = signed_in(people.colleague), signed_in(people.stranger)
    url = f"/staff/surgeries/{surgery.pk}/proposals/pace"

    assert "A surgeon or a manager decides." in colleague.get(f"/staff/surgeries/{surgery.pk}/").content.decode()
    for deed in ("accept", "decline"):
        assert colleague.post(f"{url}/{deed}/", {"reason": [REASON]}).status_code == 403
        assert stranger.post(f"{url}/{deed}/", {"reason": [REASON]}).status_code == 404
    assert owner.post(f"{url}/dance/").status_code == 404
    assert not PlanChange.objects.exists()
    assert not PaceProposal.objects.exists()


def test_a_manager_edits_the_clinics_rules_on_the_site_page(people):
    url, field = f"/staff/patients/site/{people.site.pk}/change/", 'name="pace_rules-0-value"'

    assert field in signed_in(a_manager(people.site)).get(url).content.decode()
    assert field not in signed_in(people.colleague).get(url).content.decode()
    assert signed_in(people.stranger).get(url).status_code == 302  # to the start, as for a site that is not there
