"""Whose lists the provider is asked for, and for how long."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

from django.conf import settings

from patients.models.site import SiteMode
from reminders.delivery.models import Sender

T = TypeVar("T")


async def all_within(seconds: float, questions: Iterable[Awaitable[T | None]]) -> list[T | None]:
    """None where no answer came in time: a provider that hangs must not hold up what others have answered."""
    deadline = asyncio.get_running_loop().time() + seconds
    return list(await asyncio.gather(*(_by(deadline, question) for question in questions)))


async def _by(deadline: float, question: Awaitable[T | None]) -> T | None:
    try:
        async with asyncio.timeout_at(deadline):
            return await question
    except TimeoutError:
        return None


def live_senders() -> list[Sender]:
    """Of sites that really write: a site in test mode has its texts on the outbox page."""
    if settings.MESSAGES != "live":
        return []
    rows = Sender.objects.filter(channel="sms").exclude(site__mode=SiteMode.TEST)
    return list(rows.select_related("site").order_by("pk"))


def is_service(sender: Sender) -> bool:
    """A messaging service: its numbers are the provider's to choose, so no list can be asked for by number."""
    return sender.address.startswith("MG")
