"""A stand-in for Twilio's message API: `python -m tests.fakes.twilio --port 0 --ledger FILE`.

It answers on Twilio's paths in Twilio's format, misbehaves on request, and writes one line to its ledger for
each request, before it answers: the ledger, not the program, is the witness of what was sent.

Ask for misbehaviour with `POST /control`, JSON, any of:
  {"behaviour": B}                           from now on, for everybody
  {"to": "+1202...", "behaviour": B, "times": 2}   for one number, for ever or for a number of times
  {"nth": 5, "behaviour": B}                 for the 5th create from now
  {"latency": 0.1}                           seconds before every answer
  {"list_delay": 900}                        seconds before a message shows up in lists
  {"callbacks": ["sent", "delivered"], "callback_delay": 0.1}   status callbacks after each create
  {"callback": {"sid": S, "status": "failed", "error_code": 30003}}  one now
  {"inbound": {"url": U, "From": ..., "To": ..., "Body": ...}}   a text from a phone, signed
  {"reset": true}                            forget all of it
where B is ok · ok_then_close · callback_first · hang_before_accept · hang_after_accept · bad_json ·
empty_200 · slow:<seconds> · http:<status>[/<code>[/<retry after>]]
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import parse_qsl

from aiohttp import web

from tests.fakes.twilio_calls import Caller
from tests.fakes.twilio_format import JSON_TYPE, as_json, error, first_status, listed, problem

ACCOUNT = "AC" + "0" * 32
API_KEY = "SK" + "0" * 32
API_SECRET = "fake-secret"
AUTH_TOKEN = "fake-auth-token"
NEVER = 86_400.0


@dataclass
class Behaviours:
    default: str = "ok"
    by_to: dict[str, list[Any]] = field(default_factory=dict)  # number -> [behaviour, times left]
    by_nth: dict[int, str] = field(default_factory=dict)
    count: int = 0

    def next(self, to: str) -> str:
        self.count += 1
        if self.by_nth and self.count in self.by_nth:
            return self.by_nth.pop(self.count)
        if not self.by_to or to not in self.by_to:
            return self.default
        behaviour, left = self.by_to[to]
        if left is not None:
            self.by_to[to][1] = left - 1
            if left <= 1:
                del self.by_to[to]
        return str(behaviour)


class FakeTwilio:
    def __init__(
        self, *, ledger: Path, account: str = ACCOUNT, api_key: str = API_KEY, auth_token: str = AUTH_TOKEN
    ) -> None:
        login = base64.b64encode(f"{api_key}:{API_SECRET}".encode()).decode()
        self.authorization = f"Basic {login}"
        self.base = f"/2010-04-01/Accounts/{account}/Messages"
        self.ledger_path = ledger
        self.ledger: TextIO = ledger.open("a", encoding="utf-8")
        self.messages: dict[str, dict[str, Any]] = {}
        self.tasks: set[asyncio.Task[Any]] = set()
        self.calls = Caller(messages=self.messages, account=account, auth_token=auth_token)
        self.reset()

    def reset(self) -> None:
        self.behaviours = Behaviours()
        self.latency = 0.0
        self.list_delay = 0.0
        self.callbacks: list[str] = []
        self.callback_delay = 0.0

    # Doors

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path, method = request.path, request.method
        if path == "/control":
            return await self.control(request)
        if not hmac.compare_digest(request.headers.get("Authorization", ""), self.authorization):
            return error(401, 20003, "Authenticate")
        if path == self.base + ".json":
            return await (self.create(request) if method == "POST" else self.listing(request))
        if path.startswith(self.base + "/") and method == "GET":
            return self.one(path)
        return error(404, 20404, f"The requested resource {path} was not found")

    async def create(self, request: web.BaseRequest) -> web.StreamResponse:
        form = dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
        to = form.get("To", "")
        behaviour = self.behaviours.next(to)
        if self.latency:
            await asyncio.sleep(self.latency)
        if behaviour == "ok":
            return problem(form) or self.accept(form, behaviour)
        return await self.misbehave(request, form, *behaviour.partition(":")[::2])

    async def misbehave(
        self, request: web.BaseRequest, form: dict[str, str], name: str, value: str
    ) -> web.StreamResponse:
        behaviour = f"{name}:{value}" if value else name
        if name == "http":
            self.write(form, behaviour, "")
            status, code, wait = [*value.split("/"), "", ""][:3]
            headers = {"Retry-After": wait} if wait else {}
            if status.startswith("3"):
                headers["Location"] = str(request.url)
            return error(int(status), int(code or 0), f"Not possible for {form.get('To')}", headers)
        if name == "hang_before_accept":
            self.write(form, behaviour, "")
            await asyncio.sleep(NEVER)
        if name == "slow":
            await asyncio.sleep(float(value))
        answer = self.accept(form, behaviour)
        if name == "hang_after_accept":
            await asyncio.sleep(NEVER)
        if name == "callback_first":
            await self.calls.call_back(json.loads(answer.text or "")["sid"], "sent")
        if name == "ok_then_close" and request.transport is not None:
            request.transport.abort()
        if name == "bad_json":
            return web.Response(status=201, text="<html>Welcome to the hotel</html>", content_type="text/html")
        if name == "empty_200":
            return web.Response(status=200)
        return answer

    def accept(self, form: dict[str, str], behaviour: str) -> web.Response:
        sid = "SM" + secrets.token_hex(16)
        self.write(form, behaviour, sid)
        message = self.messages[sid] = {
            "sid": sid,
            "at": time.time(),
            "form": form,
            "status": first_status(form),
        }
        if self.callbacks and form.get("StatusCallback"):
            self.later(self.call_back_all(sid))
        return web.Response(status=201, text=json.dumps(as_json(message, self.base)), headers=JSON_TYPE)

    def write(self, form: dict[str, str], behaviour: str, sid: str) -> None:
        line = {
            "time": time.time(),
            "To": form.get("To", ""),
            "From": form.get("From") or form.get("MessagingServiceSid", ""),
            "body_sha256": hashlib.sha256(form.get("Body", "").encode()).hexdigest(),
            "StatusCallback": form.get("StatusCallback", ""),
            "ValidityPeriod": form.get("ValidityPeriod", ""),
            "behaviour": behaviour,
            "sid": sid,  # empty: not accepted
        }
        self.ledger.write(json.dumps(line) + "\n")
        self.ledger.flush()

    def one(self, path: str) -> web.StreamResponse:
        sid = path.removeprefix(self.base + "/").removesuffix(".json")
        if sid not in self.messages:
            return error(404, 20404, f"The requested resource {path} was not found")
        return web.json_response(as_json(self.messages[sid], self.base))

    async def listing(self, request: web.BaseRequest) -> web.StreamResponse:
        query = request.query
        size, page = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
        visible = time.time() - self.list_delay
        found = [one for one in self.messages.values() if one["at"] <= visible and listed(one, query)][::-1]
        shown = found[page * size : (page + 1) * size]
        more = (page + 1) * size < len(found)
        following = {**query, "Page": str(page + 1), "PageSize": str(size)}
        return web.json_response(
            {
                "messages": [as_json(one, self.base) for one in shown],
                "page": page,
                "page_size": size,
                "start": page * size,
                "end": page * size + len(shown) - 1 if shown else 0,
                "uri": str(request.rel_url),
                "first_page_uri": str(request.rel_url.update_query(Page=0)),
                "previous_page_uri": None,
                "next_page_uri": str(request.rel_url.with_query(following)) if more else None,
            }
        )

    async def call_back_all(self, sid: str) -> None:
        for status in self.callbacks:
            await asyncio.sleep(self.callback_delay)
            await self.calls.call_back(sid, status)

    def later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    # Control

    async def control(self, request: web.BaseRequest) -> web.StreamResponse:
        wish = await request.json()
        answer: dict[str, Any] = {"done": True}
        if wish.get("reset"):
            self.reset()
        if "behaviour" in wish:
            self.behave(wish["behaviour"], to=wish.get("to"), times=wish.get("times"), nth=wish.get("nth"))
        for name in ("latency", "list_delay", "callbacks", "callback_delay"):
            if name in wish:
                setattr(self, name, wish[name])
        if "callback" in wish:
            answer["status"] = await self.calls.call_back(**wish["callback"])
        if "inbound" in wish:
            answer["status"] = await self.calls.text_in(wish["inbound"].pop("url"), wish["inbound"])
        return web.json_response(answer)

    def behave(
        self, behaviour: str, *, to: str | None = None, times: int | None = None, nth: int | None = None
    ) -> None:
        if to:
            self.behaviours.by_to[to] = [behaviour, times]
        elif nth:
            self.behaviours.by_nth[self.behaviours.count + nth] = behaviour
        else:
            self.behaviours.default = behaviour

    async def start(self, port: int) -> int:
        self.runner = web.ServerRunner(web.Server(self.handle, access_log=None), shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", port, backlog=2048).start()
        return int(self.runner.addresses[0][1])

    async def stop(self) -> None:
        for task in list(self.tasks):
            task.cancel()
        await self.runner.cleanup()
        await self.calls.close()
        self.ledger.close()


async def serve(arguments: argparse.Namespace) -> None:
    fake = FakeTwilio(
        ledger=arguments.ledger, account=arguments.account, api_key=arguments.key, auth_token=arguments.token
    )
    fake.latency = arguments.latency
    fake.callbacks = arguments.callbacks
    port = await fake.start(arguments.port)
    print(f"http://127.0.0.1:{port}", flush=True)  # whoever started it reads the address here
    try:
        await asyncio.Event().wait()
    finally:
        await fake.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in for Twilio's message API.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--callbacks", nargs="*", default=[], help="statuses to call back after each create")
    parser.add_argument("--account", default=ACCOUNT)
    parser.add_argument("--key", default=API_KEY)
    parser.add_argument("--token", default=AUTH_TOKEN, help="signs the callbacks")
    try:
        asyncio.run(serve(parser.parse_args()))
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
