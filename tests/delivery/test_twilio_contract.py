"""Every request of the channel, and every answer of its fake, against what Twilio itself publishes."""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import jsonschema
import pytest
from aiohttp import web

from reminders.delivery.channels import sms
from tests.delivery.test_sms_channel import FROM, TO, message
from tests.fakes.threads import LoopThread
from tests.given import NOW

CONTRACT = json.loads((Path(__file__).parent / "twilio_messages.json").read_text())
SERVICE = "MG" + "a" * 32
formats = jsonschema.FormatChecker(formats=())


@formats.checks("phone-number")
def is_phone(value: object) -> bool:
    return value is None or re.fullmatch(r"\+[1-9]\d{1,14}", str(value)) is not None


@formats.checks("uri")
def is_uri(value: object) -> bool:
    """Twilio's own answers have paths here."""
    return value is None or str(value).startswith("/") or bool(urlsplit(str(value)).netloc)


@formats.checks("date-time", raises=ValueError)
def is_moment(value: object) -> bool:
    return datetime.fromisoformat(str(value)).tzinfo is not None


@formats.checks("date-time-rfc-2822", raises=ValueError)
def is_mail_moment(value: object) -> bool:
    return value is None or parsedate_to_datetime(str(value)).tzinfo is not None


@dataclass
class Exchange:
    method: str
    path: str
    query: list[tuple[str, str]]
    form: list[tuple[str, str]]
    headers: dict[str, str]
    status: int
    answer: Any

    @property
    def operation(self) -> str:
        asked = f"{self.method} {self.path}"
        fitting = [name for name, path in CONTRACT["path"].items() if re.fullmatch(_pattern(path), asked)]
        assert fitting, f"Twilio has no such door: {asked}"
        return fitting[0]


def _pattern(path: str) -> str:
    method, _, pattern = path.partition(" ^")
    return f"{method} {pattern.removesuffix('$')}"


class Wire:
    """Stands between the channel and the fake, passes everything on, and keeps it."""

    def __init__(self, beyond: str) -> None:
        self.beyond = beyond
        self.exchanges: list[Exchange] = []
        self.thread = LoopThread()
        self.url = self.thread.run(self._start())

    async def _start(self) -> str:
        self.session = aiohttp.ClientSession()
        self.runner = web.ServerRunner(web.Server(self._pass, access_log=None), shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self.runner.addresses[0][1]}"

    async def _pass(self, request: web.BaseRequest) -> web.Response:
        body = await request.read()
        kept = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        async with self.session.request(
            request.method, self.beyond + request.path_qs, data=body, headers=kept, allow_redirects=False
        ) as answer:
            text = await answer.text()
        self.exchanges.append(
            Exchange(
                request.method,
                request.path,
                list(request.query.items()),
                parse_qsl(body.decode(), keep_blank_values=True),
                kept,
                answer.status,
                json.loads(text),
            )
        )
        return web.Response(status=answer.status, text=text, content_type="application/json")

    def stop(self) -> None:
        self.thread.run(self.runner.cleanup())
        self.thread.run(self.session.close())
        self.thread.stop()


@pytest.fixture
def wire(twilio, settings) -> Iterator[Wire]:
    running = Wire(twilio.url)
    settings.TWILIO_API_URL = running.url
    yield running
    running.stop()


def typed(pairs: list[tuple[str, str]], schema: dict[str, Any]) -> dict[str, Any]:
    """Forms and queries carry words only; the contract says which are numbers. Nothing may be said twice."""
    assert len(dict(pairs)) == len(pairs)
    kinds = {name: facts.get("type") for name, facts in schema["properties"].items()}
    return {key: int(value) if kinds.get(key) == "integer" and value.isdigit() else value for key, value in pairs}


def check(value: object, schema: dict[str, Any]) -> None:
    whole = {**schema, "$defs": CONTRACT["$defs"]}
    jsonschema.Draft202012Validator(whole, format_checker=formats).validate(value)


def work(wire: Wire, *steps: str) -> list[Exchange]:
    """What the channel does, and what went over the wire for it."""

    async def run() -> None:
        async with sms.SmsChannel(concurrency=2) as channel:
            sent = await channel.send(message())
            await channel.send(message(sender=SERVICE, to="+12025550101", text="Está bien · 😀"))
            if "find" in steps:
                await channel.find(to=TO, since=NOW - timedelta(minutes=5))
                await channel.find(to=TO, sender=FROM, since=NOW - timedelta(minutes=5))
                await channel.find_sent(to=FROM, since=NOW - timedelta(minutes=5))
                await channel.find_sent(since=NOW)
            if "fetch" in steps:
                await channel.fetch(sent.provider_id)

    asyncio.run(run())
    return wire.exchanges


def test_what_we_send_is_what_twilio_takes(wire):
    exchanges = work(wire)

    assert [one.operation for one in exchanges] == ["create", "create"]
    for one in exchanges:
        check(typed(one.form, CONTRACT["create"]), CONTRACT["create"])
        assert one.query == []
        assert one.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    senders = [{key for key, _ in one.form} & {"From", "MessagingServiceSid"} for one in exchanges]
    assert senders == [{"From"}, {"MessagingServiceSid"}]


def test_what_we_ask_is_what_twilio_answers(wire):
    asked = work(wire, "find", "fetch")[2:]

    assert [one.operation for one in asked] == ["list"] * 4 + ["fetch"]
    for one in asked:
        check(typed(one.query, CONTRACT[one.operation]), CONTRACT[one.operation])
        assert one.form == []


def test_the_fake_answers_as_twilio_does(wire, twilio):
    twilio.api.messages["SM" + "1" * 32] = {
        "sid": "SM" + "1" * 32,
        "at": NOW.timestamp(),
        "form": {"From": TO, "To": FROM, "Body": "STOP", "NumMedia": "1"},
        "status": "received",
        "direction": "inbound",
    }

    for one in work(wire, "find", "fetch"):
        assert one.status == CONTRACT["statuses"][one.operation]
        check(one.answer, CONTRACT["answers"][one.operation])


def test_a_long_list_is_read_to_its_end(wire, twilio):
    for number in range(1_001):
        sid = f"SM{number:032x}"
        form = {"From": FROM, "To": TO, "Body": "Hi"}
        twilio.api.messages[sid] = {"sid": sid, "at": NOW.timestamp(), "form": form, "status": "sent"}

    async def run() -> int:
        async with sms.SmsChannel(concurrency=1) as channel:
            return len(await channel.find(to=TO, since=NOW - timedelta(minutes=5)) or ())

    assert asyncio.run(run()) == 1_001
    assert len(wire.exchanges) == 2
    for one in wire.exchanges:
        check(typed(one.query, CONTRACT["list"]), CONTRACT["list"])
        check(one.answer, CONTRACT["answers"]["list"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"To": "0202 555", "From": FROM},
        {"To": TO, "MessagingServiceSid": "MG1"},
        {"To": TO, "Colour": "red"},
        {"From": FROM},
        {"To": TO, "ValidityPeriod": "soon"},
    ],
)
def test_the_contract_itself_refuses_what_twilio_refuses(wrong):
    with pytest.raises(jsonschema.ValidationError):
        check(typed(list(wrong.items()), CONTRACT["create"]), CONTRACT["create"])
