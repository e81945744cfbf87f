"""Sites are live, and still nothing leaves the machine."""

from typing import Any

import pytest

from reminders.delivery.channels import ROUTES


@pytest.fixture
def nothing_leaves_the_machine(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """What would go to a provider goes to the outbox, on the provider's route."""
    settings.MESSAGES = "live"
    for route in ("twilio", "smtp"):
        monkeypatch.setitem(ROUTES, route, ROUTES["outbox"])
