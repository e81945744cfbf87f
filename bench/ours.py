"""The product's own drain, until nothing is due. `python -m bench.ours WINDOW [PROFILE]`."""

import cProfile
import sys
import time
from datetime import datetime, timedelta

import django

django.setup()

from django.db import connection  # noqa: E402

from bench.people import START  # noqa: E402
from reminders import scheduler  # noqa: E402
from reminders.delivery.channels import sms  # noqa: E402, F401  a worker has it loaded since its first text
from reminders.delivery.sending import dispatch  # noqa: E402

BETWEEN_RINGS = 0.02  # seconds; another process may hold all that is due


def run(window: int) -> None:
    begun = time.monotonic()

    def clock() -> datetime:
        return START + timedelta(seconds=time.monotonic() - begun)

    while scheduler.is_work(clock()):
        if not dispatch.drain("sms", clock=clock, window=window):
            time.sleep(BETWEEN_RINGS)


if __name__ == "__main__":
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    if len(sys.argv) > 2:
        cProfile.runctx("run(int(sys.argv[1]))", globals(), {}, sys.argv[2])
    else:
        run(int(sys.argv[1]))
    print("done", flush=True)
    sys.stdin.readline()
