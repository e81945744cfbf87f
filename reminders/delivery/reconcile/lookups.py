"""Ask the provider what became of messages: lost ones are looked for in its list (T7-T9), accepted ones by their id.

Rows are taken and committed, then the provider is asked with no transaction open, then each answer is written down.
"""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from asgiref.sync import async_to_sync
from django.db import Error, transaction
from django.db.models import F

from reminders.delivery import waits
from reminders.delivery.channels import Lookup, open_lookup
from reminders.delivery.matching import Lost, Sighting, match
from reminders.delivery.models import Attempt, Delivery, Sender
from reminders.delivery.reconcile import decide
from reminders.delivery.reconcile.decide import DeliveryQuestion
from reminders.delivery.reconcile.provider_lists import all_within
from reminders.delivery.safeguards import provider_clock
from reminders.delivery.sending.dispatch import Clock
from reminders.delivery.state import State

log = logging.getLogger(__name__)
BATCH = 100
ANSWERS = 30  # seconds for a batch: less than its lease and its task may take
AT_ONCE = 10  # requests to the provider: looking must not stand in the way of sending
ASKED_ABOUT = (State.UNKNOWN, State.ACCEPTED, State.SENT)
STILL_LOST = ("", "unknown")  # outcomes of attempts that may explain a message nobody owns


@dataclass(frozen=True, slots=True)
class ProviderAnswers:
    """What the provider said, by number and by message id. None: it could not be asked."""

    at: datetime
    lists: dict[str, list[Sighting] | None]
    messages: dict[str, Sighting | None]


def seek(clock: Clock, *, seconds: float = 25) -> Counter[str]:
    """Everything that is due to be asked about, a batch at a time; how many ended how. Safe to run twice at once."""
    tally: Counter[str] = Counter()
    stop_at = monotonic() + seconds
    while monotonic() < stop_at and (questions := take(clock())):
        answers = ask(questions, clock)
        tally += settle(questions, answers, clock())
    return tally


@transaction.atomic
def take(now: datetime, *, limit: int = BATCH) -> list[DeliveryQuestion]:
    """Lease questions to this process; if it dies, another one asks after the lease ends."""
    _never_forgotten(now)
    due = Delivery.objects.filter(state__in=ASKED_ABOUT, look_at__lte=now).order_by("look_at", "pk")
    taken = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
    Delivery.objects.filter(pk__in=taken).update(look_at=now + waits.LEASE)
    newest = Attempt.objects.filter(delivery__in=taken, number=F("delivery__attempt_count"))
    return [_question(attempt) for attempt in newest.select_related("delivery__contact")]


def _never_forgotten(now: datetime) -> None:
    """Whoever moved them there may not have said when to look."""
    silent = Delivery.objects.filter(look_at=None, channel="sms")
    silent.filter(state__in=[State.ACCEPTED, State.SENT]).update(look_at=now + waits.FIRST_POLL)
    Delivery.objects.filter(look_at=None, state=State.UNKNOWN).update(look_at=now + waits.FIRST_LOOK)


def _question(attempt: Attempt) -> DeliveryQuestion:
    delivery = attempt.delivery
    return DeliveryQuestion(
        delivery.pk,
        delivery.reminder_id,
        delivery.site_id,
        delivery.contact_id,
        attempt.number,
        attempt.pk,
        attempt.route,
        attempt.provider_id,
        attempt.started_at,
        to=delivery.contact.address,
    )


def ask(questions: Sequence[DeliveryQuestion], clock: Clock) -> ProviderAnswers:
    """No transaction is open here. `at` is before the first request: nothing later counts as seen."""
    at = clock()
    texts = [one for one in questions if one.route == "twilio"]
    numbers = list(dict.fromkeys(one.to for one in texts if not one.provider_id))
    ids = [one.provider_id for one in texts if one.provider_id]
    if not numbers and not ids:
        return ProviderAnswers(at, {}, {})
    lists, messages, ahead = async_to_sync(_ask)(numbers, ids)
    provider_clock.keep("twilio", ahead, clock())
    return ProviderAnswers(at, lists, messages)


