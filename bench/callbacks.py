"""`python -m bench.callbacks`: status callbacks at a fixed rate into real web workers, while a drain runs. F-C12.

Needs DATABASE_URL (PostgreSQL) and REDIS_URL: `make bench-callbacks`. Ends with 1 when a row is missing, an answer
was not 2xx, or the 95th percentile is above the limit. Everything stays on this machine.
"""

import argparse
import asyncio
import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from bench import flood

IN_FLIGHT = 10  # of the drain beside it: with a provider that takes 0.1 s, at most 100 texts a second
DOCKERFILE = Path(__file__).resolve().parent.parent / "Dockerfile"


def main() -> int:
    options = _options()
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres") or not os.environ.get("REDIS_URL"):
        sys.exit("The bench needs DATABASE_URL (PostgreSQL) and REDIS_URL. `make bench-callbacks` brings both up.")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aftercare-bench-")))
        from bench.__main__ import LATENCY, _settings
        from bench.place import BenchProvider, database

        provider = BenchProvider(folder, latency=LATENCY)
        stack.callback(provider.child.stop)
        os.environ |= provider.environment | _settings(folder, stack.enter_context(database(server)))
        os.environ |= {"PUBLIC_URL": flood.PUBLIC, "ALLOWED_HOSTS": "clinic.example.org,127.0.0.1"}
        return _run(options, provider)


def _run(options: argparse.Namespace, provider: Any) -> int:
    import django

    django.setup()
    from django.db import connection

    told = options.rate * options.seconds // len(flood.WORDS)
    beside = int(IN_FLIGHT / 0.1 * options.seconds)
    try:
        _lay_out(told, beside)
        _say(f"Sending {told:,} texts, so that there is something to tell of ...")
        _drain(provider, window=250)
        provider.accepted()
        callbacks = list(flood.callbacks())
        _make_due()
        _say(
            f"{len(callbacks):,} callbacks at {options.rate} a second, and a drain of {beside:,} texts beside them ..."
        )
        with _web() as (web, address), _draining(provider) as drain:
            # each thread has its line to the database after these
            asyncio.run(flood.tell(address, list(flood.first_ones()), 20))
            used = web.cpu()
            tally, seconds = asyncio.run(flood.tell(address, callbacks, options.rate))
            tally.cpu = web.cpu() - used
            tally.left_beside = len(provider.accepted())
            tally.stored = _stored()
            drain.line()  # to its end: what it holds must be written down too
        tally.acted_after = _act_on_the_rest()
        return _report(options, tally, seconds, len(callbacks), told, provider)
    finally:
        connection.close()


def _lay_out(told: int, beside: int) -> None:
    from bench import people
    from patients.models import Site
    from reminders.plan.models import Reminder

    _say(f"Laying out {told + beside:,} plans ...")
    people.make(told + beside)
    Site.objects.update(texts_a_day=30_000, texts_a_week=30_000)  # the made-up patients share a few numbers
    due = Reminder.objects.filter(due_at=people.START).order_by("pk").values_list("pk", flat=True)
    Reminder.objects.filter(pk__in=list(due[told:])).update(due_at=_later())


def _later() -> Any:
    from datetime import timedelta

    from bench.people import START

    return START + timedelta(hours=3)


def _make_due() -> None:
    from bench.people import START
    from reminders.plan.models import Reminder

    Reminder.objects.filter(due_at=_later(), status="planned").update(due_at=START)


def _drain(provider: Any, *, window: int) -> None:
    with _draining(provider, window) as child:
        child.line()


@contextmanager
def _draining(provider: Any, window: int = IN_FLIGHT) -> Iterator[Any]:
    from bench.child import Child

    child = Child("-m", "bench.ours", str(window), environment=provider.environment)
    try:
        child.line()
        child.go()
        yield child
    finally:
        child.stop()


