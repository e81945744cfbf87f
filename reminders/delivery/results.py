"""Write down what a channel answered, many at a time. A delivery only moves forward, by the UPDATE's WHERE clause."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from reminders.delivery import codes, waits
from reminders.delivery.claiming import Job
from reminders.delivery.evidence import blame_contact
from reminders.delivery.models import Attempt, Delivery, Report
from reminders.delivery.outcomes import Accepted, NotProcessed, Outcome, Refused, Unknown
from reminders.delivery.overwriting import overwrite
from reminders.delivery.settling import refresh
from reminders.delivery.state import FROM_PROVIDER, State, may_precede
from reminders.plan.reasons import Reason

Result = tuple[Job, Outcome]
OURS = {codes.Class.ACCOUNT, codes.Class.NOT_PROCESSED}  # never counted against the patient: it stays queued
OUR_TROUBLE = {codes.Action.PAUSE_ACCOUNT, codes.Action.PAUSE_SENDER, codes.Action.HOLD_SITE}
PAUSE = timedelta(minutes=5)  # before an account's or sender's trouble is tried again


@dataclass(frozen=True, slots=True)
class Move:
    """Where an outcome takes a delivery. `wait`: queued again, not before so much later."""

    state: State
    reason: Reason = Reason.NONE
    wait: timedelta = timedelta()


@transaction.atomic
def record(results: Sequence[Result], now: datetime) -> None:
    """One transaction for the batch. Results of attempts that are already settled are kept, and change nothing."""
    outcomes = {job.attempt: outcome for job, outcome in results}
    attempts = list(Attempt.objects.select_for_update().filter(pk__in=outcomes).order_by("pk"))
    locked = Delivery.objects.select_for_update(no_key=True).order_by("pk")
    deliveries = locked.in_bulk([attempt.delivery_id for attempt in attempts])
    moves: dict[Move, list[int]] = defaultdict(list)
    for attempt in attempts:
        outcome = outcomes[attempt.pk]
        if attempt.provider_id and not isinstance(outcome, Accepted):
            continue  # its callback was here first: the provider has it, whatever our own end of the line says
        _finish(attempt, outcome, now)
        if attempt.number == deliveries[attempt.delivery_id].attempt_count:
            moves[_move(outcome, attempt)].append(attempt.delivery_id)
    overwrite(attempts, ["finished_at", "outcome", "provider_id", "code", "detail"])
    Report.objects.bulk_create(_reports(attempts, outcomes, now), ignore_conflicts=True)
    for move, ids in moves.items():
        _apply(move, ids, now)
    for attempt in sorted(attempts, key=lambda attempt: deliveries[attempt.delivery_id].contact_id):
        if isinstance(outcome := outcomes[attempt.pk], Refused):
            blame_contact(attempt, codes.look_up(outcome.code, _where(attempt)), now=now)
    refresh(delivery.reminder_id for delivery in deliveries.values())


def _finish(attempt: Attempt, outcome: Outcome, now: datetime) -> None:
    attempt.finished_at = now
    match outcome:
        case Accepted(provider_id):
            attempt.outcome, attempt.provider_id = "accepted", provider_id
        case Refused(code, detail):
            attempt.outcome, attempt.code, attempt.detail = "refused", code, detail[:200]
        case NotProcessed(reason, _, code):
            attempt.outcome, attempt.code, attempt.detail = "not_processed", code, reason[:200]
        case Unknown(reason):
            attempt.outcome, attempt.detail = "unknown", reason[:200]


def _move(outcome: Outcome, attempt: Attempt) -> Move:
    match outcome:
        case Accepted(_, status):
            return Move(FROM_PROVIDER.get(status, State.ACCEPTED))
        case NotProcessed(_, retry_after, _):
            wait = (
                timedelta(seconds=retry_after) if retry_after else waits.FIRST_BACKOFF * 2 ** min(attempt.number - 1, 5)
            )
            return Move(State.QUEUED, Reason.TRY_AGAIN, min(wait, waits.LONGEST_BACKOFF))
        case Unknown():
            return Move(State.UNKNOWN, Reason.ANSWER_LOST)
        case Refused(code, _):
            return _refused(codes.look_up(code, _where(attempt)))


def _refused(code: codes.Code) -> Move:
    if code.cls in OURS or code.action in OUR_TROUBLE:
        return Move(State.QUEUED, Reason.TRY_AGAIN, PAUSE)
    if code.cls == codes.Class.AMBIGUOUS:
        return Move(State.UNKNOWN, Reason.ANSWER_LOST)
    if code.cls == codes.Class.OPTED_OUT:
        return Move(State.SUPPRESSED, Reason.NO_CONSENT)
    return Move(State.REJECTED, Reason.REFUSED)


def _where(attempt: Attempt) -> str:
    return codes.Where.MAIL if attempt.route == "smtp" else codes.Where.SEND


def _apply(move: Move, ids: list[int], now: datetime) -> None:
    if move.state == State.QUEUED:
        waiting = Delivery.objects.filter(pk__in=ids, state__in=[State.CLAIMED, State.UNKNOWN])
        waiting.update(state=State.QUEUED, reason=move.reason, not_before=now + move.wait)
        return
    before = may_precede(move.state) if move.state != State.SUPPRESSED else (State.CLAIMED, State.UNKNOWN)
    settled = None if move.state in (State.UNKNOWN, State.ACCEPTED) else now
    Delivery.objects.filter(pk__in=ids, state__in=before).update(
        state=move.state, reason=move.reason, settled_at=settled
    )


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
