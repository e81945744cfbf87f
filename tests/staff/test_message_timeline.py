"""The story of one message is read on the record and by the API, in the patient's time."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from patients.models import Patient
from reminders.delivery.models import Delivery
from reminders.delivery.state import State
from reminders.delivery.transitions import move
from reminders.plan.models import Reminder
from tests.delivery.sending import a_promise, claimed
from tests.staff.people import ThreePeople, signed_in, three_people

pytestmark = pytest.mark.django_db
PACIFIC = ZoneInfo("America/Los_Angeles")


@pytest.fixture
def people() -> ThreePeople:
    return three_people()


@pytest.fixture
def landline(people: ThreePeople) -> Reminder:
    """A text that the carrier gave back two minutes after it had left."""
    promise = a_promise(people.site, by=people.owner)
    Patient.objects.update(time_zone=str(PACIFIC))
    claimed(promise)
    delivery = Delivery.objects.get(reminder=promise)
    move([delivery.pk], State.ACCEPTED, since=[State.CLAIMED], now=promise.due_at)
    at = promise.due_at + timedelta(minutes=2)
    move([delivery.pk], State.UNDELIVERED_PERM, since=[State.ACCEPTED], now=at, code=30006)
    return promise


def read(people: ThreePeople, reminder: Reminder, who: str) -> tuple[int, str]:
    answer = signed_in(getattr(people, who)).get(f"/staff/surgeries/{reminder.surgery_id}/")
    return answer.status_code, " ".join(answer.content.decode().split())


def test_the_record_tells_each_step_with_its_time_on_the_patients_clock(people, landline):
    status, page = read(people, landline, "colleague")

    due, failed = (moment.astimezone(PACIFIC) for moment in (landline.due_at, landline.due_at + timedelta(minutes=2)))
    assert status == 200
    assert f"Planned for {due:%H:%M}." in page
    assert f"{failed:%H:%M}</time> <span>The carrier says:" in page
    assert "(code 30006)" in page


def test_a_stranger_reads_no_story(people, landline):
    assert read(people, landline, "stranger")[0] == 404


def test_what_has_not_begun_has_no_story_yet(people):
    promise = a_promise(people.site, by=people.owner)

    assert "its story" not in read(people, promise, "owner")[1]


def test_the_api_tells_the_same_story_of_one_reminder(people, landline):
    path = f"/api/v1/reminders/{landline.pk}/"
    told: dict[str, Any] = signed_in(people.colleague).get(path).json()

    sentences = [line["sentence"] for line in told["story"]]
    assert sentences[0].startswith("Planned for ")
    assert "(code 30006)" in sentences[-1]
    assert signed_in(people.stranger).get(path).status_code == 404


def test_the_ledger_in_the_admin_tells_it_too(people, landline):
    path = f"/staff/reminders/reminder/{landline.pk}/change/"

    assert "(code 30006)" in signed_in(people.owner).get(path).content.decode()
    assert signed_in(people.stranger).get(path).status_code in (302, 403, 404)
