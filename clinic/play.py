"""Play the coming days through the very same code, with a `now` that moves from one due moment to the next."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from reminders import sweeping
from reminders.replies import escalating, telling

WINDOW = 8  # requests in flight: nothing leaves the house while time is played


@dataclass(frozen=True, slots=True)
class Moment:
    now: datetime
    outcomes: Counter[str]


def play(start: datetime, until: datetime) -> Iterator[Moment]:
    """Every moment at which something was due, or an alert became late, up to `until`.

    May be stopped between two and taken up again.
    """
    now = start
    while now < until:
        before, now = now, min(sweeping.next_moment(now, until), escalating.next_moment(now, until))
        if now.date() != before.date():
            sweeping.extend_horizon(now)
        outcomes = sweeping.sweep_and_send(partial(_still, now), window=WINDOW)
        telling.tell(now)
        escalating.escalate(now)
        yield Moment(now, outcomes)


def _still(now: datetime) -> datetime:
    return now