async def _ask(
    numbers: Sequence[str], ids: Sequence[str]
) -> tuple[dict[str, list[Sighting] | None], dict[str, Sighting | None], timedelta | None]:
    async with open_lookup(concurrency=AT_ONCE) as provider:
        lists, messages = await asyncio.gather(_lists(provider, numbers), _messages(provider, ids))
    return lists, messages, provider.meter.ahead


async def _lists(provider: Lookup, numbers: Sequence[str]) -> dict[str, list[Sighting] | None]:
    """Of all times: what stands at a time that fits no attempt says that a clock is wrong, not that nothing left."""
    found = await all_within(ANSWERS, (provider.find(to=to, since=None) for to in numbers))
    return dict(zip(numbers, found, strict=True))


async def _messages(provider: Lookup, ids: Sequence[str]) -> dict[str, Sighting | None]:
    found = await all_within(ANSWERS, (provider.fetch(sid) for sid in ids))
    return dict(zip(ids, found, strict=True))


def settle(questions: Sequence[DeliveryQuestion], answers: ProviderAnswers, now: datetime) -> Counter[str]:
    """Record the answers, one transaction each, so that one bad answer does not stop the others."""
    work: list[Callable[[], str]] = []
    groups: dict[str, list[DeliveryQuestion]] = defaultdict(list)
    for one in questions:
        if one.route != "twilio":
            work.append(partial(decide.without_list, one, answers.at, now))
        elif one.provider_id:
            work.append(partial(decide.polled, one, answers.messages[one.provider_id], now))
        else:
            groups[one.to].append(one)
    for to, group in groups.items():
        work += _looked_up(group, answers.lists[to], answers.at, now)
    return Counter(_safely(one) for one in work)


def _looked_up(
    group: list[DeliveryQuestion], listed: list[Sighting] | None, at: datetime, now: datetime
) -> list[Callable[[], str]]:
    """Everything lost on its way to one number is explained together; one message explains one attempt."""
    if listed is None:
        return [partial(decide.not_asked, one, now) for one in group]
    lost = lost_to(group[0].to, now)
    found = match(lost, listed, held=_held(listed), foreign=_foreign(group))
    asked = {one.attempt: one for one in group}
    others = [
        partial(decide.found, attempt, verdict, now)
        for attempt, verdict in found.items()
        if isinstance(verdict, Sighting) and attempt not in asked
    ]
    own = [partial(decide.looked_up, one, found.get(one.attempt), at, now) for one in group if one.attempt in found]
    return [*others, *own]


def lost_to(phone: str, now: datetime) -> list[Lost]:
    """Attempts of the last days that may explain a message to this number, those being asked about among them.

    One that has got its answer since the question was asked is not lost any more.
    """
    rows = Attempt.objects.filter(
        route="twilio",
        provider_id="",
        outcome__in=STILL_LOST,
        started_at__gt=now - waits.WORD_AWAITED,
        delivery__contact__phone=phone,
    )
    return [
        Lost(row.pk, row.delivery_id, row.delivery.text, row.started_at, row.lease_until)
        for row in rows.select_related("delivery")
    ]


def _held(listed: Iterable[Sighting]) -> set[str]:
    ids = [one.sid for one in listed]
    return set(Attempt.objects.filter(provider_id__in=ids).values_list("provider_id", flat=True))


def _foreign(group: list[DeliveryQuestion]) -> set[str]:
    others = Sender.objects.filter(channel="sms").exclude(site__in={one.site for one in group})
    return set(others.values_list("address", flat=True))


def _safely(work: Callable[[], str]) -> str:
    try:
        return work()
    except Error as error:
        log.error("could not record what became of a message: %s", type(error).__name__)
        return "error"
