"""The channels. One module each, one method: `send`, which returns an outcome and never raises."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from importlib import import_module
from typing import Protocol, cast

from reminders.delivery.channels.clock_meter import ClockMeter
from reminders.delivery.matching import Sighting
from reminders.delivery.outcomes import Message, Outcome

# Imported when first used: Twilio's client is large, and most processes never send.
ROUTES = {
    "outbox": ("reminders.delivery.channels.outbox", "OutboxChannel"),
    "twilio": ("reminders.delivery.channels.sms", "SmsChannel"),
    "smtp": ("reminders.delivery.channels.email", "EmailChannel"),
}


class MessageChannel(Protocol):
    """Lives inside one event loop; `async with` opens its session and closes it."""

    async def send(self, message: Message) -> Outcome: ...


class Lookup(Protocol):
    """A provider that can be asked what became of its messages. None: it could not be asked, which proves nothing.

    `meter` measures its clock; the moments of what it shows are told as our clock told them.
    """

    meter: ClockMeter

    async def fetch(self, sid: str) -> Sighting | None: ...

    async def find(self, *, to: str = "", sender: str = "", since: datetime | None) -> list[Sighting] | None: ...

    async def find_sent(self, *, to: str = "", sender: str = "", since: datetime) -> list[Sighting] | None: ...


def open_lookup(*, concurrency: int) -> AbstractAsyncContextManager[Lookup]:
    """Only texts can be looked up: mail and the outbox have no list."""
    return cast(AbstractAsyncContextManager[Lookup], open_channel("twilio", concurrency=concurrency))


def open_channel(route: str, *, concurrency: int) -> AbstractAsyncContextManager[MessageChannel]:
    """A channel that carries up to `concurrency` messages at once; more wait inside it, unsent."""
    if route not in ROUTES:
        raise ValueError(f"There is no route {route!r}. Choose one of: {', '.join(sorted(ROUTES))}.")
    module, name = ROUTES[route]
    opener = getattr(import_module(module), name)
    return cast(AbstractAsyncContextManager[MessageChannel], opener(concurrency=concurrency))
