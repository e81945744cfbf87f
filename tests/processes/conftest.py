from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from patients.models import Site
from reminders.plan.models import CarePlan, Reminder
from tests import given
from tests.delivery.sending import a_promise, many
from tests.fakes import twilio as fake
from tests.processes.running import Machine


@pytest.fixture
def machine(process_environment: dict[str, str], twilio: Any, tmp_path: Path) -> Iterator[Machine]:
    """Live, with the fake provider at the door; the clock rings every second and few are sent at a time."""
    environment = process_environment | {
        "MESSAGES": "live",
        "DEMO": "false",
        "PUBLIC_URL": "https://clinic.example.org",
        "TWILIO_API_URL": twilio.url,
        "TWILIO_ACCOUNT_SID": fake.ACCOUNT,
        "TWILIO_API_KEY": fake.API_KEY,
        "TWILIO_API_SECRET": fake.API_SECRET,
        "TWILIO_AUTH_TOKEN": fake.AUTH_TOKEN,
        "SWEEP_EVERY": "1",
        "SEND_WINDOW": "10",
    }
    running = Machine(environment, tmp_path)
    yield running
    running.stop()


class LiveClinic:
    """A live site that is never quiet, and promises that are due by the processes' own clock."""

    def __init__(self) -> None:
        hours = {"send_from": time(0), "send_until": time(23, 59, 59)}
        self.site: Site = given.a_site(mode="live", **hours)
        self.surgeon = given.a_staff_member(self.site)

    def promises(self, number: int) -> None:
        """So many texts, all to one patient, due since a minute ago. The plan, laid out far ahead, takes none back."""
        first = a_promise(self.site, by=self.surgeon)
        many(first, number)
        now = timezone.now()
        CarePlan.objects.filter(surgery=first.surgery).update(laid_out_until=now.date() + timedelta(days=3_000))
        Reminder.objects.filter(surgery=first.surgery, step=first.step).update(
            due_at=now - timedelta(minutes=1), useful_until=now + timedelta(days=1)
        )


@pytest.fixture
def clinic(transactional_db: None) -> LiveClinic:
    return LiveClinic()
