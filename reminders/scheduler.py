"""One round of the scheduler: settle what time alone ends, then send what is due. Safe to run twice or anywhere."""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from patients.shared_contacts import newly_shared
from reminders import further_operation, notices_again, site_days
from reminders.delivery import alarms
from reminders.delivery.models import Delivery
from reminders.delivery.reconcile import timeouts
from reminders.delivery.sending import dispatch
from reminders.delivery.sending.dispatch import Clock
from reminders.plan import planning, zone_refresh
from reminders.plan.facts import HORIZON
from reminders.plan.models import CarePlan, Reminder
from reminders.replies.checkins import lifecycle

log = logging.getLogger(__name__)
CHANNELS = ("sms", "email")
EXTEND_WHEN = HORIZON - timedelta(days=28)  # a plan that reaches less far is laid out again: each about once a month
SHARED_WITHIN = timedelta(hours=3)  # three rounds: who shares a phone with whom decides how many messages it gets
EXTEND_BATCH, AT_ONCE = 500, 50  # a run, and a transaction of it


def is_work(now: datetime) -> bool:
    """Whether anything is due: asked before any task is started."""
    return Reminder.objects.due(now).exists() or Delivery.objects.claimable(now).exists()


def settle(now: datetime) -> None:
    """What time alone ends, hours that a change of zones moved, and what is owed since a notice never arrived."""
    _keep_hours(now)  # before a message can say another hour than was agreed on
    timeouts.settle(now)
    notices_again.follow(now, lay_out=_lay_out_in_pieces)


def _keep_hours(now: datetime) -> None:
    """What fails here costs nobody their messages: plans are laid out by the new zones in the hourly round as well."""
    try:
        zone_refresh.keep_hours(now)
    except planning.STUMBLES as error:
        log.error("visits cannot be kept on their hours: %s", type(error).__name__)
        detail = f"The program failed: {type(error).__name__}."
        alarms.sound("plan_stuck", subject="hours of visits", detail=detail, now=now)


def sweep_and_send(clock: Clock, *, window: int | None = None) -> Counter[str]:
    """A whole round in this process: what cron, `fastforward` and a machine without workers run."""
    settle(clock())
    tally: Counter[str] = Counter()
    while is_work(clock()):
        round_ = sum((dispatch.drain(channel, clock=clock, window=window) for channel in CHANNELS), Counter[str]())
        tally += round_
        if not round_:  # what was due was held or ended with a reason
            break
    notices_again.follow(clock(), lay_out=_lay_out_in_pieces)
    lifecycle.keep(clock())
    return tally


def next_moment(now: datetime, until: datetime) -> datetime:
    """When the next reminder or delivery comes due, at the latest `until`."""
    planned = Reminder.objects.planned().filter(due_at__gt=now).order_by("due_at")
    waiting = Delivery.objects.filter(state__in=["queued", "undelivered_temp"], not_before__gt=now)
    due = planned.values_list("due_at", flat=True).first()
    free = waiting.order_by("not_before").values_list("not_before", flat=True).first()
    return min(due or until, free or until, until)


def extend_horizon(now: datetime, *, limit: int = EXTEND_BATCH) -> int:
    """Lay out repeats without end a little further, for the plans that reach least far; and anew those whose patients
    are reached by other channels than before, or share a phone since, or were computed with older time zones. Plans end
    whose next operation takes place.

    How many were laid out; one that cannot be costs no other its turn.
    """
    site_days.keep_holidays(now)
    further_operation.end_what_is_followed(now)
    _lay_out_in_pieces(newly_shared(now - SHARED_WITHIN, now)[:limit], now)
    day = (now + EXTEND_WHEN).date()
    active = CarePlan.objects.active()
    short = active.filter(laid_out_until__lt=day).order_by("laid_out_until", "pk")
    known = list(short.values_list("surgery", flat=True)[:limit])
    other = active.of_other_channels().exclude(surgery__in=known).order_by("pk")
    known += other.values_list("surgery", flat=True)[: limit - len(known)]
    known += zone_refresh.stale(now, limit=limit - len(known), besides=known)
    return _lay_out_in_pieces(known, now)


def refresh_zones(clock: Clock, *, batch: int = AT_ONCE, each: Callable[[int], object] = lambda done: None) -> int:
    """Lay out now what older time zones have computed, batch by batch. How many plans were brought up to date.

    Stopped at any moment, the next call does the rest. `each`: told how many more were tried.
    """
    done, tried = 0, set[int]()
    while keys := zone_refresh.stale(clock(), limit=batch, besides=tried):
        done += _laid_out(keys, clock())
        tried.update(keys)
        each(len(keys))
    return done


def _lay_out_in_pieces(surgeries: list[int], now: datetime) -> int:
    return sum(_laid_out(surgeries[at : at + AT_ONCE], now) for at in range(0, len(surgeries), AT_ONCE))


def _laid_out(surgeries: list[int], now: datetime) -> int:
    """Those that stumble together are tried again alone."""
    try:
        zone_refresh.lay_out(surgeries, now=now)
    except planning.STUMBLES as error:
        if len(surgeries) > 1:
            return sum(_laid_out([one], now) for one in surgeries)
        log.error("the plan of surgery %s cannot be laid out: %s", surgeries[0], type(error).__name__)
        subject, detail = f"surgery {surgeries[0]}", f"The program failed: {type(error).__name__}."
        alarms.sound("plan_stuck", subject=subject, detail=detail, now=now)
        return 0
    return len(surgeries)
