"""What Twilio says to the program: status callbacks and texts that come in, both signed."""

import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urldefrag

import aiohttp

from tests.fakes.twilio_format import signature


class Caller:
    def __init__(self, *, messages: dict[str, dict[str, Any]], account: str, auth_token: str) -> None:
        self.messages, self.account, self.auth_token = messages, account, auth_token
        self.session: aiohttp.ClientSession | None = None

    async def call_back(self, sid: str, status: str, error_code: int | None = None, to_url: str = "") -> int:
        message = self.messages[sid]
        message["status"] = status
        message["error_code"] = error_code
        params = {
            "AccountSid": self.account,
            "ApiVersion": "2010-04-01",
            "From": message["form"].get("From", ""),
            "To": message["form"].get("To", ""),
            "MessageSid": sid,
            "MessageStatus": status,
            "SmsSid": sid,
            "SmsStatus": status,
            **({"ErrorCode": str(error_code)} if error_code else {}),
        }
        return await self.post(to_url or message["form"]["StatusCallback"], params)

    async def text_in(self, url: str, params: Mapping[str, str]) -> int:
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
        message = {"sid": sid, "at": time.time(), "form": full, "status": "received", "direction": "inbound"}
        self.messages[sid] = message
        return await self.post(url, full)

    async def post(self, url: str, params: Mapping[str, str]) -> int:
        url = urldefrag(url).url
        headers = {"X-Twilio-Signature": signature(url, params, self.auth_token)}
        self.session = self.session or aiohttp.ClientSession()
        async with self.session.post(url, data=params, headers=headers, allow_redirects=False) as answer:
            await answer.read()
            return answer.status

    async def close(self) -> None:
        if self.session is not None:
            await self.session.close()
