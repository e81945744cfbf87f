"""A provider's status report moves a delivery's state forward; late, doubled and unordered ones change nothing."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from reminders.delivery import alarms, codes
from reminders.delivery.models import Attempt, Delivery, Report
from reminders.delivery.receipts.apply import StateChange, advance, heard_of
from reminders.delivery.state import FAILED_WORDS, OPEN, AttemptEvidence, DeliveryStanding, Finding, derive

KEY = ("attempt_ref", "source", "provider_id", "status")
SPENT = 99  # tries: a failure that may pass is compared by where it would have ended


class ForeignReport(Exception):
    """The report's message id belongs to another attempt: forged or mixed up. Nothing was changed."""


def receive(
    attempt_ref: UUID, *, provider_id: str, status: str, code: int, now: datetime, source: str = "callback"
) -> bool:
    """Keep the report and act on it once. False: seen before, or of an attempt nobody knows (kept as an orphan).

    `source`: callback, lookup (found in the provider's list) or poll (asked about its number).
    """
    report = _report(attempt_ref, provider_id, status, code, source, now)
    try:
        return _received(report, now)
    except IntegrityError:  # the same one was kept at this very moment, by another process
        return _received(report, now)
    except ForeignReport:
        alarms.sound("security", subject="foreign report", detail=f"source: {source}", now=now)
        raise


def keep(attempt_ref: UUID, *, provider_id: str, status: str, code: int, now: datetime) -> None:
    """Only store a callback, in one statement: the next sweep acts on it (`adopting`). Idempotent."""
    report = _report(attempt_ref, provider_id, status, code, "callback", now)
    Report.objects.bulk_create([report], ignore_conflicts=True)


def _report(attempt_ref: UUID, provider_id: str, status: str, code: int, source: str, now: datetime) -> Report:
    return Report(
        attempt_ref=attempt_ref,
        source=source,
        provider_id=provider_id,
        status=status,
        code=code if status in FAILED_WORDS else 0,
        received_at=now,
    )


@transaction.atomic
def _received(report: Report, now: datetime) -> bool:
    attempt = _attempt(report)
    report.attempt = attempt
    if attempt is None:
        _keep_orphan(report)
        return False
    known = list(Report.objects.filter(attempt__delivery=attempt.delivery_id))
    if any(_same(report, earlier) for earlier in known):
        return False
    if not _of_the_same(report).filter(attempt=None).update(attempt=attempt):  # kept, and not acted on yet
        report.save()
    _act(attempt, report, known, now)
    return True


def _attempt(report: Report) -> Attempt | None:
    """With its delivery, both locked. Refuses a number that another attempt has, or that is not this attempt's own."""
    rows = Attempt.objects.select_for_update(of=("self", "delivery"), no_key=True)
    attempt = rows.select_related("delivery").filter(pk=report.attempt_ref).first()
    mine = attempt.provider_id if attempt else ""
    others = Attempt.objects.filter(provider_id=report.provider_id).exclude(Q(pk=report.attempt_ref) | Q(route="smtp"))
    if (mine and mine != report.provider_id) or (report.provider_id and not mine and others.exists()):
        raise ForeignReport
    return attempt


def _keep_orphan(report: Report) -> None:
    Report.objects.get_or_create(
        attempt_ref=report.attempt_ref,
        source=report.source,
        provider_id=report.provider_id,
        status=report.status,
        defaults={"code": report.code, "received_at": report.received_at},
    )


def _same(one: Report, other: Report) -> bool:
    return all(getattr(one, key) == getattr(other, key) for key in KEY)


def _of_the_same(report: Report) -> QuerySet[Report]:
    return Report.objects.filter(**{key: getattr(report, key) for key in KEY})


def _act(attempt: Attempt, report: Report, known: list[Report], now: datetime) -> None:
    delivery = attempt.delivery
    others = list(delivery.attempts.exclude(pk=attempt.pk))
    before = derive(heard([*others, attempt], known), tried=delivery.temporary_failures)
    attach(attempt, report.provider_id, now)
    after = derive(heard([*others, attempt], [*known, report]), tried=delivery.temporary_failures)
    if is_against(report, attempt, delivery, after):
        count_against(report, delivery, now=now)
    advance([StateChange(delivery.pk, delivery.useful_until, before, after, failed=failed(attempt, report))], now=now)


def heard(attempts: list[Attempt], reports: list[Report]) -> list[AttemptEvidence]:
    """The evidence of each attempt with its reports."""
    words: dict[UUID, list[tuple[str, int]]] = defaultdict(list)
    for report in reports:
        words[report.attempt_ref].append((report.status, report.code))
    return [heard_of(attempt, words[attempt.pk]) for attempt in attempts]


def failed(attempt: Attempt, report: Report) -> tuple[int, str] | None:
    """The failure's code and which table explains it; None if the report is no failure."""
    if report.status not in FAILED_WORDS:
        return None
    return report.code, codes.Where.MAIL if attempt.route == "smtp" else codes.Where.CALLBACK


def attach(attempt: Attempt, provider_id: str, now: datetime) -> None:
    """The first callback may come before the answer, or instead of it."""
    if provider_id and not attempt.provider_id:
        attempt.provider_id, attempt.outcome, attempt.code = provider_id, "accepted", 0
        attempt.finished_at = attempt.finished_at or now
        attempt.save(update_fields=["provider_id", "outcome", "code", "finished_at"])


def is_against(report: Report, attempt: Attempt, delivery: Delivery, after: DeliveryStanding) -> bool:
    """Whether it reports a failure of a message that ended otherwise (T19).

    `after`: where all evidence puts it, for a delivery that was still open when the report came.
    """
    ended, code = (delivery.state, delivery.code) if delivery.state not in OPEN else (after.state, after.code)
    told = derive([heard_of(attempt, [(report.status, report.code)])], tried=SPENT)
    if ended in OPEN or not Finding.FOR_NOW <= told.finding < Finding.ARRIVED:
        return False  # late, weaker or uncertain reports never contradict; a delivery receipt always wins (T11)
    return told.state != ended or (0 not in (told.code, code) and told.code != code)


def count_against(report: Report, delivery: Delivery, *, now: datetime) -> None:
    """For the figures, and for whoever should ask the provider why it says both. It moves nothing."""
    same = {"attempt_ref": report.attempt_ref, "source": report.source, "provider_id": report.provider_id}
    Report.objects.filter(**same, status=report.status).update(is_against=True)
    detail = f"Code {report.code}." if report.code else ""
    alarms.sound(
        "late_report", subject=f"{report.code or report.status}", detail=detail, site=delivery.site_id, now=now
    )
