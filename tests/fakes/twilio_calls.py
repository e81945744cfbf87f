"""What Twilio says to the program: status callbacks and texts that come in, signed, and repeated where asked for."""

import asyncio
import json
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urldefrag, urlsplit, urlunsplit

import aiohttp

from tests.fakes.twilio_format import signature

AT_MOST = 15.0  # seconds for a callback and all its repeats
PAUSES = (0.5, 1, 2, 4, 7)
TIMED_OUT = 0  # stands for an answer that never came


class Caller:
    """`web`: the program's own address, called in the place of the public one that is signed and named as the host."""

    def __init__(
        self, *, messages: dict[str, dict[str, Any]], account: str, auth_token: str, web: str = "", heard: Path
    ) -> None:
        self.messages, self.account, self.auth_token, self.web = messages, account, auth_token, web.rstrip("/")
        self.heard = heard  # texts that came in, one line each, written when the last try has ended
        self.tally: Counter[str] = Counter()
        self.clock = 0.0  # seconds that the provider's clock is ahead
        self.session: aiohttp.ClientSession | None = None

    async def call_back(self, sid: str, status: str, error_code: int | None = None, to_url: str = "") -> int:
        message = self.messages[sid]
        message["status"], message["error_code"] = status, error_code
        return await self.tell(sid, status, error_code, to_url)

    async def tell(self, sid: str, status: str, error_code: int | None = None, to_url: str = "") -> int:
        """A callback, whatever the message's own status is by now."""
        form = self.messages[sid]["form"]
        params = {
            "AccountSid": self.account,
            "ApiVersion": "2010-04-01",
            "From": form.get("From", ""),
            "To": form.get("To", ""),
            "MessageSid": sid,
            "MessageStatus": status,
            "SmsSid": sid,
            "SmsStatus": status,
            **({"ErrorCode": str(error_code)} if error_code else {}),
        }
        return await self.post(to_url or form["StatusCallback"], params)

    async def text_in(self, url: str, params: Mapping[str, str]) -> int:
        """Twilio has the text from this moment on, and lists it, whether the program can be reached or not."""
        sid = params.get("MessageSid") or "SM" + secrets.token_hex(16)
        full = {
            "AccountSid": self.account,
            "ApiVersion": "2010-04-01",
            "MessageSid": sid,
            "SmsMessageSid": sid,
            "SmsStatus": "received",
            "NumMedia": "0",
            "NumSegments": "1",
            "FromCity": "",  # Twilio does send blanks, and signs them
            **params,
        }
        began = time.time()
        message = {"sid": sid, "at": began + self.clock, "form": full, "status": "received", "direction": "inbound"}
        self.messages[sid] = message
        status = await self.post(url, full)
        line = {"time": began, "ended": time.time(), "status": status, "sid": sid}
        with self.heard.open("a", encoding="utf-8") as heard:
            heard.write(json.dumps(line | {name: full.get(name, "") for name in ("From", "To", "Body")}) + "\n")
        return status

    async def post(self, url: str, params: Mapping[str, str]) -> int:
        """As often as the address's fragment asks for: `#rc=5&rp=all`. The fragment is neither sent nor signed."""
        url, fragment = urldefrag(url)
        asked = {name: values[-1] for name, values in parse_qs(fragment).items()}
        pauses = PAUSES[: int(asked.get("rc", "0"))]
        began, status = time.monotonic(), await self.once(url, params, AT_MOST)
        for pause in pauses:
            left = AT_MOST - (time.monotonic() - began) - pause
            if not repeated(status, asked.get("rp", "ct")) or left <= 0:
                break
            await asyncio.sleep(pause)
            self.tally["repeated"] += 1
            status = await self.once(url, params, left)
        self.tally["heard" if 200 <= status < 300 else "unheard"] += 1
        return status

    async def once(self, url: str, params: Mapping[str, str], seconds: float) -> int:
        headers = {"X-Twilio-Signature": signature(url, params, self.auth_token)}
        self.session = self.session or aiohttp.ClientSession()
        try:
            async with (
                asyncio.timeout(seconds),
                self.session.post(
                    self.local(url, headers), data=params, headers=headers, allow_redirects=False
                ) as answer,
            ):
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, OSError, TimeoutError):
            return TIMED_OUT

    def local(self, url: str, headers: dict[str, str]) -> str:
        """Where the program really listens; it is told the public host, as by the proxy before it."""
        if not self.web:
            return url
        public = urlsplit(url)
        headers |= {"Host": public.netloc, "X-Forwarded-Proto": public.scheme}
        return urlunsplit(urlsplit(self.web)[:2] + tuple(public[2:]))

    async def close(self) -> None:
        if self.session is not None:
            await self.session.close()


def repeated(status: int, wanted: str) -> bool:
    """Whether Twilio tries again after this answer, by the address's `rp`: ct, rt, 4xx, 5xx or all."""
    if 200 <= status < 300:
        return False
    kinds = set(wanted.split(","))
    kind = {0: "ct", 4: "4xx", 5: "5xx"}.get(status // 100, "")
    return bool(kinds & {"all", kind}) or (status == TIMED_OUT and "rt" in kinds)
