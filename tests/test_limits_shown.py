"""The limits of messages a day and a week, and what they did to a plan, in words and everywhere."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from clinic.staff.record.changes import groups, sentence, titles_of
from patients.models import Procedure, Site
from reminders.delivery.state import State
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.values import ChangeKind
from reminders.plan_changes import Wish, decide, rehearse
from tests import given
from tests.api.test_patients import CONSENT, a_body
from tests.given import NOW
from tests.plan.rows import on_its_way
from tests.staff.people import a_manager, signed_in, three_people

pytestmark = pytest.mark.django_db
MOVED = "daily or weekly limit reached (it was to come on 3 Mar)"
LEFT_OUT = "Left out: daily or weekly limit reached."


@pytest.fixture
def people():
    people = three_people()
    Site.objects.update(**given.DEFAULT_BUDGET)
    people.site.refresh_from_db()
    given.a_signed_version(people.site, by=people.owner)
    return people


@pytest.fixture
def surgery(people):
    """Reached by phone alone."""
    return given.an_enrolment(people.site, by=people.owner)


def text(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_record_says_what_was_moved_from_where_and_what_was_left_out(people, surgery):
    page = text(signed_in(people.colleague).get(f"/staff/surgeries/{surgery.pk}/"))

    assert f"1 day later: {MOVED}." in page
    assert LEFT_OUT in page


def test_the_record_says_it_of_what_has_left_too(people, surgery):
    on_its_way(surgery.reminders.get(step_code="check-in-1"), ReminderStatus.DONE, State.DELIVERED)

    page = text(signed_in(people.colleague).get(f"/staff/surgeries/{surgery.pk}/"))

    assert f"1 day later: {MOVED}." in page


def test_a_decision_says_first_what_will_have_no_room(people, surgery):
    """Put off to day 6, the word about medicine takes the day of a check-in, which no other day serves."""
    wish = Wish(ChangeKind.DELAY, step="pain-medicine", days=4)
    done = rehearse(lambda: decide(surgery, wish, why="nausea", by=people.owner, now=NOW))

    said = sentence(groups(done.changes, titles_of(done.changes), surgery.patient.zone))

    assert "1 message is over the site's message limit." in said
    assert "1 message comes back." in said


def test_a_stranger_reads_nothing_of_it(people, surgery):
    assert signed_in(people.stranger).get(f"/staff/surgeries/{surgery.pk}/").status_code == 404


def test_the_schedule_of_the_api_says_it(people, surgery):
    rows = signed_in(people.colleague).get(f"/api/v1/surgeries/{surgery.pk}/schedule/").json()["reminders"]

    check_in = next(row for row in rows if row["step"] == "check-in-1")
    medicine = next(row for row in rows if row["step"] == "pain-medicine")
    assert (check_in["moved"], check_in["moved_from"]) == (f"Moved: {MOVED}.", "2026-03-03")
    assert (medicine["status"], medicine["reason"], medicine["why"]) == ("skipped", "budget", LEFT_OUT)


def test_the_preview_of_the_api_is_the_plan_within_the_limits(people):
    """A caregiver's e-mail address makes no room for the patient."""
    caregiver = {"email": "jo@example.org", "relationship": "caregiver", "name": "Jo", "consent": CONSENT}
    body = a_body(contacts=[{"phone": "+12025550131", "consent": CONSENT}, caregiver])
    asked = {"new_patient": body, "procedure": "miss", "surgeon": people.owner.pk, "date": "2026-03-02"}
    client = signed_in(people.owner)

    shown = client.post("/api/v1/surgeries/preview/", asked, content_type="application/json").json()
    made = client.post("/api/v1/surgeries/", asked, content_type="application/json").json()
    plan = client.get(f"/api/v1/surgeries/{made['id']}/schedule/").json()

    def laid_out(answer):
        names = ("step", "due_at", "status", "moved", "moved_from")
        return sorted(tuple(str(row[name]) for name in names) for row in answer["reminders"])

    assert laid_out(shown) == laid_out(plan)
    assert any(row["moved_from"] for row in shown["reminders"])


def test_the_preview_before_an_enrolment_says_it(people):
    typed = {
        "key": "form-1", "site": people.site.pk, "number": "A-500", "birth_date": "1960-05-04", "given_name": "Tom",
        "family_name": "Berg", "language": "en", "phone-address": "202 555 0131", "phone-consent": "on",
        "phone-source": "paper", "phone-wording": "I agree to texts.", "surgeon": people.owner.pk,
        "procedure": Procedure.objects.get(code="miss").pk, "date": "2026-03-02", "physical_therapy": "undecided",
        "job": "desk", "version": "",
    }  # fmt: skip

    page = text(signed_in(people.colleague).post("/staff/enrol/preview/", typed))

    assert MOVED in page
    assert LEFT_OUT in page


def test_coverage_tells_it_from_what_is_missing(people):
    begun = NOW - timedelta(days=10)
    given.an_enrolment(people.site, by=people.owner, now=begun)
    client = signed_in(people.owner)

    different, missing = (text(client.get("/staff/coverage/", {"kind": kind})) for kind in ("different", "failed"))

    assert LEFT_OUT in different
    assert LEFT_OUT not in missing


def test_the_simulator_says_it(people):
    typed = {
        "site": people.site.pk, "version": people.site.protocols.get(code="miss-base").versions.get().pk,
        "date": "2026-03-02", "language": "en", "channels": ["sms"], "physical_therapy": "undecided", "job": "desk",
        "days": 30, "zone": "",
    }  # fmt: skip

    page = text(signed_in(people.colleague).get("/staff/simulator/", typed))

    assert "Moved from Tue 3 Mar: daily or weekly limit reached." in page
    assert LEFT_OUT in page


def test_the_command_lists_what_the_limits_change():
    given.a_site(**given.DEFAULT_BUDGET)
    out = StringIO()

    call_command("simulate", protocol="miss-base", date="2026-03-02", channels="sms", limits=True, days=10, stdout=out)

    assert out.getvalue().splitlines()[1:] == [
        "day 0, left out: outcome-questions-1",
        "day 2, left out: pain-medicine",
        "day 1 to 2: check-in-1",
        "day 3 to 4: check-in-2",
    ]


def test_a_manager_sees_the_limits_and_what_they_do(people):
    page = text(signed_in(a_manager(people.site)).get(reverse("admin:patients_site_change", args=[people.site.pk])))

    assert 'name="messages_a_day" value="1"' in page
    assert 'name="messages_a_week" value="5"' in page
    assert "Visits and warnings always keep their day and count" in page
