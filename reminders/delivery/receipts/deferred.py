"""Matches reports that were only stored (in a flood, or too early) to their attempts, and acts on them.

A busy web process stores a callback and answers (`receipts.keep`); the next sweep does the rest here. No report is too
old for that: a scheduler that was away for an hour must not cost the evidence of that hour.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from reminders.delivery import alarms, waits
from reminders.delivery.models import Alarm, Attempt, Delivery, Report
from reminders.delivery.receipts.apply import StateChange, advance
from reminders.delivery.receipts.callbacks import attach, count_against, failed, heard, is_against
from reminders.delivery.state import derive

AT_ONCE = 250
ROUNDS = 40  # of one sweep: 10,000 reports; the rest waits for the next
FOREIGN = "foreign"  # the source of one whose number belongs to another attempt: kept, and looked at no more


def adopt(now: datetime) -> int:
    """Match stored reports to attempts. Returns how many matched; those unmatched for too long raise an alarm."""
    adopted = 0
    for _ in range(ROUNDS):
        looked_at, found = _some(now)
        adopted += found
        if looked_at < AT_ONCE:
            break
    _sound_for_orphans(now)
    return adopted


@transaction.atomic
def _some(now: datetime) -> tuple[int, int]:
    """Locks as `results.record` does: attempts, then deliveries, both by their keys."""
    theirs = Attempt.objects.filter(pk=OuterRef("attempt_ref"))
    kept = Report.objects.filter(Exists(theirs), attempt=None).exclude(source=FOREIGN).order_by("pk")
    reports = list(kept.select_for_update(no_key=True, skip_locked=True, of=("self",))[:AT_ONCE])
    if not reports:
        return 0, 0
    named = {report.attempt_ref for report in reports}
    attempts = Attempt.objects.select_for_update(no_key=True).order_by("pk").in_bulk(named)
    locked = Delivery.objects.select_for_update(no_key=True).order_by("pk")
    deliveries = locked.in_bulk({attempt.delivery_id for attempt in attempts.values()})
    good, foreign = _sorted(reports, attempts)
    news = _news(good, attempts, deliveries, now)
    Report.objects.filter(pk__in=[report.pk for report in good]).update(attempt=F("attempt_ref"))
    _set_aside(foreign, now)
    advance(news, now=now)
    return len(reports), len(good)


def _sorted(reports: list[Report], attempts: dict[UUID, Attempt]) -> tuple[list[Report], list[Report]]:
    """Those that name their own attempt's number, or the first number it hears of; and those that do not."""
    numbers = {report.provider_id for report in reports} - {""}
    known = Attempt.objects.filter(provider_id__in=numbers).exclude(route="smtp").values_list("provider_id", "pk")
    owner = dict(known)
    mine = {pk: attempt.provider_id for pk, attempt in attempts.items()}
    good: list[Report] = []
    foreign: list[Report] = []
    for report in reports:
        ref, number = report.attempt_ref, report.provider_id
        if mine[ref] != number if mine[ref] else owner.get(number, ref) != ref:
            foreign.append(report)
            continue
        good.append(report)
        if number and not mine[ref]:
            mine[ref] = number
            owner[number] = ref
    return good, foreign


def _news(
    reports: list[Report], attempts: dict[UUID, Attempt], deliveries: dict[int, Delivery], now: datetime
) -> Iterable[StateChange]:
    """One for each delivery, however many reports it got, and one more for each further failure."""
    groups: dict[int, list[Report]] = defaultdict(list)
    for report in reports:
        groups[attempts[report.attempt_ref].delivery_id].append(report)
    all_attempts, earlier = _families(groups, attempts)
    news: list[StateChange] = []
    for pk, new in groups.items():
        delivery, known = deliveries[pk], earlier[pk]
        before = derive(heard(all_attempts[pk], known), tried=delivery.temporary_failures)
        for report in new:
            attach(attempts[report.attempt_ref], report.provider_id, now)
        after = derive(heard(all_attempts[pk], [*known, *new]), tried=delivery.temporary_failures)
        news.append(StateChange(pk, delivery.useful_until, before, after))
        for report in new:
            if is_against(report, attempts[report.attempt_ref], delivery, after):
                count_against(report, delivery, now=now)
        failures = [code for report in new if (code := failed(attempts[report.attempt_ref], report))]
        news += [StateChange(pk, delivery.useful_until, after, after, failed=code) for code in failures]
    return news


def _families(
    deliveries: Iterable[int], locked: dict[UUID, Attempt]
) -> tuple[dict[int, list[Attempt]], dict[int, list[Report]]]:
    """All attempts of these deliveries, the locked ones as they are in hand; and the reports that have acted before."""
    attempts: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in Attempt.objects.filter(delivery__in=list(deliveries)):
        attempts[attempt.delivery_id].append(locked.get(attempt.pk, attempt))
    reports: dict[int, list[Report]] = defaultdict(list)
    for report in Report.objects.filter(attempt__delivery__in=list(deliveries)).select_related("attempt"):
        assert report.attempt is not None  # noqa: S101  by the filter
        reports[report.attempt.delivery_id].append(report)
    return attempts, reports


def _set_aside(foreign: list[Report], now: datetime) -> None:
    for report in foreign:
        alarms.sound("security", subject="foreign report", detail=f"source: {report.source}", now=now)
        same = {"attempt_ref": report.attempt_ref, "provider_id": report.provider_id, "status": report.status}
        if Report.objects.filter(**same, source=FOREIGN).exists():
            report.delete()
        else:
            Report.objects.filter(pk=report.pk).update(source=FOREIGN)


def _sound_for_orphans(now: datetime) -> None:
    """Once for each: those that became too old since the alarm was last heard."""
    last = Alarm.objects.filter(kind="orphan_report").order_by("-last_at").values_list("last_at", flat=True).first()
    too_old = Report.objects.filter(attempt=None, received_at__lte=now - waits.ORPHAN_PATIENCE).exclude(source=FOREIGN)
    if last is not None:
        too_old = too_old.filter(received_at__gt=last - waits.ORPHAN_PATIENCE)
    if number := too_old.count():
        alarms.sound("orphan_report", detail=f"{number} reports name no message of ours", now=now)
