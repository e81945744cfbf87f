"""Simulates the coming days with the product's own code; `now` jumps from one due time to the next."""

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Event, current_thread, main_thread

from reminders import scheduler
from reminders.replies.alerts import escalation, notifications

WINDOW = 8  # requests in flight: nothing is sent while time is played


@dataclass(frozen=True, slots=True)
class PlayedMoment:
    now: datetime
    outcomes: Counter[str]


def play(start: datetime, until: datetime, *, goes_on: bool = False) -> Iterator[PlayedMoment]:
    """Every moment at which something was due, or an alert became late, up to `until`.

    May be stopped between two and taken up again. `goes_on`: the next call starts at `until`, so a round then is left
    to it unless something is due.
    """
    now = start
    while now < until:
        before, now = now, min(scheduler.next_moment(now, until), escalation.next_moment(now, until))
        if now.date() != before.date():
            scheduler.extend_horizon(now)
        if goes_on and now == until and not scheduler.is_work(now):
            break
        outcomes = scheduler.sweep_and_send(partial(_still, now), window=WINDOW)
        notifications.tell(now)
        escalation.escalate(now)
        yield PlayedMoment(now, outcomes)


def _still(now: datetime) -> datetime:
    return now


@contextmanager
def asked_to_stop() -> Iterator[Event]:
    """Ctrl-C waits for the end of a moment: what is on its way is written down, and the next run goes on from there."""
    asked = Event()
    if current_thread() is not main_thread():  # only the main thread hears of signals
        yield asked
        return
    before = {number: signal.signal(number, lambda *_: asked.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
