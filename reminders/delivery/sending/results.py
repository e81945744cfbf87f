"""Write down what a channel answered, many at a time. A delivery only moves forward, by the UPDATE's WHERE clause."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from reminders.delivery import codes, waits
from reminders.delivery.house import breaker, limits
from reminders.delivery.models import Attempt, Delivery, Report
from reminders.delivery.news.advancing import News, advance, heard_of
from reminders.delivery.outcomes import Accepted, NotProcessed, Outcome, Refused, Unknown
from reminders.delivery.overwriting import overwrite
from reminders.delivery.sending.claiming import Job
from reminders.delivery.state import Finding, derive

Result = tuple[Job, Outcome]
Words = dict[UUID, set[tuple[str, int]]]
SPREAD = 5  # ways: what failed together does not come back together


@transaction.atomic
def record(results: Sequence[Result], now: datetime) -> None:
    """One transaction for the batch. Results of attempts that are already settled are kept, and change nothing."""
    outcomes = {job.attempt: outcome for job, outcome in results}
    attempts = list(Attempt.objects.select_for_update().filter(pk__in=outcomes).order_by("pk"))
    locked = Delivery.objects.select_for_update(no_key=True).order_by("pk")
    deliveries = locked.in_bulk([attempt.delivery_id for attempt in attempts])
    words = _words(attempts)
    before = {attempt.pk: heard_of(attempt, words[attempt.pk]) for attempt in attempts}
    for attempt in attempts:
        _finish(attempt, outcomes[attempt.pk], now)
    overwrite(attempts, ["finished_at", "outcome", "provider_id", "code", "detail"])
    reports = _reports(attempts, outcomes, now)
    Report.objects.bulk_create(reports, ignore_conflicts=True)
    for report in reports:
        words[report.attempt_ref].add((report.status, report.code))
    news: list[News] = []
    for attempt in attempts:
        delivery, outcome = deliveries[attempt.delivery_id], outcomes[attempt.pk]
        newest = attempt.number == delivery.attempt_count
        tried = delivery.temporary_failures
        was = derive([before[attempt.pk]], tried=tried)
        told = derive([heard_of(attempt, words[attempt.pk])], tried=tried)
        after = told if newest or told.finding == Finding.ARRIVED else was
        news.append(News(delivery, was, after, _wait(outcome, attempt), _failed(outcome, attempt)))
    advance(news, now=now)
    _tell_breakers(attempts, deliveries, now)
    _rest(attempts, deliveries, outcomes, now)


def _words(attempts: Iterable[Attempt]) -> Words:
    """What was reported before the answer came; mostly nothing."""
    words: Words = defaultdict(set)
    rows = Report.objects.filter(attempt__in=[attempt.pk for attempt in attempts])
    for pk, status, code in rows.values_list("attempt", "status", "code"):
        words[pk].add((status, code))
    return words


def _finish(attempt: Attempt, outcome: Outcome, now: datetime) -> None:
    """Where a callback was first the provider has it, whatever our own end of the line says."""
    if attempt.provider_id and not isinstance(outcome, Accepted):
        return
    attempt.finished_at = now
    match outcome:
        case Accepted(provider_id):
            attempt.outcome, attempt.code = "accepted", 0
            attempt.provider_id = attempt.provider_id or provider_id
        case Refused(code, detail):
            attempt.outcome, attempt.code, attempt.detail = "refused", code, detail[:200]
        case NotProcessed(reason, _, code):
            attempt.outcome, attempt.code, attempt.detail = "not_processed", code, reason[:200]
        case Unknown(reason):
            attempt.outcome, attempt.detail = "unknown", reason[:200]


def _wait(outcome: Outcome, attempt: Attempt) -> timedelta:
    """As told, or longer each time; after a refusal that is our own trouble the breaker decides."""
    if not isinstance(outcome, NotProcessed):
        return waits.FIRST_PROBE
    if outcome.retry_after:
        return min(timedelta(seconds=outcome.retry_after), waits.LONGEST_BACKOFF)
    wait: timedelta = min(waits.FIRST_BACKOFF * 2 ** min(attempt.number - 1, 5), waits.LONGEST_BACKOFF)
    return wait * (1 + attempt.delivery_id % SPREAD / 20)


def _failed(outcome: Outcome, attempt: Attempt) -> tuple[int, str] | None:
    if not isinstance(outcome, Refused):
        return None
    return outcome.code, codes.Where.MAIL if attempt.route == "smtp" else codes.Where.SEND


def _tell_breakers(attempts: list[Attempt], deliveries: dict[int, Delivery], now: datetime) -> None:
    calls: dict[str, list[breaker.Call]] = defaultdict(list)
    for attempt in attempts:
        if attempt.route != "outbox":
            delivery = deliveries[attempt.delivery_id]
            calls[delivery.channel].append(breaker.Call(delivery.site_id, attempt.outcome, attempt.started_at))
    for channel, ended in sorted(calls.items()):
        breaker.heard(channel, ended, now)


def _rest(
    attempts: list[Attempt], deliveries: dict[int, Delivery], outcomes: dict[UUID, Outcome], now: datetime
) -> None:
    """A provider that answers "not now" is asked more slowly by every process: 429 is about the sender, not a text."""
    pauses: dict[tuple[int, str], timedelta] = {}
    for attempt in attempts:
        outcome, delivery = outcomes[attempt.pk], deliveries[attempt.delivery_id]
        if attempt.route == "twilio" and isinstance(outcome, NotProcessed) and outcome.code:
            told = min(timedelta(seconds=outcome.retry_after or 0), waits.LONGEST_BACKOFF)
            sender = (delivery.site_id, delivery.channel)
            pauses[sender] = max(pauses.get(sender, waits.SLOW), told)
    for (site, channel), pause in sorted(pauses.items()):
        limits.slow_down(site, channel=channel, now=now, pause=pause)


def _reports(attempts: list[Attempt], outcomes: dict[UUID, Outcome], now: datetime) -> list[Report]:
    return [
        Report(
            attempt=attempt,
            attempt_ref=attempt.pk,
            source="answer",
            provider_id=attempt.provider_id,
            status=outcome.status if isinstance(outcome := outcomes[attempt.pk], Accepted) else attempt.outcome,
            code=attempt.code,
            received_at=now,
        )
        for attempt in attempts
    ]
