"""Timeouts: what ends or starts again by time alone (T2d, T6, T13, T14, T16, T21)."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from patients.models.site import UnknownPolicy
from reminders.delivery import alarms, waits
from reminders.delivery.followup import daily_limit, fallback
from reminders.delivery.followup.reminder_status import follow_up as follow_up
from reminders.delivery.followup.reminder_status import refresh as refresh
from reminders.delivery.models import Attempt, Delivery
from reminders.delivery.receipts import deferred
from reminders.delivery.state import OUT, RULES, State
from reminders.delivery.transitions import move
from reminders.plan.reasons import Reason

BATCH = 500
LEASES = 3  # the one that ends it
UNKNOWN_TOO_LONG = waits.scaled(minutes=30)  # look-ups have had their time by then


def settle(now: datetime) -> int:
    """Apply all timeouts. Returns how many deliveries moved. Idempotent."""
    return deferred.adopt(now) + _settle(now)


@transaction.atomic
def _settle(now: datetime) -> int:
    unknown, ended = _lost_leases(now)
    ended += _of_no_use(now) + _given_up(now)
    again = _once_more(now)
    ended += _unconfirmed(now) + daily_limit.by_mail_instead(now)
    fallback.open_for(_unknown_too_long(now), now=now)
    follow_up(ended, now=now)
    return unknown + len(ended) + again


def _lost_leases(now: datetime) -> tuple[int, list[int]]:
    """T6; a third one is quarantined (T21), or a message that kills its sender would kill them one by one."""
    lost = list(
        Attempt.objects.filter(outcome="", lease_until__lt=now)
        .select_for_update(skip_locked=True)
        .values_list("pk", "delivery")[:BATCH]
    )
    if not lost:
        return 0, []
    Attempt.objects.filter(pk__in=[pk for pk, _ in lost], outcome="").update(outcome="unknown", finished_at=now)
    claimed = Delivery.objects.filter(pk__in=[delivery for _, delivery in lost], state=State.CLAIMED)
    rows = dict(claimed.order_by("pk").values_list("pk", "lost_leases"))
    poison = [pk for pk, leases in rows.items() if leases + 1 >= LEASES]
    again = [pk for pk in rows if pk not in poison]
    moved = move(
        again,
        State.UNKNOWN,
        since=RULES["T6"].since,
        now=now,
        reason=Reason.LEASE_LOST,
        lost_leases=F("lost_leases") + 1,
    )
    return len(moved), _quarantine(poison, now)


def _quarantine(deliveries: list[int], now: datetime) -> list[int]:
    ended = move(
        deliveries,
        State.UNCONFIRMED,
        since=RULES["T21"].since,
        now=now,
        reason=Reason.QUARANTINED,
        lost_leases=F("lost_leases") + 1,
    )
    for pk, site in Delivery.objects.filter(pk__in=ended).values_list("pk", "site") if ended else ():
        alarms.sound(
            "quarantine",
            subject=f"delivery {pk}",
            detail="Sending it stopped a process three times.",
            site=site,
            now=now,
        )
    return ended


def _of_no_use(now: datetime) -> list[int]:
    """T2d, also for what a breaker or a limit holds: reception hears of it on the day itself."""
    keys = _some(Delivery.objects.filter(state=State.QUEUED, useful_until__lte=now))
    return move(keys, State.EXPIRED, since=RULES["T2d"].since, now=now, reason=Reason.EXPIRED)


def _given_up(now: datetime) -> list[int]:
    """T14: the next try would come too late."""
    late = _some(Delivery.objects.filter(state=State.UNDELIVERED_TEMP, useful_until__lte=now))
    return move(late, State.UNDELIVERED_PERM, since=RULES["T14"].since, now=now, reason=Reason.TRIES_SPENT)


def _once_more(now: datetime) -> int:
    """T13: back into the queue, where the claim looks at everything again."""
    due = _some(Delivery.objects.filter(state=State.UNDELIVERED_TEMP, not_before__lte=now, useful_until__gt=now))
    tried = F("temporary_failures") + 1
    since, reason = RULES["T13"].since, Reason.TRY_AGAIN
    return len(move(due, State.QUEUED, since=since, now=now, reason=reason, temporary_failures=tried))


def _unconfirmed(now: datetime) -> list[int]:
    """T16. A claimed one is only here when its lease was never seen to end."""
    waiting = Q(state__in=[state for state in OUT if state != State.SENT]) | Q(state=State.SENT, channel="sms")
    keys = _some(Delivery.objects.filter(waiting, claimed_at__lt=now - waits.WORD_AWAITED))
    return move(keys, State.UNCONFIRMED, since=RULES["T16"].since, now=now, reason=Reason.UNCONFIRMED)


def _unknown_too_long(now: datetime) -> list[int]:
    """Where the site would rather have both than a miss, and the provider could not be asked, or does not know."""
    rows = Delivery.objects.filter(state=State.UNKNOWN, channel="sms", claimed_at__lt=now - UNKNOWN_TOO_LONG)
    rows = rows.filter(site__when_unknown=UnknownPolicy.EMAIL, useful_until__gt=now)
    mailed = Delivery.objects.filter(is_fallback=True).values("reminder")
    return list(rows.exclude(reminder__in=mailed).order_by("pk").values_list("pk", flat=True)[:BATCH])


def _some(rows: QuerySet[Delivery]) -> list[int]:
    """A batch, in the order of the keys; what another process is busy with is left for the next round."""
    locked = rows.select_for_update(no_key=True, skip_locked=True).order_by("pk")
    return list(locked.values_list("pk", flat=True)[:BATCH])
