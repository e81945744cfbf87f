"""Wait for what a test is about, never for seconds: a slow machine is slow, and only what hangs takes HUNG seconds."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import TypeVar

HUNG = 300.0  # seconds: the one limit of every wait in tests; it tells that something hangs, never that it was slow
Found = TypeVar("Found")


def until(condition: Callable[[], Found], *, what: str, every: float = 0.02) -> Found:
    """What the condition found, as soon as that is true. AssertionError, naming `what`, where it never is."""
    ends = monotonic() + HUNG
    while not (found := condition()):
        if monotonic() > ends:
            raise AssertionError(f"waited {HUNG:.0f} s in vain until {what}")
        sleep(every)
    return found
