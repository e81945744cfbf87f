"""On the record and by the API staff say which of two plans goes on: shown first, then done, by who may decide."""

import pytest
from django.urls import reverse

from patients import audit
from tests.given import a_phone, an_enrolment, phone
from tests.staff.enrolling import text
from tests.staff.people import signed_in, three_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return three_people()


@pytest.fixture
def plans(people):
    first = an_enrolment(people.site, a_phone(phone(60)), by=people.owner, day=9)
    return first, an_enrolment(people.site, by=people.owner, patient=first.patient, day=1)


def test_a_plan_is_ended_from_the_record_after_a_preview_and_the_end_is_taken_back(people, plans):
    first, second = plans
    client, page = signed_in(people.owner), reverse("staff:record_running_plan", args=[first.pk])
    for record in plans:  # both records lead there
        assert page in client.get(reverse("staff:record", args=[record.pk])).content.decode()
    assert "Both plans run" in text(client.get(page))

    shown = client.post(page, {"running_plan": "end"})
    assert "will not be sent" in text(shown) or "dropped" in text(shown)
    first.refresh_from_db()
    assert first.is_active
    revision = {"revision": str(first.care_plan.revision)}
    assert client.post(page, {"running_plan": "end"} | revision).status_code == 302
    first.refresh_from_db()
    assert (first.state, first.followed_by) == ("ended", second)
    stale = client.post(page, {"running_plan": "keep"} | revision)
    assert stale.status_code == 422
    assert "Look at it again" in text(stale)
    assert client.post(page, {}).status_code == 422

    again = client.post(f"/api/v1/surgeries/{first.pk}/running-plan/", {"running_plan": "keep"}, "application/json")
    assert again.json()["surgery"]["state"] == "active"
    assert [entry.verb for entry in audit.history(first)][-2:] == ["plan ended", "plan kept beside another"]


def test_the_api_looks_first_and_refuses_what_does_not_fit(people, plans):
    first, second = plans
    client, url = signed_in(people.owner), "/api/v1/surgeries/{}/running-plan/"

    def sent(surgery, **body):
        return client.post(url.format(surgery.pk), body, "application/json")

    looked = sent(first, running_plan="end", dry_run=True).json()
    assert looked["surgery"]["state"] == "active"
    assert {one["status"] for one in looked["changes"]} == {"cancelled"}
    assert sent(first, running_plan="both").status_code == 400
    assert sent(first).status_code == 400
    assert "Choose at the earlier operation" in sent(second, running_plan="end").content.decode()


def test_reception_and_a_stranger_end_no_plan(people, plans):
    first, _ = plans
    page, url = reverse("staff:record_running_plan", args=[first.pk]), f"/api/v1/surgeries/{first.pk}/running-plan/"
    for person, status in ((people.colleague, 403), (people.stranger, 404)):
        client = signed_in(person)
        assert client.post(page, {"running_plan": "end"}).status_code == status
        assert client.post(url, {"running_plan": "end"}, "application/json").status_code == status
    assert page not in signed_in(people.colleague).get(reverse("staff:record", args=[first.pk])).content.decode()
    first.refresh_from_db()
    assert first.is_active
