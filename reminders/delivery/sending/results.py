"""Record what channels answered, many at a time. A delivery only moves forward, by the UPDATE's WHERE clause."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.db import transaction

from reminders import bulk
from reminders.bulk import Among
from reminders.delivery import codes, waits
from reminders.delivery.models import Attempt, Delivery, Report
from reminders.delivery.outcomes import Accepted, NotProcessed, Outcome, Refused, Unknown
from reminders.delivery.receipts.apply import StateChange, advance
from reminders.delivery.safeguards import breaker, rate_limit
from reminders.delivery.sending.claiming import SendJob
from reminders.delivery.state import AttemptEvidence, DeliveryStanding, Finding, derive

Result = tuple[SendJob, Outcome]
Words = dict[UUID, set[tuple[str, int]]]
SPREAD = 5  # ways: what failed together does not come back together


@dataclass(slots=True)
class AnsweredCall:
    """One attempt, locked, and what its answer makes of it. From `site` on: of its delivery, locked as well.

    `tried`: how often a temporary failure was tried again; `newest`: the number of its last attempt.
    """

    pk: UUID
    delivery: int
    number: int
    route: str
    began: datetime
    outcome: str
    provider_id: str
    code: int
    detail: str
    site: int
    channel: str
    useful_until: datetime
    tried: int
    newest: int

    def standing(self, words: Iterable[tuple[str, int]]) -> DeliveryStanding:
        """The state by this answer and the reports `words`."""
        heard = AttemptEvidence(self.number, self.outcome, self.code, frozenset(words), by_mail=self.route == "smtp")
        return _derived(heard, self.tried)


@transaction.atomic
def record(results: Sequence[Result], now: datetime) -> None:
    """One transaction for the batch. Results of attempts that are already settled are kept, and change nothing."""
    outcomes = {job.attempt: outcome for job, outcome in results}
    calls = _locked(outcomes)
    words = _words(calls)
    before = {call.pk: call.standing(words[call.pk]) for call in calls}
    finished = [call for call in calls if _finish(call, outcomes[call.pk])]
    answers = [(call.pk, call.outcome, call.provider_id, call.code, call.detail) for call in finished]
    bulk.update(Attempt, ("id", "outcome", "provider_id", "code", "detail"), answers, where={}, finished_at=now)
    _report(calls, outcomes, words, now)
    news: list[StateChange] = []
    for call in calls:
        outcome, was, told = outcomes[call.pk], before[call.pk], call.standing(words[call.pk])
        after = told if call.number == call.newest or told.finding == Finding.ARRIVED else was
        news.append(
            StateChange(
                call.delivery, call.useful_until, was, after, _wait(outcome, call), failed=_failed(outcome, call)
            )
        )
    advance(news, now=now)
    _tell_breakers(calls, now)
    _rest(calls, outcomes, now)


def _locked(attempts: Iterable[UUID]) -> list[AnsweredCall]:
    """Attempts, then their deliveries, both by their keys."""
    locked = Attempt.objects.select_for_update().filter(Among("pk", attempts)).order_by("pk")
    columns = ("pk", "delivery", "number", "route", "started_at", "outcome", "provider_id", "code", "detail")
    found = list(locked.values_list(*columns))
    theirs = Delivery.objects.select_for_update(no_key=True).filter(Among("pk", {row[1] for row in found}))
    facts = ("site", "channel", "useful_until", "temporary_failures", "attempt_count")
    known = {pk: rest for pk, *rest in theirs.order_by("pk").values_list("pk", *facts)}
    return [AnsweredCall(*row, *known[row[1]]) for row in found]


@lru_cache(maxsize=1024)
def _derived(heard: AttemptEvidence, tried: int) -> DeliveryStanding:
    """Most answers of a batch are the same."""
    return derive([heard], tried=tried)


def _words(calls: Iterable[AnsweredCall]) -> Words:
    """What was reported before the answer came; mostly nothing."""
    words: Words = defaultdict(set)
    found = Report.objects.filter(Among("attempt", [call.pk for call in calls]))
    for pk, status, code in found.values_list("attempt", "status", "code"):
        words[pk].add((status, code))
    return words


def _finish(call: AnsweredCall, outcome: Outcome) -> bool:
    """Where a callback was first the provider has it, whatever our own end of the line says."""
    if call.provider_id and not isinstance(outcome, Accepted):
        return False
    match outcome:
        case Accepted(provider_id):
            call.outcome, call.code = "accepted", 0
            call.provider_id = call.provider_id or provider_id
        case Refused(code, detail):
            call.outcome, call.code, call.detail = "refused", code, detail[:200]
        case NotProcessed(reason, _, code):
            call.outcome, call.code, call.detail = "not_processed", code, reason[:200]
        case Unknown(reason):
            call.outcome, call.detail = "unknown", reason[:200]
    return True


def _report(calls: Iterable[AnsweredCall], outcomes: dict[UUID, Outcome], words: Words, now: datetime) -> None:
    """Keep the answers as evidence, beside what was reported already."""
    reports: list[tuple[UUID, UUID, str, str, int]] = []
    for call in calls:
        outcome = outcomes[call.pk]
        status = outcome.status if isinstance(outcome, Accepted) else call.outcome
        reports.append((call.pk, call.pk, call.provider_id, status, call.code))
        words[call.pk].add((status, call.code))
    columns = ("attempt_id", "attempt_ref", "provider_id", "status", "code")
    bulk.insert(Report, columns, reports, once=True, source="answer", received_at=now)


def _wait(outcome: Outcome, call: AnsweredCall) -> timedelta:
    """As told, or longer each time; after a refusal that is our own trouble the breaker decides."""
    if not isinstance(outcome, NotProcessed):
        return waits.FIRST_PROBE
    if outcome.retry_after:
        return min(timedelta(seconds=outcome.retry_after), waits.LONGEST_BACKOFF)
    wait: timedelta = min(waits.FIRST_BACKOFF * 2 ** min(call.number - 1, 5), waits.LONGEST_BACKOFF)
    return wait * (1 + call.delivery % SPREAD / 20)


def _failed(outcome: Outcome, call: AnsweredCall) -> tuple[int, str] | None:
    if not isinstance(outcome, Refused):
        return None
    return outcome.code, codes.Where.MAIL if call.route == "smtp" else codes.Where.SEND


def _tell_breakers(calls: Iterable[AnsweredCall], now: datetime) -> None:
    ended: dict[str, list[breaker.CallOutcome]] = defaultdict(list)
    for call in calls:
        if call.route != "outbox":
            ended[call.channel].append(breaker.CallOutcome(call.site, call.outcome, call.began))
    for channel, theirs in sorted(ended.items()):
        breaker.heard(channel, theirs, now)


def _rest(calls: Iterable[AnsweredCall], outcomes: dict[UUID, Outcome], now: datetime) -> None:
    """A provider that answers "not now" is asked more slowly by every process: 429 is about the sender, not a text."""
    pauses: dict[tuple[int, str], timedelta] = {}
    for call in calls:
        outcome = outcomes[call.pk]
        if call.route == "twilio" and isinstance(outcome, NotProcessed) and outcome.code:
            told = min(timedelta(seconds=outcome.retry_after or 0), waits.LONGEST_BACKOFF)
            pauses[call.site, call.channel] = max(pauses.get((call.site, call.channel), waits.SLOW), told)
    for (site, channel), pause in sorted(pauses.items()):
        rate_limit.slow_down(site, channel=channel, now=now, pause=pause)
