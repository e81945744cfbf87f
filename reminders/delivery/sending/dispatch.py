"""Send what is due: feeder → senders → recorder over bounded queues in one event loop, never a barrier per batch."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from time import monotonic

from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.db import DataError, Error, IntegrityError

from reminders.delivery import waits
from reminders.delivery.channels import MessageChannel, open_channel
from reminders.delivery.models import Delivery
from reminders.delivery.outcomes import TOO_LONG, Message, NotProcessed, Outcome, Unknown
from reminders.delivery.safeguards import freeze, provider_clock
from reminders.delivery.sending import opening
from reminders.delivery.sending.claiming import BATCH, Claim, SendJob, claim
from reminders.delivery.sending.results import Result, record
from reminders.plan.models import Reminder

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]
FEW = 50  # rows a claim takes at least: what is claimed and not sent when a process dies ends as `unknown`
RECORD_EVERY = 0.2  # seconds, or
RECORD_SIZE = 250  # results, whichever comes first
RECORD_TRIES = 6  # about 30 s in all; then the lease runs out and the attempt is `unknown`


def drain(channel: str, *, clock: Clock, seconds: float = 50, window: int | None = None) -> Counter[str]:
    """Send all that is due on this channel, or for so many seconds; how many ended in which outcome.

    Safe to run in any number of processes at once. The database is only touched by the calling thread.
    """
    now = clock()
    if freeze.in_force():
        return Counter()
    if not (Delivery.objects.claimable(now).filter(channel=channel).exists() or Reminder.objects.due(now).exists()):
        return Counter()
    window = window or (settings.SEND_WINDOW if channel == "sms" else settings.MAIL_WINDOW)
    pipeline = Pipeline(channel, clock, stop_at=monotonic() + seconds, window=window)
    tally: Counter[str] = async_to_sync(pipeline.run)()
    return tally


class Pipeline:
    def __init__(self, channel: str, clock: Clock, *, stop_at: float, window: int) -> None:
        self.channel, self.clock, self.stop_at, self.window = channel, clock, stop_at, window
        self.jobs: asyncio.Queue[tuple[SendJob, float] | None] = asyncio.Queue(maxsize=window)
        self.results: asyncio.Queue[Result | None] = asyncio.Queue(maxsize=2 * RECORD_SIZE)
        self.routes: dict[str, MessageChannel] = {}
        self.tally: Counter[str] = Counter()

    async def run(self) -> Counter[str]:
        """Run all parts until nothing is due; how many ended in which outcome."""
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
            recorder = group.create_task(self.record())
            senders = [group.create_task(self.send()) for _ in range(self.window)]
            await self.feed(stack)
            await asyncio.gather(*senders)
            await self.results.put(None)
            await recorder
            await sync_to_async(provider_clock.keep_of)(self.routes, self.clock())
        return self.tally

    async def feed(self, stack: AsyncExitStack) -> None:
        """Claim batch after batch; the queue's size holds it back while the senders are busy."""
        while monotonic() < self.stop_at:
            asked = self.clock()
            batch = await self._claim()
            claimed = monotonic()
            for job in batch.jobs:
                if job.route not in self.routes:
                    self.routes[job.route] = await self._open(job.route, stack)
                await self.jobs.put((job, claimed))
            if not batch.looked_at and not await self._waited(batch.wait, asked):
                break
        for _ in range(self.window):
            await self.jobs.put(None)

    async def _waited(self, wait: timedelta | None, asked: datetime) -> bool:
        """Whether there is something to come back for. A clock that stands still would never free a sender's rate."""
        if wait is None or self.clock() <= asked:
            return False
        left = self.stop_at - monotonic()
        await asyncio.sleep(max(0.0, min(wait.total_seconds(), left)))
        return True

    async def _claim(self) -> Claim:
        """Trouble here must not cost the answers that are still to come: they are waited for and written down."""
        try:
            return await sync_to_async(self._next)()
        except Error as error:
            log.warning("could not claim: %s", type(error).__name__)
            return Claim(0, [])

    def _next(self) -> Claim:
        """A batch from the queue; when it has nothing that may leave, what is due is opened, a batch at a time."""
        limit = min(BATCH, max(FEW, self.window))
        while not (batch := claim(self.channel, self.clock(), limit=limit)).looked_at:
            if not opening.open_due(self.clock()):
                break
        return batch

    async def _open(self, route: str, stack: AsyncExitStack) -> MessageChannel:
        try:
            return await stack.enter_async_context(open_channel(route, concurrency=self.window))
        except Exception as error:
            log.error("the route %s cannot be opened: %s", route, type(error).__name__)
            return ClosedRoute()

    async def send(self) -> None:
        """One of several senders; a job that waited too long is not sent but given back."""
        while (waiting := await self.jobs.get()) is not None:
            job, claimed = waiting
            is_fresh = monotonic() < claimed + waits.FRESH.total_seconds()
            outcome = await self._send(job) if is_fresh else NotProcessed(TOO_LONG, None)
            self.tally[type(outcome).__name__.lower()] += 1
            await self.results.put((job, outcome))

    async def _send(self, job: SendJob) -> Outcome:
        try:
            return await self.routes[job.route].send(job.message)
        except Exception as error:  # no channel does; one message's surprise must not cost the others' answers
            log.error("a channel raised %s", type(error).__name__)
            return Unknown(type(error).__name__)

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
            except (IntegrityError, DataError) as error:  # one answer the tables refuse: the others are kept
                log.error("cannot record %d results: %s", len(batch), type(error).__name__)
                for result in batch if len(batch) > 1 else ():
                    await self._write([result])
                return
            except Error:
                log.warning("could not record %d results, try %d", len(batch), attempt + 1)
                await asyncio.sleep(2**attempt / 2)
            else:
                return
        log.error("gave up on %d results: their leases will run out and they become unknown", len(batch))


class ClosedRoute:
    """Stands for a route that cannot be opened (a missing setting): nothing left, so all is tried again later."""

    async def send(self, message: Message) -> Outcome:
        """Answer that nothing was sent."""
        return NotProcessed("the route could not be opened", None)
