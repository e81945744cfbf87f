"""A stand-in for Twilio's message API: `python -m tests.fakes.twilio --port 0 --ledger FILE`.

It answers on Twilio's paths in Twilio's format, misbehaves on request, and writes one line to its ledger for
each request, before it answers: the ledger, not the program, is the witness of what was sent. A line's `time` is
when the request began.

Ask for misbehaviour with `POST /control`, JSON, any of:
  {"behaviour": B}                           from now on, for everybody
  {"to": "+1202...", "behaviour": B, "times": 2}   for one number, for ever or for a number of times
  {"nth": 5, "behaviour": B}                 for the 5th create from now
  {"latency": 0.1}                           seconds before every answer
  {"reads": "http:503"}                      lists and look-ups answer so; "ok": as they should
  {"clock": -900}                            its clock is so many seconds ahead of the real time
  {"list_delay": 900}                        seconds before a message shows up in lists
  {"callbacks": ["sent", "delivered"], "callback_delay": 0.1}   status callbacks after each create
  {"fate": F}, {"fate": F, "to": "+1202..."} what becomes of messages, for all or one number (twilio_fate.py)
  {"callback": {"sid": S, "status": "failed", "error_code": 30003}}  one now
  {"inbound": {"url": U, "From": ..., "To": ..., "Body": ...}}   a text from a phone, signed
  {"release": true}                          whoever was told to hold has its answer
  {"door": "shut"}                           connections are refused; "full": they are not even answered; "open"
  {"state": true}                            answers with every message and what is still to be told
  {"reset": true}                            forget all of it
where B is ok · ok_then_close · callback_first · hang_before_accept · hang_after_accept · bad_json ·
empty_200 · slow:<seconds> · after:<number> (once it has taken so many others) ·
hold (until the release) · http:<status>[/<code>[/<retry after>]] · kill:<B> (first SIGKILL whoever asks)

`--control PORT` opens a second door for these wishes, which stays open when the first is shut. `--web URL`: callbacks
and texts go there, although they are signed for, and name, the public address.
"""

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import sys
import time
from collections import Counter
from email.utils import formatdate
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import parse_qsl

from aiohttp import web

from tests.fakes import twilio_control
from tests.fakes import twilio_fate as fate
from tests.fakes import twilio_peer as peer
from tests.fakes.twilio_behaviours import Behaviours, CreateRequest, refused
from tests.fakes.twilio_calls import Caller
from tests.fakes.twilio_doors import Doors
from tests.fakes.twilio_format import JSON_TYPE, as_json, error, first_status, listed, page, problem

ACCOUNT = "AC" + "0" * 32
API_KEY = "SK" + "0" * 32
API_SECRET = "fake-secret"
AUTH_TOKEN = "fake-auth-token"
NEVER = 86_400.0


