"""Celery's tasks for imports of uploaded files. A task carries a key, never a row of the file."""

from contextlib import suppress
from datetime import datetime, timedelta

from celery import shared_task
from celery.exceptions import OperationalError

from clinic.exchange import import_runs
from patients import clock

SLICE = timedelta(
    seconds=15
)  # of which going over the file takes some; what waits behind it in the queue soon has its turn
STALE = 50  # seconds: the next round starts again what has waited longer


def ring(pk: int) -> None:
    """Start the task; if the broker is down, the next round starts it."""
    with suppress(OperationalError):
        take_rows.apply_async((pk,), expires=STALE)


@shared_task
def take_rows(pk: int, left_at: str = "") -> None:
    """Take some rows, and start the task for the next. Started twice, the second finds it taken."""
    held = datetime.fromisoformat(left_at) if left_at else None
    if left := import_runs.work(pk, clock=clock.now, until=clock.now() + SLICE, held_since=held):
        with suppress(OperationalError):
            take_rows.delay(pk, left.isoformat())


@shared_task
def carry_on() -> None:
    """Start again what nobody works at, and delete files that nobody imported."""
    now = clock.now()
    for pk in import_runs.unattended(now):
        ring(pk)
    import_runs.forget_old_files(now)
