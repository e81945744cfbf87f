"""Escalation of late alerts: marked, counted, and mailed to those responsible and to the managers.

The mail says only that something waits. Each is told again while nobody closes it, an emergency at widening distances.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction

from patients.models import Site
from patients.models.staff import Role
from reminders.delivery.monitoring.watchdogs import Watch, WatchdogWarning
from reminders.replies.alerts import raising, staffed_hours
from reminders.replies.alerts.notifications import StaffMail, mail, people
from reminders.replies.alerts.raising import Terms
from reminders.replies.alerts.staffed_hours import Hours
from reminders.replies.models import Alert
from reminders.replies.models.alert import Level

BATCH = 100
WIDEST = 16  # times an emergency's own minutes: every four hours with the defaults


def escalate(now: datetime) -> int:
    """Mail staff about late alerts. Returns how many. Safe to run twice or in parallel."""
    if not Alert.objects.late(now).exists():
        return 0
    told = _mark(now)
    for site in {alert.site for alert in told}:
        late = [alert for alert in told if alert.site_id == site.pk]
        mail(site, people(site, late, Role.MANAGER), _waits(site, late), now=now)
    return len(told)


def next_time(alert: Alert, terms: Terms, hours: Hours) -> datetime:
    """When it is told of for the first time, or again."""
    last = alert.escalated_at
    if last is None:
        return alert.answer_by
    if terms.minutes is None:
        return staffed_hours.end_of_next_day(last, hours)
    if terms.staffed_only:
        return staffed_hours.after(last, terms.minutes, hours)
    times: int = min(2 ** max(alert.escalations - 1, 0), WIDEST)
    return last + timedelta(minutes=terms.minutes * times)


def next_moment(now: datetime, until: datetime) -> datetime:
    """When the next open alert becomes late, at the latest `until`: for whoever plays time."""
    coming = Alert.objects.open().filter(answer_by__gt=now, answer_by__lt=until).order_by("answer_by")
    return coming.values_list("answer_by", flat=True).first() or until


def warnings(now: datetime, site: Site | None = None) -> list[WatchdogWarning]:
    """For `/health/`, the metrics and the page "System status": a late emergency calls the pager."""
    late = Alert.objects.late(now)
    late = late.for_site(site) if site else late
    worst = late.order_by("answer_by").first()
    if worst is None:
        return []
    urgent = late.filter(level=Level.E).exists()
    sentence = _sentence(late.count(), Watch(now, site).when(worst.answer_by))
    return [
        WatchdogWarning(
            "alerts", worst.answer_by, late.count(), sentence, urgent=urgent, site=site.pk if site else None
        )
    ]


def _sentence(number: int, since: str) -> str:
    said = "1 alert is past its" if number == 1 else f"{number} alerts are past their"
    return f"{said} answer-by time since {since}: open the board."


@transaction.atomic
def _mark(now: datetime) -> list[Alert]:
    late = Alert.objects.late(now).select_related("site", "surgery__patient", "contact__patient")
    rows = late.select_for_update(of=("self",), skip_locked=True).order_by("answer_by", "pk")
    rules = EscalationRules()
    due = [alert for alert in rows if next_time(alert, rules.terms(alert), rules.hours(alert)) <= now][:BATCH]
    for alert in due:
        alert.escalated_at, alert.escalations = now, alert.escalations + 1
        alert.save(update_fields=["escalated_at", "escalations"])
        raising.tell("alert waits too long", alert, by=None, now=now, times=str(alert.escalations))
    return due


class EscalationRules:
    """Each site's own, read once in a round: there may be many alerts of few sites."""

    def __init__(self) -> None:
        self._terms: dict[tuple[int, str], Terms] = {}
        self._hours: dict[int, Hours] = {}

    def terms(self, alert: Alert) -> Terms:
        """Who is responsible for the alert and how long they have."""
        key = (alert.site_id, alert.level)
        if key not in self._terms:
            self._terms[key] = raising.terms(alert.site, alert.level)
        return self._terms[key]

    def hours(self, alert: Alert) -> Hours:
        """The staffed hours of the alert's site."""
        if alert.site_id not in self._hours:
            self._hours[alert.site_id] = raising.hours(alert.site)
        return self._hours[alert.site_id]


def _waits(site: Site, alerts: Iterable[Alert]) -> StaffMail:
    """One mail for all that are late at a site; the key tells this time from the next."""
    key = "-".join(f"{alert.pk}.{alert.escalations}" for alert in alerts)
    return StaffMail(
        subject=f"{' '.join(site.name.split())}: an alert is overdue",
        body=f"An alert has not been answered in time.\n\nOpen the board: {settings.PUBLIC_URL}/staff/board/",
        key=f"alerts-wait-{sha256(key.encode()).hexdigest()[:16]}",
    )
