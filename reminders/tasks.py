"""Celery's tasks. A task carries no reminder: it only says that there is work; the table says what is due."""

from contextlib import suppress
from datetime import datetime, timedelta

from celery import shared_task
from celery.exceptions import OperationalError

from patients import clock
from reminders import scheduler, version_moves
from reminders.delivery import alarms, heartbeats
from reminders.delivery.reconcile import lookups, timeouts
from reminders.delivery.safeguards import clock_skew, restore_mark
from reminders.delivery.sending import dispatch
from reminders.plan import zone_refresh
from reminders.replies import reconcile
from reminders.replies.alerts import escalation, notifications
from reminders.replies.checkins import lifecycle

STALE = 50  # seconds: the next ring does the work of one that waited longer
SLICE = timedelta(seconds=8)  # of a move of patients: what waits behind it in the queue soon has its turn
SENDERS = 2  # rings at a time: so many processes share a busy minute, and one too many finds nothing to do


@shared_task
def sweep() -> None:
    """The task beat calls: settle what time decides, and start the sending tasks."""
    if not clock_skew.agree():
        return
    now = clock.now()
    restore_mark.freeze_if_restored(now)
    timeouts.settle(now)
    zone_refresh.keep_hours(now)  # before a message can say another hour than was agreed on
    if scheduler.is_work(now):
        _ring(now)
    for move in version_moves.unattended(now):
        ring_for_move(move)
    notifications.tell(now)
    escalation.escalate(now)
    heartbeats.beat(heartbeats.SWEEP, now)  # last: a sweep that fails half-way has not been done
    restore_mark.leave(now)


def _ring(now: datetime) -> None:
    """A broker that takes nothing (away, or full) loses no message: the table keeps it, and an alarm tells of it."""
    try:
        for _ in range(SENDERS):
            send_due.apply_async(expires=STALE)
        mail_due.apply_async(expires=STALE)
    except OperationalError as error:
        alarms.sound("publish", now=now, detail=type(error.__cause__ or error).__name__)
    else:
        alarms.clear("publish", now=now)


@shared_task
def send_due() -> None:
    """Send the texts that are due."""
    now = clock.now()
    restore_mark.freeze_if_restored(now)  # a ring from before the restore may come before the next sweep
    heartbeats.beat(heartbeats.SENDERS["sms"], now)
    if clock_skew.agree():
        dispatch.drain("sms", clock=clock.now)


@shared_task
def mail_due() -> None:
    """Send the e-mails that are due."""
    now = clock.now()
    restore_mark.freeze_if_restored(now)  # a ring from before the restore may come before the next sweep
    heartbeats.beat(heartbeats.SENDERS["email"], now)
    if clock_skew.agree():
        dispatch.drain("email", clock=clock.now)


@shared_task
def seek() -> None:
    """Ask the provider about what has no answer and what has no callback."""
    lookups.seek(clock.now)
    heartbeats.beat(heartbeats.SEEK, clock.now())  # last, as the sweep's


@shared_task
def hear() -> None:
    """Fetch texts that came in while our webhook could not be reached."""
    reconcile.hear(clock.now)
    heartbeats.beat(heartbeats.HEAR, clock.now())


@shared_task
def extend_horizon() -> None:
    """Extend endless repeats, batch by batch, until all plans reach far enough."""
    while scheduler.extend_horizon(clock.now()) == scheduler.EXTEND_BATCH:
        pass


@shared_task
def keep_check_ins() -> None:
    """Those that left begin, those too old are closed, and reception hears of the unanswered ones."""
    lifecycle.keep(clock.now())


def ring_for_move(pk: int) -> None:
    """Start the task that moves patients; if the broker is down, the next sweep starts it."""
    with suppress(OperationalError):
        move_patients.apply_async((pk,), expires=STALE)


@shared_task
def move_patients(pk: int, after: int = 0, left_at: str = "") -> None:
    """Move some patients, and start the task for the next. Started twice, the second finds it taken."""
    baton = version_moves.Baton(after, datetime.fromisoformat(left_at)) if left_at else None
    if left := version_moves.run(pk, clock=clock.now, baton=baton, until=clock.now() + SLICE):
        with suppress(OperationalError):
            move_patients.delay(pk, left.after, left.left_at.isoformat())
