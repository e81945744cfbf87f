"""Texts through Twilio: sending them, looking them up, checking signatures. The only module that imports it."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Self

import aiohttp
from django.conf import settings
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator, get_signature_algorithm
from twilio.rest import Client
from yarl import URL

from reminders.delivery import waits
from reminders.delivery.channels.clock_meter import ClockMeter
from reminders.delivery.channels.twilio_responses import refusal
from reminders.delivery.channels.twilio_webhooks import count_of, error_code_of
from reminders.delivery.matching import Sighting
from reminders.delivery.outcomes import Accepted, Message, NotProcessed, Outcome, Unknown

TWILIO = "https://api.twilio.com"
LONGEST_VALIDITY = 36_000  # Twilio's own limit: ten hours
# Twilio repeats a failed callback only when asked: up to 5 times (rc) after any kind of failure (rp), all within 15 s;
# so one try may not take long: 2 s to connect (ct), 4 s to be answered (rt), both in milliseconds.
# The fragment is Twilio's alone: it is neither requested nor signed.
CALLBACK_RETRIES = "#ct=2000&rt=4000&rc=5&rp=all"
NOTHING_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)

log = logging.getLogger(__name__)
logging.getLogger("twilio").setLevel(logging.WARNING)  # at INFO it writes addresses and parameters


class _Refusal(Exception):
    """Carries the outcome of an answer that is not a success out of Twilio's client."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class _Http(AsyncTwilioHttpClient):
    """Twilio's client on our one session: no retries, no redirects, no log, and the host may be replaced."""

    def __init__(self, session: aiohttp.ClientSession, meter: ClockMeter) -> None:
        super().__init__(pool_connections=False)  # else it would open a session of its own
        self.ours, self.meter = session, meter
        self.base = (settings.TWILIO_API_URL or TWILIO).rstrip("/")

    async def request(  # type: ignore[override]  # as in Twilio's own async client
        self,
        method: str,
        url: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """`auth` is already in the session's headers; the time limits are the session's and the caller's."""
        url, asked = self.base + url.removeprefix(TWILIO), datetime.now(UTC)
        async with self.ours.request(
            method, url, params=params, data=_form(data), headers=headers, allow_redirects=False
        ) as answer:
            self.meter.note_header(answer.headers.get("Date", ""), asked=asked, answered=datetime.now(UTC))
            body = await answer.text()
        if not 200 <= answer.status < 300:
            raise _Refusal(refusal(answer.status, answer.headers, body))
        return Response(answer.status, body, answer.headers)


def _form(data: Mapping[str, Any] | None) -> bytes | None:
    """What aiohttp would make of it, ten times faster: that goes through every byte in Python."""
    return URL.build(query=data).raw_query_string.encode() if data else None


class SmsChannel:
    """One shared session. Only `concurrency` requests at once: none waits for a socket on its own time."""

    def __init__(
        self,
        *,
        concurrency: int,
        total_seconds: float = waits.ANSWER.total_seconds(),
        read_seconds: float = waits.READ.total_seconds(),
    ) -> None:
        self.concurrency = concurrency
        self.total_seconds, self.read_seconds = total_seconds, read_seconds
        self.free, self.meter = asyncio.Semaphore(concurrency), ClockMeter()

    async def __aenter__(self) -> Self:
        key, secret = settings.TWILIO_API_KEY, settings.TWILIO_API_SECRET
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self.concurrency, ttl_dns_cache=300),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=None,  # the caller's own: `total_seconds`
                connect=waits.CONNECT.total_seconds(),
                sock_connect=waits.CONNECT.total_seconds(),
                sock_read=self.read_seconds,
            ),
            headers={"Authorization": aiohttp.encode_basic_auth(key, secret)},
        )
        self.client = Client(
            key,
            secret,
            settings.TWILIO_ACCOUNT_SID,
            http_client=_Http(self.session, self.meter),
            environment={"TWILIO_EDGE": ""},  # or it would read the process's own; what counts is in settings
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.session.close()

    async def send(self, message: Message) -> Outcome:
        """Never raises and never repeats. Whatever went wrong after the connection stood is `Unknown`."""
        async with self.free:
            asked = datetime.now(UTC)
            try:
                async with asyncio.timeout(self.total_seconds):
                    sent = await self.client.messages.create_async(**_parameters(message))
            except _Refusal as refused:
                return refused.outcome
            except NOTHING_LEFT as error:
                return NotProcessed(f"no connection: {type(error).__name__}", None)
            except TimeoutError:
                return Unknown("no answer in time")
            except Exception as error:  # reset, half an answer, an answer that is not Twilio's
                return Unknown(type(error).__name__)
        if not sent.sid:
            return Unknown("the answer has no SID")
        if self.meter.ahead is None and sent.date_created:  # a proxy took the `Date` away
            self.meter.note(sent.date_created, asked=asked, answered=datetime.now(UTC))
        return Accepted(sent.sid, str(sent.status or "accepted"))

    async def fetch(self, sid: str) -> Sighting | None:
        """What Twilio knows about one message now. None: it could not be asked."""
        try:
            async with self.free, asyncio.timeout(self.total_seconds):
                return self._seen(await self.client.messages(sid).fetch_async())
        except Exception as error:  # whatever came is not an answer
            log.info("could not ask about a message: %s", type(error).__name__)
            return None

    async def find(self, *, to: str = "", sender: str = "", since: datetime | None) -> list[Sighting] | None:
        """Messages created since then (None: ever) to or from a number, one that still waits at Twilio included.

        An empty list is evidence; None (could not ask) is not. Twilio lists a message with a delay, so only two
        empty answers, minutes apart, mean that there is none.
        """
        found = await self._list(to=to, sender=sender)
        if found is None or since is None:
            return found
        return [one for one in found if not one.created_at or one.created_at >= since]

    async def find_sent(self, *, to: str = "", sender: str = "", since: datetime) -> list[Sighting] | None:
        """Those Twilio sent or got since then, in fewer pages; what waits in its queue has no such date yet.

        In UTC: twilio-python writes `Z` behind any moment, whatever its offset (9.13.0).
        """
        return await self._list(to=to, sender=sender, date_sent_after=since.astimezone(UTC))

    async def _list(self, *, to: str, sender: str, **wanted: Any) -> list[Sighting] | None:
        wanted |= {"to": to} if to else {}
        wanted |= {"from_": sender} if sender else {}
        try:
            async with self.free, asyncio.timeout(self.total_seconds):
                return [self._seen(one) for one in await self.client.messages.list_async(page_size=1000, **wanted)]
        except Exception as error:
            log.info("could not ask for a list: %s", type(error).__name__)
            return None

    def _seen(self, found: Any) -> Sighting:
        """As Twilio shows it, with its moment as our clock told it."""
        one = _sighting(found)
        return replace(one, created_at=self.meter.ours(one.created_at))


def _parameters(message: Message) -> dict[str, Any]:
    given: dict[str, Any] = {
        "to": message.to,
        "body": message.text,
        "validity_period": max(1, min(LONGEST_VALIDITY, message.valid_for)),
    }
    given["messaging_service_sid" if message.sender.startswith("MG") else "from_"] = message.sender
    if message.callback_url:
        given["status_callback"] = message.callback_url + CALLBACK_RETRIES
    return given


def _sighting(found: Any) -> Sighting:
    return Sighting(
        sid=found.sid,
        status=str(found.status),
        error_code=error_code_of(str(found.status), str(found.error_code or "")),
        to=found.to or "",
        sender=found.from_ or "",
        text=found.body or "",
        created_at=found.date_created,
        direction=str(found.direction),
        service=found.messaging_service_sid or "",
        media=count_of(str(found.num_media or "")),
    )


def is_from_twilio(url: str, params: Mapping[str, str], signature: str, signed_with: str = "") -> bool:
    """Give all parameters, blank ones too, and the address as Twilio knows it (PUBLIC_URL, no fragment).

    `signed_with`: its header `X-Twilio-Webhooks-Signature-Settings`, where a shared key signs in the place of the auth
    token, with SHA-256 mostly. Each kind of secret is only asked about its own signatures.
    """
    algorithm = get_signature_algorithm(signed_with).upper()
    if algorithm not in (HMAC_SHA1, HMAC_SHA256):
        return False
    tokens = (settings.TWILIO_AUTH_TOKEN, settings.TWILIO_AUTH_TOKEN_OLD)
    shared = (settings.TWILIO_WEBHOOK_SECRET, settings.TWILIO_WEBHOOK_SECRET_OLD)
    secrets = [secret for secret in (shared if signed_with else tokens) if secret]  # an empty one: anybody could sign
    return any(RequestValidator(secret).validate(url, params, signature or "", algorithm) for secret in secrets)
