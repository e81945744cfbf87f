"""The main job again, by another system: enrol through the API, and read there what came of it."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from patients import clock
from reminders.plan.models import ProtocolVersion, Reminder
from tests import given
from tests.journeys import steps


@pytest.mark.django_db(transaction=True)
def test_a_patient_enrolled_by_the_api_is_told_and_seen(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    site, surgeon = steps.given_a_clinic_with_a_surgeon(clock.now())
    version = ProtocolVersion.objects.get(protocol__code="decompression")
    api = APIClient()
    token = api.post("/api/v1/auth/token/", {"username": surgeon.username, "password": given.PASSWORD}).json()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token['token']}")

    created = api.post(
        "/api/v1/surgeries/",
        {
            "new_patient": {
                "site": site.code,
                "number": "R-2",
                "given_name": "Sam",
                "family_name": "Hill",
                "birth_date": "1987-05-06",
                "contacts": [
                    {
                        "phone": steps.PHONE,
                        "consent": {"source": "paper", "wording": "I agree to get care messages."},
                    }
                ],
            },
            "procedure": "microdiscectomy",
            "surgeon": surgeon.pk,
            "date": f"{site.today(clock.now())}",
            "protocol_version": version.pk,
        },
        HTTP_IDEMPOTENCY_KEY="journey-1",
    )
    assert created.status_code == 201, created.json()
    schedule = f"/api/v1/surgeries/{created.json()['id']}/schedule/"
    planned = {row["step"]: row for row in api.get(schedule).json()["reminders"]}
    assert planned["walk-today"]["status"] == "planned"
    call_command("fastforward", days=8)

    after = {row["step"]: row for row in api.get(schedule).json()["reminders"]}
    assert after["walk-today"]["status"] == "done"
    due = api.get("/api/v1/check-ups/", {"state": "due"}).json()["results"]
    assert "first-visit" in {row["code"] for row in due}
    moment = (clock.now() + timedelta(days=3)).isoformat()
    first = next(row for row in due if row["code"] == "first-visit")
    assert api.post(f"/api/v1/check-ups/{first['id']}/book/", {"booked_for": moment}).status_code == 200
    silent = Reminder.objects.filter(step__kind="book_check_up", step__check_up__code="first-visit", status="planned")
    assert not silent.exists()
