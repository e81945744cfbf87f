"""How much of its time a web process may give to one kind of work; what is beyond that is left to the workers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic


class TimeBudget:
    """A budget of seconds: grows while idle, up to `most`; under load `share` of the time, one turn after the other."""

    def __init__(self, *, share: float, most: float, clock: Callable[[], float] = monotonic) -> None:
        self.share, self.most, self.clock = share, most, clock
        self.left, self.counted = most, clock()
        self.taken = Lock()

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Take a turn if there is one. False: somebody else has it, or the budget is spent. Never waits."""
        if not self.taken.acquire(blocking=False):
            yield False
            return
        begun = self._count()
        mine = self.left > 0
        try:
            yield mine
        finally:
            self.left -= self.clock() - begun if mine else 0
            self.taken.release()

    def _count(self) -> float:
        now = self.clock()
        self.left = min(self.most, self.left + (now - self.counted) * self.share)
        self.counted = now
        return now
