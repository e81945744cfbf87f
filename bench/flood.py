"""A flood of status callbacks: which there are, each told at its own time and signed, and how they were answered."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import quantiles
from uuid import uuid4

import aiohttp

WORDS = ("sent", "delivered")  # told of each message
PATIENCE = 30.0  # seconds for one answer; Twilio itself gives up after 15
PUBLIC = "https://clinic.example.org"  # signed for; the requests go to this machine


@dataclass
class LatencyTally:
    """Latencies are counted from the moment a callback was due, so that a stall is not told only once."""

    seconds: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    cpu: float = 0.0  # seconds of the web workers
    left_beside: int = 0  # texts of the drain in the same time
    stored: int = 0
    acted_after: float = 0.0  # seconds until what was only stored had acted

    def percentile(self, of_100: int) -> float:
        return quantiles(self.seconds, n=100, method="inclusive")[of_100 - 1] * 1000

    @property
    def longest(self) -> float:
        return max(self.seconds) * 1000

    @property
    def errors(self) -> int:
        return sum(number for answer, number in self.answers.items() if not answer.startswith("2"))


def callbacks() -> Iterator[tuple[str, dict[str, str]]]:
    """Path and parameters: first all that say sent, then all that say delivered, as on a busy morning."""
    from reminders.delivery.models import Attempt
    from tests.fakes.twilio import ACCOUNT

    known = list(Attempt.objects.filter(route="twilio").order_by("pk").values_list("pk", "provider_id"))
    for word in WORDS:
        for attempt, sid in known:
            params = {"AccountSid": ACCOUNT, "ApiVersion": "2010-04-01", "From": "", "To": ""}
            yield (
                f"/webhooks/sms/status/{attempt}/",
                params | {"MessageSid": sid, "MessageStatus": word, "SmsSid": sid, "SmsStatus": word},
            )


def first_ones() -> Iterator[tuple[str, dict[str, str]]]:
    """Of attempts nobody knows, and in another word than those that are counted."""
    for number in range(40):
        yield f"/webhooks/sms/status/{uuid4()}/", {"MessageSid": f"SM{number}", "MessageStatus": "queued"}


async def tell(address: str, callbacks: list[tuple[str, dict[str, str]]], rate: int) -> tuple[LatencyTally, float]:
    """An open loop: each leaves at its own time, however slow the answers to the others are."""
    tally, begun = LatencyTally(), time.monotonic()
    connector = aiohttp.TCPConnector(limit=0, force_close=True)  # a line of its own for each, as from a provider
    async with (
        aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(PATIENCE)) as session,
        asyncio.TaskGroup() as group,
    ):
        for number, (path, params) in enumerate(callbacks):
            due = begun + number / rate
            if (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            group.create_task(_post(session, address, path, params, due, tally))
    return tally, time.monotonic() - begun


async def _post(
    session: aiohttp.ClientSession, address: str, path: str, params: dict[str, str], due: float, tally: LatencyTally
) -> None:
    from tests.fakes.twilio import AUTH_TOKEN
    from tests.fakes.twilio_format import signature

    headers = {"X-Twilio-Signature": signature(PUBLIC + path, params, AUTH_TOKEN), "Host": "clinic.example.org"}
    try:
        async with session.post(address + path, data=params, headers=headers) as answer:
            await answer.read()
            said = str(answer.status)
    except (aiohttp.ClientError, TimeoutError) as error:
        said = type(error).__name__
    tally.seconds.append(time.monotonic() - due)
    tally.answers[said] += 1
