"""Breakers: traffic waits while an account, a sender or the provider is in trouble."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from reminders.delivery import alarms, waits
from reminders.delivery.models import Attempt, Breaker
from reminders.delivery.outcomes import TOO_LONG

ENOUGH = 10  # calls in `waits.TROUBLE` that came to nothing, and none that was accepted: the provider is in trouble
NOWHERE = ["not_processed", "unknown"]  # how a call ends when there is no line, or a 5xx at its end


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """How one call to the provider ended: `outcome` in the words of an attempt; `began` when it was claimed."""

    site: int
    outcome: str
    began: datetime


@transaction.atomic
def trip(channel: str, *, site: int | None, now: datetime, code: int = 0, why: str = "") -> Breaker:
    """Open it for one site's sender, or for every site (`site` None: the account or the provider is in trouble).

    Tripped again while open nothing changes: the next probe was set when the last one was let out.
    """
    facts = {"site_id": site, "opened_at": now, "probe_at": now + waits.FIRST_PROBE, "code": code, "why": why[:200]}
    rows = Breaker.objects.filter(site=site)
    breaker, is_new = rows.get_or_create(channel=channel, closed_at=None, defaults=facts)
    if is_new:
        alarms.sound("breaker", now=now, subject=channel, detail=f"{why} (code {code})" if code else why, site=site)
    return breaker


def relieve(channel: str, *, site: int | None, now: datetime, began: datetime | None = None) -> int:
    """The provider took a message of this site: its breaker, and that of every site, close.

    `began`: when that call was claimed. One that was under way before the trouble proves nothing about it.
    """
    rows = Breaker.objects.filter(Q(site=None) | Q(site=site), channel=channel, closed_at=None)
    closed = 0
    for breaker in rows.filter(opened_at__lt=began) if began else rows:
        closed += Breaker.objects.filter(pk=breaker.pk, closed_at=None).update(closed_at=now)
        alarms.clear("breaker", now=now, subject=channel, site=breaker.site_id)
    return closed


def heard(channel: str, calls: Collection[CallOutcome], now: datetime) -> None:
    """What a batch of calls says about the provider: one that was accepted closes, many that led nowhere open.

    Tell it after they are written down, and leave out the outbox. An account's or a sender's refusal is for `trip`.
    """
    accepted = [call for call in calls if call.outcome == "accepted"]
    if accepted and open_for(channel):
        for site in {call.site for call in accepted}:
            relieve(channel, site=site, now=now, began=max(call.began for call in accepted if call.site == site))
    elif not accepted and any(call.outcome in NOWHERE for call in calls) and _leads_nowhere(channel, now):
        trip(channel, site=None, now=now, why="the provider cannot be reached or does not answer")


def _leads_nowhere(channel: str, now: datetime) -> bool:
    """A message that waited too long in our own queue says nothing of the provider; nor does a code, such as 429:
    that is an answer, and about one sender.
    """
    made = Attempt.objects.filter(delivery__channel=channel, started_at__gt=now - waits.TROUBLE)
    calls = made.exclude(route="outbox").exclude(detail=TOO_LONG)
    nowhere = calls.filter(outcome__in=NOWHERE, code=0)[:ENOUGH]
    return len(nowhere) == ENOUGH and not calls.filter(outcome="accepted").exists()


def open_for(channel: str) -> list[Breaker]:
    """The breakers that are open on this channel."""
    return list(Breaker.objects.filter(channel=channel, closed_at=None))


def let_out_probe(breaker: Breaker, now: datetime) -> bool:
    """Whether this process may send the one message that tries again. The next probe is set with the same UPDATE.

    So two processes never probe twice, one that dies half-way blocks nobody, and each probe waits longer.
    """
    if breaker.probe_at > now:
        return False
    wait = min(waits.FIRST_PROBE * 2 ** min(breaker.probes + 1, 10), waits.LONGEST_PROBE)
    same = Breaker.objects.filter(pk=breaker.pk, closed_at=None, probe_at=breaker.probe_at)
    return same.update(probe_at=now + wait, probes=breaker.probes + 1) == 1
