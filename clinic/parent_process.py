"""Ends a part of `make run` when the process that started it has ended, whatever ended that one: kill -9 and a full
memory too. Such a part would go on sending unseen, and keep the port.
"""

import os
import signal
import time
from threading import Thread

VARIABLE = "AFTERCARE_PARENT"  # the process id of `manage.py embedded`, which gives it to its parts
POLL = 0.5  # seconds
ENDINGS = ((signal.SIGTERM, 10), (signal.SIGQUIT, 5), (signal.SIGKILL, 0))  # each with its patience in seconds


def follow() -> None:
    """Watch the parent from now on, in a thread; nothing where nobody asked for it. Its own children do not see it."""
    parent = os.environ.pop(VARIABLE, "")
    if parent:
        Thread(target=_watch, args=(int(parent),), name="parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL)
    for ending, patience in ENDINGS:
        os.kill(os.getpid(), ending)
        time.sleep(patience)
