"""A surgeon is changed patient by patient, and for all of one who leaves, by page and API, by who may decide."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from rest_framework.test import APIClient

from patients import audit
from patients.models import StaffMember, Surgery
from reminders import actions, surgeon_changes
from reminders.delivery.sending import texts
from reminders.plan.models import CarePlan, Reminder
from reminders.replies.alerts import handling, raising
from tests.given import NOW, a_staff_member, an_enrolment
from tests.staff.enrolling import text
from tests.staff.people import a_manager, signed_in, three_people

pytestmark = pytest.mark.django_db
PAGE = "/staff/surgeons/"


@pytest.fixture
def people():
    return three_people()


@pytest.fixture
def new_one(people):
    surgeon = a_staff_member(people.site)
    StaffMember.objects.filter(pk=surgeon.pk).update(first_name="Rex", last_name="Novak")
    surgeon.refresh_from_db()
    return surgeon


@pytest.fixture
def surgery(people):
    return an_enrolment(people.site, by=people.owner, day=3)


def surgeon_of(surgery):
    return Surgery.objects.get(pk=surgery.pk).surgeon


def test_the_new_surgeon_is_named_gets_the_open_alert_and_the_plan_stays(people, surgery, new_one):
    alert = raising.raise_alert(site=people.site, surgery=surgery, level="D", signs=["fever"], now=NOW)
    handling.take(alert, by=people.owner, now=NOW)
    plan = Reminder.objects.filter(surgery=surgery).order_by("pk")
    before = (CarePlan.objects.get(surgery=surgery).version, list(plan.values()))

    done = surgeon_changes.change_surgeon(surgery, to=new_one, why="on leave", by=people.owner, now=NOW)
    surgeon_changes.change_surgeon(surgery, to=new_one, why="on leave", by=people.owner, now=NOW)

    alert.refresh_from_db()
    assert (alert.owner, alert.taken_at) == (new_one, None)
    assert texts.about(done, "email").values("en")["surgeon"] == "Rex Novak"
    assert (CarePlan.objects.get(surgery=surgery).version, list(plan.values())) == before
    [entry] = audit.history(surgery).filter(verb="surgeon changed")
    assert entry.details == {"was": "Ida Hale", "surgeon": "Rex Novak", "why": "on leave"}


def test_only_a_surgeon_of_the_site_takes_over_and_only_with_a_reason(people, surgery):
    for to, why, field in ((people.colleague, "x", "to"), (people.stranger, "x", "to"), (people.owner, " ", "why")):
        with pytest.raises(ValidationError) as refused:
            surgeon_changes.change_surgeon(surgery, to=to, why=why, by=people.owner, now=NOW)
        assert list(refused.value.message_dict) == [field]


def test_all_of_a_surgeon_who_leaves_go_over_and_what_is_over_stays(people, surgery, new_one):
    more = an_enrolment(people.site, by=people.owner, day=30)
    cancelled = an_enrolment(people.site, by=people.owner, day=1)
    actions.cancel_surgery(cancelled, why="moved away", by=people.owner, now=NOW)
    elsewhere = an_enrolment(people.stranger.sites.get(), by=people.stranger, day=3)
    manager = a_manager(people.site)
    people.owner.is_active = False
    people.owner.save()
    facts = {"leaving": people.owner, "by": manager}

    shown = surgeon_changes.look(people.site, **facts)
    done = surgeon_changes.hand_over(people.site, to=new_one, why="retired", now=NOW, **facts)

    assert (shown, shown.surgeries, shown.patients) == (done, 2, 2)
    assert [surgeon_of(one) for one in (surgery, more)] == [new_one, new_one]
    assert [surgeon_of(one) for one in (cancelled, elsewhere)] == [people.owner, people.stranger]
    assert surgeon_changes.look(people.site, **facts).surgeries == 0


def test_page_and_api_show_first_and_change_for_deciders_alone(people, surgery, new_one):
    one = {"to": str(new_one.pk), "why": "on leave"}
    every = one | {"leaving": str(people.owner.pk)}
    record, change = (reverse(f"staff:{name}", args=[surgery.pk]) for name in ("record", "record_surgeon"))
    for staff, code in ((people.colleague, 403), (people.stranger, 404)):
        client, api = signed_in(staff), APIClient()
        api.force_authenticate(staff)
        body = {"surgeon": new_one.pk, "why": "x"}
        assert client.post(change, one).status_code == code
        assert api.post(f"/api/v1/surgeries/{surgery.pk}/surgeon/", body, format="json").status_code == code
        assert api.post("/api/v1/sites/riverside/hand-over/", {}, format="json").status_code == code
        client.post(PAGE, every | {"confirmed": "yes"})
        assert surgeon_of(surgery) == people.owner
    manager = a_manager(people.site)
    client, api = signed_in(manager), APIClient()
    api.force_authenticate(manager)

    shown = text(client.post(PAGE, every))
    asked = {"leaving": people.owner.pk, "to": new_one.pk, "why": "retired", "dry_run": True}
    counted = api.post("/api/v1/sites/riverside/hand-over/", asked, format="json").json()

    assert "<strong>1 operation of 1 patient</strong>" in shown
    assert counted == {"surgeries": 1, "patients": 1, "visits": 0, "alerts": 0, "signed": 1}
    assert surgeon_of(surgery) == people.owner
    assert "Change the surgeon" in text(client.get(record))
    assert client.post(PAGE, every | {"confirmed": "yes"}).status_code == 302
    assert surgeon_of(surgery) == new_one
    back = {"surgeon": people.owner.pk, "why": "a mistake"}
    answer = api.post(f"/api/v1/surgeries/{surgery.pk}/surgeon/", back, format="json")
    assert answer.json()["surgeon"] == people.owner.pk
    assert client.post(change, one | {"why": ""}).status_code == 422
    assert client.post(change, one).status_code == 302
    assert surgeon_of(surgery) == new_one
