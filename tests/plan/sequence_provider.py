"""A provider and mail server of the test's own: what was handed over, in order, and what becomes of it."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import ClassVar, Self

from reminders.delivery.outcomes import Accepted, Message, Outcome, Refused

ROUTE = ("tests.plan.sequence_provider", "RecordingChannel")  # as `channels.ROUTES` names a channel
DELIVERED, SILENT, DEAD = "delivered", "silent", "dead"
LANDLINE = 30006


@dataclass(slots=True)
class Handed:
    """`fates`: what becomes of what is sent to an address from now on; else it is delivered."""

    messages: list[Message] = field(default_factory=list)
    fates: dict[str, str] = field(default_factory=lambda: defaultdict(lambda: DELIVERED))


class RecordingChannel:
    """Takes every message and keeps it: what was truly sent is what stands here."""

    handed: ClassVar[Handed] = Handed()

    def __init__(self, *, concurrency: int) -> None:
        self.concurrency = concurrency

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        return None

    async def send(self, message: Message) -> Outcome:
        """Delivered at once; taken without another word (silent); or refused for good (dead)."""
        self.handed.messages.append(message)
        fate = self.handed.fates[message.to]
        if fate == DEAD:
            return Refused(LANDLINE, "the number cannot take texts")
        return Accepted(f"fake-{message.attempt_id}", "delivered" if fate == DELIVERED else "accepted")