@contextmanager
def _web() -> Iterator[tuple[Any, str]]:
    """gunicorn with the very flags of the image."""
    from bench.child import Child

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    child = Child("-m", *_flags(), f"--bind=127.0.0.1:{port}", "--log-level=error")
    try:
        asyncio.run(_up(f"http://127.0.0.1:{port}"))
        yield child, f"http://127.0.0.1:{port}"
    finally:
        child.stop()


def _flags() -> list[str]:
    [command] = [line for line in DOCKERFILE.read_text().splitlines() if line.startswith("CMD ")]
    return [word for word in json.loads(command.removeprefix("CMD ")) if not word.startswith("--bind")]


async def _up(address: str) -> None:
    """Until it answers: a callback without a signature is a 403."""
    async with aiohttp.ClientSession() as session:
        for _ in range(6_000):
            try:
                async with session.post(f"{address}/webhooks/sms/inbound/") as answer:
                    if answer.status == 403:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)
    raise RuntimeError("The web workers do not answer.")


def _stored() -> int:
    from reminders.delivery.models import Report

    return Report.objects.filter(source="callback", status__in=flood.WORDS).count()


def _act_on_the_rest() -> float:
    """What a sweep does every ten seconds in another process."""
    from bench.people import START
    from reminders.delivery.receipts import deferred

    begun = time.monotonic()
    while deferred.adopt(START):
        pass
    return time.monotonic() - begun


def _report(
    options: argparse.Namespace, tally: flood.LatencyTally, seconds: float, sent: int, told: int, provider: Any
) -> int:
    from reminders.delivery.models import Attempt, Delivery

    delivered = Delivery.objects.filter(state="delivered").count()
    left = told + tally.left_beside + len(provider.accepted())
    recorded = Attempt.objects.filter(outcome="accepted").count()
    p50, p95, p99 = (tally.percentile(of_100) for of_100 in (50, 95, 99))
    checks = (
        (f"{sent - tally.stored} callbacks are not in the table", tally.stored != sent),
        (f"{tally.errors} were not answered with 2xx", tally.errors > 0),
        (f"{told - delivered} messages are not delivered", delivered != told),
        (f"the provider took {left}, recorded are {recorded}", left != recorded),
        (f"p95 is above {options.limit_ms:.0f} ms", bool(options.limit_ms) and p95 > options.limit_ms),
    )
    wrong = [words for words, bad in checks if bad]
    print(
        f"callbacks  sent {sent:,}  stored {tally.stored:,}  errors {tally.errors}  answers {dict(tally.answers)}\n"
        f"rate       {sent / seconds:.0f} a second for {seconds:.1f} s\n"
        f"latency    p50 {p50:.0f} ms  p95 {p95:.0f} ms  p99 {p99:.0f} ms  max {tally.longest:.0f} ms\n"
        f"web        {tally.cpu * 1000 / sent:.1f} ms CPU each, {tally.cpu / seconds:.2f} of {os.cpu_count()} cores\n"
        f"drain      {tally.left_beside:,} texts left meanwhile ({tally.left_beside / seconds:.0f} a second)\n"
        f"batches    what was only stored had acted {tally.acted_after:.1f} s later\n"
        f"machine    load {os.getloadavg()[0]:.1f} at the end\n"
        f"command    {' '.join(_flags())}\n"
        f"verdict    {'; '.join(wrong) or 'nothing lost'}"
    )
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.callbacks", description=__doc__)
    parser.add_argument("--rate", type=int, default=200, help="callbacks a second (200)")
    parser.add_argument("--seconds", type=int, default=20, help="for how long (20; at most 120)")
    parser.add_argument("--limit-ms", type=float, default=500, help="what p95 may be; 0: any (500)")
    options = parser.parse_args()
    if not (2 <= options.rate <= 2_000 and 1 <= options.seconds <= 120):
        parser.error("--rate is 2 to 2,000, --seconds 1 to 120")
    return options


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