class FakeTwilio:
    def __init__(
        self,
        *,
        ledger: Path,
        account: str = ACCOUNT,
        api_key: str = API_KEY,
        auth_token: str = AUTH_TOKEN,
        web_url: str = "",
        pids: bool = False,
    ) -> None:
        login = base64.b64encode(f"{api_key}:{API_SECRET}".encode()).decode()
        self.authorization = f"Basic {login}"
        self.base = f"/2010-04-01/Accounts/{account}/Messages"
        self.ledger_path, self.pids = ledger, pids
        self.ledger: TextIO = ledger.open("a", encoding="utf-8")
        self.messages: dict[str, dict[str, Any]] = {}
        self.tasks: set[asyncio.Task[Any]] = set()
        self.calls = Caller(
            messages=self.messages,
            account=account,
            auth_token=auth_token,
            web=web_url,
            heard=ledger.with_suffix(".inbound.jsonl"),
        )
        self.doors = Doors(self.handle)
        self.reset()

    def reset(self) -> None:
        self.behaviours = Behaviours()
        self.latency = 0.0
        self.list_delay = 0.0
        self.calls.clock = 0.0
        self.reads = "ok"
        self.callbacks: list[str] = []
        self.callback_delay = 0.0
        self.fates: dict[str, fate.Script | fate.Mix] = {}  # "": everybody else's
        self.taken: Counter[str] = Counter()
        self.released = asyncio.Event()

    # Doors

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/control":
            return await twilio_control.control(self, request)
        answer = await self.answer(request, time.time())
        answer.headers.setdefault("Date", formatdate(time.time() + self.calls.clock, usegmt=True))
        return answer

    async def answer(self, request: web.BaseRequest, began: float) -> web.StreamResponse:
        path, method = request.path, request.method
        if not hmac.compare_digest(request.headers.get("Authorization", ""), self.authorization):
            return error(401, 20003, "Authenticate")
        if path == self.base + ".json" and method == "POST":
            return await self.create(request, began)
        if self.reads != "ok":
            return refused(self.reads.partition(":")[2], request)
        if path == self.base + ".json":
            return self.listing(request)
        if path.startswith(self.base + "/") and method == "GET":
            return self.one(path)
        return error(404, 20404, f"The requested resource {path} was not found")

    async def create(self, request: web.BaseRequest, began: float) -> web.StreamResponse:
        form = dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
        behaviour = self.behaviours.next(form.get("To", ""))
        asked = CreateRequest(request, form, behaviour, began, self.caller(request) if self.pids else None)
        if self.latency:
            await asyncio.sleep(self.latency)
        if behaviour.startswith("kill:"):
            asked.pid = self.caller(request)
            asked.behaviour = behaviour if peer.kill(asked.pid) else f"missed {behaviour}"
            behaviour = behaviour.removeprefix("kill:")
        if behaviour == "ok":
            return problem(form) or self.accept(asked)
        return await self.misbehave(asked, *behaviour.partition(":")[::2])

    async def misbehave(self, asked: CreateRequest, name: str, value: str) -> web.StreamResponse:
        if name == "http":
            self.write(asked, "")
            return refused(value, asked.request, f"Not possible for {asked.form.get('To')}")
        if name == "hang_before_accept":
            self.write(asked, "")
            await asyncio.sleep(NEVER)
        if name == "slow":
            await asyncio.sleep(float(value))
        while name == "after" and len(self.messages) < int(value):
            await asyncio.sleep(0.01)
        if name == "hold":
            await self.released.wait()
        answer = self.accept(asked)
        if name == "hang_after_accept":
            await asyncio.sleep(NEVER)
        if name == "callback_first":
            await self.calls.call_back(json.loads(answer.text or "")["sid"], "sent")
        if name == "ok_then_close" and asked.request.transport is not None:
            asked.request.transport.abort()
        if name == "bad_json":
            return web.Response(status=201, text="<html>Welcome to the hotel</html>", content_type="text/html")
        if name == "empty_200":
            return web.Response(status=200)
        return answer

    def accept(self, asked: CreateRequest) -> web.Response:
        sid, form = "SM" + secrets.token_hex(16), asked.form
        self.write(asked, sid)
        message = self.messages[sid] = {
            "sid": sid,
            "at": time.time() + self.calls.clock,
            "form": form,
            "status": first_status(form),
        }
        if self.callbacks and form.get("StatusCallback"):
            self.later(self.call_back_all(sid))
        if script := self.fates.get(form.get("To", ""), self.fates.get("")):
            to = form.get("To", "")
            self.taken[to] += 1
            self.live(sid, script.fate(f"{to}/{self.taken[to]}"))
        return web.Response(status=201, text=json.dumps(as_json(message, self.base)), headers=JSON_TYPE)

    def write(self, asked: CreateRequest, sid: str) -> None:
        form = asked.form
        line = {
            "time": asked.began,
            "To": form.get("To", ""),
            "From": form.get("From") or form.get("MessagingServiceSid", ""),
            "body_sha256": hashlib.sha256(form.get("Body", "").encode()).hexdigest(),
            "StatusCallback": form.get("StatusCallback", ""),
            "ValidityPeriod": form.get("ValidityPeriod", ""),
            "behaviour": asked.behaviour,
            "sid": sid,  # empty: not accepted
        }
        if asked.pid:
            line["pid"] = asked.pid
        self.ledger.write(json.dumps(line) + "\n")
        self.ledger.flush()

    def caller(self, request: web.BaseRequest) -> int | None:
        """The process at the other end of this connection."""
        if request.transport is None:
            return None
        here, there = request.transport.get_extra_info("sockname"), request.transport.get_extra_info("peername")
        return peer.pid_of(there[1], to=here[1])

    def live(self, sid: str, life: fate.Fate) -> None:
        """What the lists and look-ups show, and what is told, are two things: callbacks get lost."""
        self.later(self._live(sid, life.life))
        for moment, status, code in life.tells:
            self.later(self._tell(moment, sid, status, code))

    async def _live(self, sid: str, life: list[fate.Event]) -> None:
        passed = 0.0
        for moment, status, code in life:
            await asyncio.sleep(moment - passed)
            passed = moment
            self.messages[sid] |= {"status": status, "error_code": code}

    async def _tell(self, moment: float, sid: str, status: str, code: int | None) -> None:
        await asyncio.sleep(moment)
        if self.messages[sid]["form"].get("StatusCallback"):
            await self.calls.tell(sid, status, code)

    def one(self, path: str) -> web.StreamResponse:
        sid = path.removeprefix(self.base + "/").removesuffix(".json")
        if sid not in self.messages:
            return error(404, 20404, f"The requested resource {path} was not found")
        return web.json_response(as_json(self.messages[sid], self.base))

    def listing(self, request: web.BaseRequest) -> web.StreamResponse:
        visible = time.time() + self.calls.clock - self.list_delay
        found = [one for one in self.messages.values() if one["at"] <= visible and listed(one, request.query)][::-1]
        return page(found, request, self.base)

    async def call_back_all(self, sid: str) -> None:
        for status in self.callbacks:
            await asyncio.sleep(self.callback_delay)
            await self.calls.call_back(sid, status)

    def later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    # Wishes

    def behave(
        self, behaviour: str, *, to: str | None = None, times: int | None = None, nth: int | None = None
    ) -> None:
        if to:
            self.behaviours.by_to[to] = [behaviour, times]
        elif nth:
            self.behaviours.by_nth[self.behaviours.count + nth] = behaviour
        else:
            self.behaviours.default = behaviour

    def foretell(self, wish: dict[str, Any] | None, *, to: str = "") -> None:
        """None: nothing becomes of them, and nothing is told."""
        self.fates.pop(to, None)
        if wish is not None:
            self.fates[to] = fate.written(wish)

    async def start(self, port: int, control: int | None = None) -> int:
        return await self.doors.start(port, control)

    async def stop(self) -> None:
        for task in list(self.tasks):
            task.cancel()
        await self.doors.close()
        await self.calls.close()
        self.ledger.close()


async def serve(arguments: argparse.Namespace) -> None:
    fake = FakeTwilio(
        ledger=arguments.ledger,
        account=arguments.account,
        api_key=arguments.key,
        auth_token=arguments.token,
        web_url=arguments.web,
        pids=arguments.pids,
    )
    fake.latency = arguments.latency
    fake.callbacks = arguments.callbacks
    port = await fake.start(arguments.port, arguments.control)
    print(f"http://127.0.0.1:{port}", flush=True)  # whoever started it reads the address here
    try:
        await asyncio.Event().wait()
    finally:
        await fake.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in for Twilio's message API.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control", type=int, help="a second door, for wishes only")
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--callbacks", nargs="*", default=[], help="statuses to call back after each create")
    parser.add_argument("--web", default="", help="where callbacks and texts go, in the place of the public address")
    parser.add_argument("--pids", action="store_true", help="write down which process asked (some milliseconds each)")
    parser.add_argument("--account", default=ACCOUNT)
    parser.add_argument("--key", default=API_KEY)
    parser.add_argument("--token", default=AUTH_TOKEN, help="signs the callbacks")
    try:
        asyncio.run(serve(parser.parse_args()))
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
