"""An alert whose moment has passed: marked, counted, and mailed to those who should have looked, and to the managers.

The mail says only that something waits. Each is told again while nobody closes it, an emergency at widening distances.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Q, QuerySet

from patients.models import Site, StaffMember
from patients.models.staff import Role
from reminders.delivery.house import alarms
from reminders.delivery.house.watchdogs import Warning
from reminders.delivery.models import Sender
from reminders.replies import alerting, staffed
from reminders.replies.alerting import Terms
from reminders.replies.models import Alert
from reminders.replies.models.alert import Level
from reminders.replies.staffed import Hours

BATCH = 100
WIDEST = 16  # times an emergency's own minutes: every four hours with the defaults
UNHEARD, UNSENT = "alert_unheard", "alert_mail"


def escalate(now: datetime) -> int:
    """How many were told of. Safe to run twice or anywhere: who marks an alert is the one who mails."""
    told = _mark(now)
    for site in {alert.site for alert in told}:
        _mail(site, [alert for alert in told if alert.site_id == site.pk], now)
    return len(told)


def next_time(alert: Alert, terms: Terms, hours: Hours) -> datetime:
    """When it is told of for the first time, or again."""
    last = alert.escalated_at
    if last is None:
        return alert.answer_by
    if terms.minutes is None:
        return staffed.end_of_next_day(last, hours)
    if terms.staffed_only:
        return staffed.after(last, terms.minutes, hours)
    times: int = min(2 ** max(alert.escalations - 1, 0), WIDEST)
    return last + timedelta(minutes=terms.minutes * times)


def warnings(now: datetime, site: Site | None = None) -> list[Warning]:
    """For `/health/` and the metrics: a late emergency calls the pager. Staff see it on the board itself."""
    late = Alert.objects.late(now)
    late = late.for_site(site) if site else late
    number, worst = late.count(), late.order_by("answer_by").first()
    if worst is None:
        return []
    said = "1 alert has" if number == 1 else f"{number} alerts have"
    urgent = late.filter(level=Level.E).exists()
    sentence = f"{said} passed the moment by which somebody had to answer: open the board."
    return [Warning("alerts", worst.answer_by, number, sentence, urgent=urgent, site=site.pk if site else None)]


@transaction.atomic
def _mark(now: datetime) -> list[Alert]:
    late = Alert.objects.late(now).select_related("site", "surgery__patient", "contact__patient")
    rows = late.select_for_update(of=("self",), skip_locked=True).order_by("answer_by", "pk")
    due = [alert for alert in rows if _is_due(alert, now)][:BATCH]
    for alert in due:
        alert.escalated_at, alert.escalations = now, alert.escalations + 1
        alert.save(update_fields=["escalated_at", "escalations"])
        alerting.tell("alert waits too long", alert, by=None, now=now, times=str(alert.escalations))
    return due


def _is_due(alert: Alert, now: datetime) -> bool:
    return next_time(alert, alerting.terms(alert.site, alert.level), alerting.hours(alert.site)) <= now


def people(site: Site, alerts: Iterable[Alert]) -> QuerySet[StaffMember]:
    """Whose these are, by role or in person, and the managers: those with an address, each once."""
    alerts = list(alerts)
    roles = {alert.owner_role for alert in alerts} | {Role.MANAGER}
    here = StaffMember.objects.filter(is_active=True, memberships__site=site).exclude(email="")
    owners = [alert.owner_id for alert in alerts if alert.owner_id]
    return here.filter(Q(memberships__site=site, memberships__role__in=roles) | Q(pk__in=owners)).distinct()


def _mail(site: Site, alerts: list[Alert], now: datetime) -> None:
    """Nothing about a patient in it; and nothing leaves a house whose messages stay in the outbox."""
    if settings.MESSAGES != "live":
        return
    addresses = list(people(site, alerts).values_list("email", flat=True))
    if not addresses:
        return alarms.sound(UNHEARD, now=now, site=site)
    try:
        with get_connection() as connection:
            connection.send_messages([_words(site, address) for address in addresses])
    except Exception as error:  # whatever a mail service raises: the alert stays marked and is told of again
        return alarms.sound(UNSENT, now=now, site=site, detail=type(error).__name__)
    alarms.clear(UNSENT, now=now, site=site)
    alarms.clear(UNHEARD, now=now, site=site)


def _words(site: Site, address: str) -> EmailMessage:
    body = (
        "An alert waits longer than it should.\n\n"
        f"Open the board: {settings.PUBLIC_URL}/staff/board/\n\n"
        "This mail says nothing about anybody on purpose. Do not answer it."
    )
    sender = Sender.objects.filter(site=site, channel="email").values_list("address", flat=True).first()
    subject = f"{' '.join(site.name.split())}: an alert waits"
    return EmailMessage(subject, body, sender or settings.DEFAULT_FROM_EMAIL, [address])
