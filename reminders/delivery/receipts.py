"""A provider's status report moves a delivery's state forward; late, doubled and unordered ones change nothing."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from reminders.delivery import alarms, codes, waits
from reminders.delivery.advancing import News, advance, heard_of
from reminders.delivery.models import Alarm, Attempt, Report
from reminders.delivery.state import FAILED_WORDS, Heard, derive

ORPHANS = 500  # looked at in one round


class ForeignReport(Exception):
    """The report's message id belongs to another attempt: forged or mixed up. Nothing was changed."""


def receive(
    attempt_ref: UUID, *, provider_id: str, status: str, code: int, now: datetime, source: str = "callback"
) -> bool:
    """Keep the report and act on it once. False: seen before, or of an attempt nobody knows (kept as an orphan).

    `source`: callback, lookup (found in the provider's list) or poll (asked about its number).
    """
    try:
        with transaction.atomic():
            return _receive(
                Report(
                    attempt_ref=attempt_ref,
                    source=source,
                    provider_id=provider_id,
                    status=status,
                    code=code if status in FAILED_WORDS else 0,
                    received_at=now,
                ),
                now,
            )
    except ForeignReport:
        alarms.sound("security", subject="foreign report", detail=f"source: {source}", now=now)
        raise


def _receive(report: Report, now: datetime) -> bool:
    attempt = _attempt(report)
    report.attempt = attempt
    if attempt is None:
        _keep_orphan(report)
        return False
    known = list(Report.objects.filter(attempt__delivery=attempt.delivery_id))
    if any(_same(report, earlier) for earlier in known):
        return False
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
    keys = ("attempt_ref", "source", "provider_id", "status")
    return all(getattr(one, key) == getattr(other, key) for key in keys)


def _act(attempt: Attempt, report: Report, known: list[Report], now: datetime) -> None:
    delivery = attempt.delivery
    others = list(delivery.attempts.exclude(pk=attempt.pk))
    before = derive(_heard([*others, attempt], known), tried=delivery.temporary_failures)
    _attach(attempt, report.provider_id, now)
    after = derive(_heard([*others, attempt], [*known, report]), tried=delivery.temporary_failures)
    advance([News(delivery, before, after, failed=_failed(attempt, report))], now=now)


def _heard(attempts: list[Attempt], reports: list[Report]) -> list[Heard]:
    words: dict[UUID, list[tuple[str, int]]] = defaultdict(list)
    for report in reports:
        words[report.attempt_ref].append((report.status, report.code))
    return [heard_of(attempt, words[attempt.pk]) for attempt in attempts]


def _failed(attempt: Attempt, report: Report) -> tuple[int, str] | None:
    if report.status not in FAILED_WORDS:
        return None
    return report.code, codes.Where.MAIL if attempt.route == "smtp" else codes.Where.CALLBACK


def _attach(attempt: Attempt, provider_id: str, now: datetime) -> None:
    """The first callback may come before the answer, or instead of it."""
    if provider_id and not attempt.provider_id:
        attempt.provider_id, attempt.outcome, attempt.code = provider_id, "accepted", 0
        attempt.finished_at = attempt.finished_at or now
        attempt.save(update_fields=["provider_id", "outcome", "code", "finished_at"])


def adopt_orphans(now: datetime) -> int:
    """Reports that were here before we could see their attempt find it now. What finds none in time is for a person."""
    orphans = Report.objects.filter(attempt=None)
    young = orphans.filter(received_at__gt=now - waits.ORPHAN_PATIENCE).order_by("pk")
    found = Attempt.objects.filter(pk__in=young.values("attempt_ref")).values("pk")
    adopted = sum(_adopt(pk, now) for pk in young.filter(attempt_ref__in=found).values_list("pk", flat=True)[:ORPHANS])
    _sound_for_orphans(now)
    return adopted


@transaction.atomic
def _adopt(pk: int, now: datetime) -> bool:
    report = Report.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=pk, attempt=None).first()
    if report is None:
        return False
    try:
        attempt = _attempt(report)
    except ForeignReport:
        alarms.sound("security", subject="foreign report", detail="an orphan", now=now)
        return False
    if attempt is None:
        return False
    known = list(Report.objects.filter(attempt__delivery=attempt.delivery_id))
    report.attempt = attempt
    report.save(update_fields=["attempt"])
    _act(attempt, report, known, now)
    return True


def _sound_for_orphans(now: datetime) -> None:
    """Once for each: those that became too old since the alarm was last heard."""
    last = Alarm.objects.filter(kind="orphan_report").order_by("-last_at").values_list("last_at", flat=True).first()
    too_old = Report.objects.filter(attempt=None, received_at__lte=now - waits.ORPHAN_PATIENCE)
    if last is not None:
        too_old = too_old.filter(received_at__gt=last - waits.ORPHAN_PATIENCE)
    if number := too_old.count():
        alarms.sound("orphan_report", detail=f"{number} reports name no message of ours", now=now)
