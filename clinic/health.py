"""Health checks for machines: is the service working? No names and no texts; of late alerts how many, since when.

Two addresses, for two kinds of machine. A load balancer and a container's health check ask `/health/web/`: whether
this process can serve a page. A pager asks `/health/`: whether somebody has to get up. A stopped scheduler is for the
pager; taking the web servers away for it would only cost the patients' pages and the provider's callbacks as well.
"""

from datetime import datetime
from typing import Any

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clinic import broker, zone_data
from patients import clock, time_zones
from patients.models import Site
from reminders.delivery import heartbeats
from reminders.delivery.monitoring import backlog, watchdogs
from reminders.delivery.monitoring.watchdogs import WatchdogWarning
from reminders.replies.alerts import escalation, unread

ALWAYS = [  # named in every answer, so that a dashboard has no gaps; any other kind appears while it is in trouble
    "sweep", "timer", "seek", "hear", "send", "mail", "due", "rate", "breaker", "freeze", "unknown", "undecided",
    "callbacks", "orphans", "alerts", "unread", "inbound_missed", "clocks", "quarantine", "publish",
    "redis_away", "redis_policy", "redis_memory", "tzdata",
]  # fmt: skip


@never_cache
@require_safe
def web(_request: HttpRequest) -> JsonResponse:
    """200 while this process reaches its database, else 503."""
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"database": False}, status=503)
    return JsonResponse({"database": True})


@never_cache
@require_safe
def health(_request: HttpRequest) -> JsonResponse:
    """503 when somebody must act now; 200 also while a warning can wait until office hours."""
    try:
        found, ages = found_at(clock.now()), ages_at(clock.now())
    except Error:
        return JsonResponse({"database": False, "urgent": ["database"]}, status=503)
    urgent = sorted({warning.kind for warning in found if warning.urgent})
    late = [warning.sentence for warning in found if warning.kind == "alerts"]
    body = {"database": True, "urgent": urgent, "alerts": late, "watchdogs": _by_name(found, ages, clock.now())}
    body["tzdata"] = time_zones.release()
    return JsonResponse(body, status=503 if urgent else 200)


def found_at(now: datetime) -> list[WatchdogWarning]:
    return found_in(None, now) + broker.warnings() + zone_data.warnings()


def found_in(site: Site | None, now: datetime) -> list[WatchdogWarning]:
    """The warnings of one site, with those that concern all sites, or of every site; the broker's belong to none."""
    return watchdogs.warnings(now, site) + escalation.warnings(now, site) + unread.warnings(now, site)


def ages_at(now: datetime) -> dict[str, float | None]:
    """In seconds: since each part's last round, and how long the oldest due message waits. None: never, or nothing."""
    beats = heartbeats.last()
    names = [heartbeats.SWEEP, heartbeats.TIMER, heartbeats.SEEK, heartbeats.HEAR, *heartbeats.SENDERS.values()]
    return {name: seconds(now, beats.get(name)) for name in names} | {"due": seconds(now, backlog.oldest_due(now))}


def seconds(now: datetime, since: datetime | None) -> float | None:
    return max(0.0, round((now - since).total_seconds(), 1)) if since else None


def _by_name(found: list[WatchdogWarning], ages: dict[str, float | None], now: datetime) -> dict[str, dict[str, Any]]:
    """`age`: how long the trouble lasts; of the parts that are watched by their age, always that age."""
    names = dict.fromkeys([*ALWAYS, *(warning.kind for warning in found)])
    since: dict[str, datetime | None] = {warning.kind: warning.since for warning in reversed(found)}
    return {name: {"ok": name not in since, "age": ages.get(name, seconds(now, since.get(name)))} for name in names}
