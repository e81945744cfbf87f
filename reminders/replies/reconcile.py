"""Fetches incoming texts whose webhook never came, from the provider's list since the watermark (F-D3)."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from asgiref.sync import async_to_sync
from django.db import DataError, Error
from django.db.models import Q

from patients.models import Site
from reminders.delivery import alarms, waits
from reminders.delivery.channels import open_lookup
from reminders.delivery.matching import Sighting
from reminders.delivery.models import Alarm, Sender
from reminders.delivery.reconcile.provider_lists import all_within, is_service, live_senders
from reminders.delivery.safeguards import provider_clock
from reminders.delivery.sending.dispatch import Clock
from reminders.replies import inbound
from reminders.replies.models import Reply

log = logging.getLogger(__name__)
AT_ONCE = 5
ANSWERS = 45  # seconds for all of them: less than the task may take
NEVER = datetime.max.replace(tzinfo=UTC)
MISSED = "inbound_missed"
Wanted = tuple[str, datetime]  # a number of ours (empty: all of the account's), and since when
Lists = dict[str, list[Sighting] | None]


def hear(clock: Clock, *, since: datetime | None = None) -> Counter[str]:
    """Store incoming texts that no webhook brought, the oldest first. Safe to run twice at once.

    Without `since` each sender is read from its own watermark on.
    """
    at = clock()
    senders = live_senders()
    if not senders:
        return Counter()
    lists, ahead = async_to_sync(_ask)([(to, provider_clock.theirs(start)) for to, start in wanted(senders, at, since)])
    provider_clock.keep("twilio", ahead, clock())
    tally: Counter[str] = Counter()
    for sender in senders:
        listed = lists[_number(sender)]
        if listed is None:  # it could not be asked: the watermark stays
            tally["not asked"] += 1
            continue
        tally += _take_in(sender, _came_in(sender, senders, listed), at, clock())
    return tally


def wanted(senders: Iterable[Sender], at: datetime, since: datetime | None) -> list[Wanted]:
    """One list for each number; one of the whole account for all messaging services, whose numbers we do not know."""
    starts: dict[str, datetime] = {}
    for sender in senders:
        start = since or min(sender.heard_until or at, at) - waits.HEAR_AGAIN  # our clock may have been set back
        starts[_number(sender)] = min(start, starts.get(_number(sender), start))
    return list(starts.items())


def _number(sender: Sender) -> str:
    return "" if is_service(sender) else sender.address


async def _ask(numbers: Sequence[Wanted]) -> tuple[Lists, timedelta | None]:
    async with open_lookup(concurrency=AT_ONCE) as provider:
        lists = await all_within(ANSWERS, (provider.find_sent(to=number, since=since) for number, since in numbers))
    return {number: found for (number, _), found in zip(numbers, lists, strict=True)}, provider.meter.ahead


def _came_in(sender: Sender, senders: Sequence[Sender], listed: Iterable[Sighting]) -> list[Sighting]:
    came = [one for one in listed if one.is_inbound and one.created_at]
    if not is_service(sender):
        return came
    numbers = {other.address for other in senders}
    alone = sum(is_service(other) for other in senders) == 1  # then a number nobody else has is this service's
    return [
        one for one in came if one.service == sender.address or (alone and not one.service and one.to not in numbers)
    ]


def _take_in(sender: Sender, came: list[Sighting], at: datetime, now: datetime) -> Counter[str]:
    """The watermark moves only over what is stored: after trouble the next round begins where this one stopped."""
    heard_until, tally = at - waits.WEBHOOK_AWAITED, Counter[str]()
    known = set(Reply.objects.filter(provider_id__in=[one.sid for one in came]).values_list("provider_id", flat=True))
    for one in sorted(came, key=_moment):
        if one.sid in known or _moment(one) > heard_until:
            continue
        try:
            tally["stored"] += _store(one, sender, now)
        except DataError:  # the same again would be no better
            log.error("a text that came in cannot be stored")
            tally["unstorable"] += 1
        except Error as error:
            log.warning("could not store a text that came in: %s", type(error).__name__)
            tally["failed"] += 1
            heard_until = _moment(one)
            break
    forward = Q(heard_until=None) | Q(heard_until__lt=heard_until)
    Sender.objects.filter(forward, pk=sender.pk).update(heard_until=heard_until)
    _tell(sender.site, tally["stored"], now)
    return +tally


def _moment(one: Sighting) -> datetime:
    return one.created_at or NEVER


def _store(one: Sighting, sender: Sender, now: datetime) -> bool:
    reply = inbound.receive(
        provider_id=one.sid,
        from_address=one.sender,
        to_address=one.to,
        text=one.text,
        service=sender.address if is_service(sender) else one.service,
        media=one.media,
        now=now,
        source="reconcile",
        said_at=one.created_at,
    )
    return reply is not None


def _tell(site: Site, stored: int, now: datetime) -> None:
    """The alarm ends when the webhook has brought a text again."""
    if stored:
        detail = f"{stored} text(s) came in that no webhook brought. Check the messaging webhook's address at Twilio."
        alarms.sound(MISSED, now=now, site=site, detail=detail)
        return
    last = Alarm.objects.filter(kind=MISSED, site=site, cleared_at=None).values_list("last_at", flat=True).first()
    if last and Reply.objects.filter(site=site, source="webhook", received_at__gt=last).exists():
        alarms.clear(MISSED, now=now, site=site)
