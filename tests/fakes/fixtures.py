"""Fixtures `twilio` and `smtp`: fakes at the door, on free ports, with the settings pointing at them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import twilio as fake
from tests.fakes.smtp import SmtpServer
from tests.fakes.threads import LoopThread
from tests.waiting import HUNG


class RunningTwilio:
    """The fake and its ledger. `api.behave("http:500")` and the like take effect with the next request."""

    def __init__(self, ledger: Path) -> None:
        self.thread = LoopThread()
        self.api = self.thread.run(self._build(ledger))
        self.url = f"http://127.0.0.1:{self.thread.run(self.api.start(0))}"

    async def _build(self, ledger: Path) -> fake.FakeTwilio:
        return fake.FakeTwilio(ledger=ledger)

    def behave(self, behaviour: str, *, to: str | None = None, times: int | None = None) -> None:
        self.api.behave(behaviour, to=to, times=times)

    @property
    def ledger(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.api.ledger_path.read_text().splitlines()]

    @property
    def accepted(self) -> list[dict[str, Any]]:
        return [line for line in self.ledger if line["sid"]]

    def call_back(self, sid: str, status: str, *, error_code: int | None = None, to_url: str = "") -> int:
        return self.thread.run(self.api.calls.call_back(sid, status, error_code, to_url))

    def text_in(self, url: str, **params: str) -> int:
        """A text from a phone: `text_in(url, From="+1202…", To="+1202…", Body="STOP")`."""
        return self.thread.run(self.api.calls.text_in(url, params))

    def stop(self) -> None:
        self.thread.run(self.api.stop())
        self.thread.stop()


@pytest.fixture
def twilio(tmp_path: Path, settings: Any) -> Iterator[RunningTwilio]:
    running = RunningTwilio(tmp_path / "twilio.jsonl")
    settings.TWILIO_API_URL = running.url
    settings.TWILIO_ACCOUNT_SID = fake.ACCOUNT
    settings.TWILIO_API_KEY = fake.API_KEY
    settings.TWILIO_API_SECRET = fake.API_SECRET
    settings.TWILIO_AUTH_TOKEN = fake.AUTH_TOKEN
    settings.TWILIO_AUTH_TOKEN_OLD = ""
    yield running
    running.stop()


@pytest.fixture
def smtp(settings: Any) -> Iterator[SmtpServer]:
    server = SmtpServer()
    # pytest-django swaps in a backend that keeps mail in memory; here the real one must speak.
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, HUNG
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = False
    yield server
    server.stop()
