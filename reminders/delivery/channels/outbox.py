"""The outbox channel, which sends nothing: for trying the program, and for sites in test mode."""

from typing import Self

from reminders.delivery.outcomes import Accepted, Message, Outcome


class OutboxChannel:
    """Answers as a perfect provider would; the delivery itself is what the outbox page shows."""

    def __init__(self, *, concurrency: int) -> None:
        self.concurrency = concurrency

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        return None

    async def send(self, message: Message) -> Outcome:
        """Keep the message; it counts as delivered at once."""
        return Accepted(provider_id=f"outbox-{message.attempt_id}", status="delivered")
