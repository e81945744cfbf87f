"""Send what is due: feeder → senders → recorder over bounded queues in one event loop, never a barrier per batch."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from time import monotonic

from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.db import DatabaseError

from reminders.delivery import opening
from reminders.delivery.channels import Channel, open_channel
from reminders.delivery.claiming import Job, claim
from reminders.delivery.models import Delivery
from reminders.delivery.outcomes import Outcome
from reminders.delivery.results import Result, record

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]
RECORD_EVERY = 0.2  # seconds, or
RECORD_SIZE = 250  # results, whichever comes first
RECORD_TRIES = 6  # about 30 s in all; then the lease runs out and the attempt is `unknown`


def open_all(clock: Clock) -> None:
    """Due reminders become deliveries, batch by batch."""
    while opening.open_due(clock()) == opening.BATCH:
        pass


def drain(channel: str, *, clock: Clock, seconds: float = 50, window: int | None = None) -> Counter[str]:
    """Send all that is due on this channel, or for so many seconds; how many ended in which outcome.

    Safe to run in any number of processes at once. The database is only touched by the calling thread.
    """
    open_all(clock)
    if not Delivery.objects.claimable(clock()).filter(channel=channel).exists():
        return Counter()
    pipeline = Pipeline(channel, clock, stop_at=monotonic() + seconds, window=window or settings.SEND_WINDOW)
    tally: Counter[str] = async_to_sync(pipeline.run)()
    return tally


class Pipeline:
    def __init__(self, channel: str, clock: Clock, *, stop_at: float, window: int) -> None:
        self.channel, self.clock, self.stop_at, self.window = channel, clock, stop_at, window
        self.jobs: asyncio.Queue[Job | None] = asyncio.Queue(maxsize=window)
        self.results: asyncio.Queue[Result | None] = asyncio.Queue(maxsize=2 * RECORD_SIZE)
        self.routes: dict[str, Channel] = {}
        self.tally: Counter[str] = Counter()

    async def run(self) -> Counter[str]:
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
            recorder = group.create_task(self.record())
            senders = [group.create_task(self.send()) for _ in range(self.window)]
            await self.feed(stack)
            await asyncio.gather(*senders)
            await self.results.put(None)
            await recorder
        return self.tally

    async def feed(self, stack: AsyncExitStack) -> None:
        """Claim batch after batch; the queue's size holds it back while the senders are busy."""
        while monotonic() < self.stop_at:
            batch = await sync_to_async(claim)(self.channel, self.clock())
            for job in batch.jobs:
                if job.route not in self.routes:
                    opened = open_channel(job.route, concurrency=self.window)
                    self.routes[job.route] = await stack.enter_async_context(opened)
                await self.jobs.put(job)
            if not batch.looked_at:
                break
        for _ in range(self.window):
            await self.jobs.put(None)

    async def send(self) -> None:
        while (job := await self.jobs.get()) is not None:
            outcome: Outcome = await self.routes[job.route].send(job.message)
            self.tally[type(outcome).__name__.lower()] += 1
            await self.results.put((job, outcome))

    async def record(self) -> None:
        """Write results as they come; nothing is appended across an await, so none can be lost between two flushes."""
        while (first := await self.results.get()) is not None:
            batch, more = await self._gather(first)
            await self._write(batch)
            if not more:
                return

    async def _gather(self, first: Result) -> tuple[list[Result], bool]:
        batch, deadline = [first], monotonic() + RECORD_EVERY
        while len(batch) < RECORD_SIZE and (left := deadline - monotonic()) > 0:
            try:
                async with asyncio.timeout(left):
                    result = await self.results.get()
            except TimeoutError:
                break
            if result is None:
                return batch, False
            batch.append(result)
        return batch, True

    async def _write(self, batch: list[Result]) -> None:
        for attempt in range(RECORD_TRIES):
            try:
                await sync_to_async(record)(batch, self.clock())
            except DatabaseError:
                log.warning("could not record %d results, try %d", len(batch), attempt + 1)
                await asyncio.sleep(2**attempt / 2)
            else:
                return
        log.error("gave up on %d results: their leases will run out and they become unknown", len(batch))
