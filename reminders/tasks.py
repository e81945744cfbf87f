"""Celery's door. A message carries no reminder: it only rings, and the table says what is due."""

from celery import shared_task

from patients import clock
from reminders import sweeping
from reminders.delivery import dispatch, settling

STALE = 50  # seconds: the next ring does the work of one that waited longer
SENDERS = 2  # rings at a time: so many processes share a busy minute, and one too many finds nothing to do


@shared_task
def sweep() -> None:
    """Beat's only business entry: settle, and ring for whoever sends."""
    now = clock.now()
    settling.settle(now)
    if sweeping.is_work(now):
        for _ in range(SENDERS):
            send_due.apply_async(expires=STALE)
        mail_due.apply_async(expires=STALE)


@shared_task
def send_due() -> None:
    dispatch.drain("sms", clock=clock.now)


@shared_task
def mail_due() -> None:
    dispatch.drain("email", clock=clock.now)


@shared_task
def extend_horizon() -> None:
    while sweeping.extend_horizon(clock.now()) == sweeping.EXTEND_BATCH:
        pass
