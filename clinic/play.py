"""Play the coming days through the very same code, with a `now` that moves from one due moment to the next."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from reminders import sweeping

WINDOW = 8  # requests in flight: nothing leaves the house while time is played


@dataclass(frozen=True, slots=True)
class Moment:
    now: datetime
    outcomes: Counter[str]


def play(start: datetime, until: datetime) -> Iterator[Moment]:
    """Every moment at which something was due, up to `until`; may be stopped between two and taken up again."""
    now = start
    while now < until:
        before, now = now, sweeping.next_moment(now, until)
        if now.date() != before.date():
            sweeping.extend_horizon(now)
        yield Moment(now, sweeping.sweep_and_send(partial(_still, now), window=WINDOW))


def _still(now: datetime) -> datetime:
    return now
