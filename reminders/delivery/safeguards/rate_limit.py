"""Rate limit of a sender: a token bucket in parts, kept in `Sender.free_at` for all processes at once.

`free_at` is when all that was let out would have left at the sender's rate. So a provider's queue is never longer than
BURST, however many processes send.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from reminders.delivery import waits
from reminders.delivery.models import Sender

BURST = timedelta(seconds=4)  # what may leave at once after a pause
TRIES = 3  # another process may have moved `free_at` in between


@dataclass(slots=True)
class Room:
    """Parts reserved at a sender, before the length of the texts is known."""

    sender: int
    rate: float
    reserved: int
    used: int = 0

    def take(self, parts: int) -> bool:
        """False: it has to wait. The first text always fits, however long: the next ones then wait for it."""
        if self.used and self.used + parts > self.reserved:
            return False
        self.used += parts
        return True


def wait_for(sender: Sender, now: datetime) -> timedelta:
    """Until it may write again; zero or less: now. Half a burst is saved up first, so that claims are not tiny."""
    slack = max(timedelta(), BURST - max(BURST / 2, _takes(1, sender.parts_per_second)))
    return (sender.free_at or now) - slack - now


def reserve(sender: Sender, wanted: int, now: datetime) -> Room | None:
    """Set aside up to so many parts. None: nothing is free. One short UPDATE, in no transaction with others' rows."""
    for _ in range(TRIES):
        if wait_for(sender, now) > timedelta():
            return None
        busy = max((sender.free_at or now) - now, timedelta())
        free = int((BURST - busy).total_seconds() * sender.parts_per_second)
        room = Room(sender.pk, sender.parts_per_second, reserved=max(1, min(free, wanted)))
        seen = Sender.objects.filter(pk=sender.pk, free_at=sender.free_at)
        if seen.update(free_at=now + busy + _takes(room.reserved, room.rate)):
            return room
        sender.refresh_from_db(fields=["free_at", "parts_per_second"])
    return None


def settle(room: Room) -> None:
    """Settle a reservation: unused parts are given back, extra ones are owed."""
    if over := room.used - room.reserved:
        Sender.objects.filter(pk=room.sender).update(free_at=F("free_at") + _takes(over, room.rate))


def slow_down(site: int, *, channel: str, now: datetime, pause: timedelta = waits.SLOW) -> None:
    """Pause a sender that the provider says is too fast. Reported twice, it pauses once."""
    until = now + BURST + pause
    senders = Sender.objects.filter(site=site, channel=channel)
    senders.filter(Q(free_at=None) | Q(free_at__lt=until)).update(free_at=until)


def _takes(parts: int, rate: float) -> timedelta:
    return timedelta(seconds=parts / rate)
