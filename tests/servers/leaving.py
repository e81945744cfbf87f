"""A run that is told to end leaves through its `with` blocks, so that every server and process goes on the way out."""

import signal
import sys
from types import FrameType


def leave_when_told() -> None:
    """Also by Ctrl-C where a shell started us in the background: it has SIGINT ignored, by us and by all we start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _leave)


def _leave(number: int, _frame: FrameType | None) -> None:
    """The signal becomes an exception once: told again, it goes on with what it is clearing away."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)
