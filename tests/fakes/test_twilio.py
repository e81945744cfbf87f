"""The fake is believed by every other test, so its own words are checked here."""

import asyncio
import base64
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.request import Request, urlopen

import pytest
from aiohttp import web

from reminders.delivery.channels import sms, twilio_webhooks
from tests.fakes import twilio as fake
from tests.fakes.threads import LoopThread
from tests.waiting import HUNG

LOGIN = "Basic " + base64.b64encode(f"{fake.API_KEY}:{fake.API_SECRET}".encode()).decode()
MESSAGES = f"/2010-04-01/Accounts/{fake.ACCOUNT}/Messages.json"


class ProductStub:
    """Stands in for the product's webhooks and writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, str], str]] = []
        self.thread = LoopThread()
        self.url = self.thread.run(self._start())

    async def _start(self) -> str:
        self.runner = web.ServerRunner(web.Server(self._hear, access_log=None), shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self.runner.addresses[0][1]}"

    async def _hear(self, request: web.BaseRequest) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.heard.append((str(request.url), form, request.headers["X-Twilio-Signature"]))
        return web.Response(status=204)

    def stop(self) -> None:
        self.thread.run(self.runner.cleanup())
        self.thread.stop()


@pytest.fixture
def program() -> Iterator[ProductStub]:
    running = ProductStub()
    yield running
    running.stop()


def post(url: str, body: bytes, **headers: str) -> int:
    with urlopen(Request(url, data=body, headers=headers), timeout=HUNG) as answer:  # noqa: S310
        return int(answer.status)


def test_its_callbacks_carry_twilios_signature_and_no_fragment(twilio, program):
    body = f"To=%2B12025550100&From=%2B12025550199&Body=Hi&StatusCallback={program.url}/s/1/%23rc=5%26rp=all"
    post(twilio.url + MESSAGES, body.encode(), Authorization=LOGIN)

    status = twilio.call_back(twilio.accepted[0]["sid"], "failed", error_code=30003)

    [(url, form, signed)] = program.heard
    report = twilio_webhooks.read_status(form)
    assert (status, url) == (204, program.url + "/s/1/")
    assert (report.sid, report.status, report.error_code) == (twilio.accepted[0]["sid"], "failed", 30003)
    assert sms.is_from_twilio(url, form, signed)


def test_its_texts_come_in_signed_with_blank_parameters_too(twilio, program):
    twilio.text_in(program.url + "/in/", From="+12025550100", To="+12025550199", Body="STOP")

    [(url, form, signed)] = program.heard
    assert form["FromCity"] == ""
    assert twilio_webhooks.read_inbound(form).text == "STOP"
    assert sms.is_from_twilio(url, form, signed)


def test_it_runs_as_a_program_that_prints_its_address(tmp_path):
    command = [sys.executable, "-m", "tests.fakes.twilio", "--ledger", str(tmp_path / "ledger.jsonl")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        url = running.stdout.readline().strip()
        try:
            control = post(f"{url}/control", b'{"behaviour": "http:400/21610", "to": "+1202", "times": 1}')
            accepted = post(url + MESSAGES, b"To=%2B12025550100&From=%2B12025550199&Body=Hi", Authorization=LOGIN)
        finally:
            running.terminate()

    assert (control, accepted) == (200, 201)
    assert len((tmp_path / "ledger.jsonl").read_text().splitlines()) == 1


def test_behaviour_can_be_asked_for_one_number_a_few_times_or_one_request():
    behaviours = fake.Behaviours(by_to={"+1": ["bad_json", 2]}, by_nth={5: "http:500"})

    assert [behaviours.next("+1") for _ in range(5)] == ["bad_json", "bad_json", "ok", "ok", "http:500"]
    assert behaviours.next("+2") == "ok"


def test_a_list_may_lag_behind(twilio):
    twilio.api.list_delay = 900
    post(twilio.url + MESSAGES, b"To=%2B12025550100&From=%2B12025550199&Body=Hi", Authorization=LOGIN)

    async def look(delay: float):
        twilio.api.list_delay = delay
        async with sms.SmsChannel(concurrency=1) as channel:
            return await channel.find(to="+12025550100", since=datetime.fromtimestamp(0, UTC))

    assert asyncio.run(look(900)) == []
    assert len(asyncio.run(look(0))) == 1
