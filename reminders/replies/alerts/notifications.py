"""Staff are told of an alert by e-mail: when it is raised, and when it becomes an emergency. escalating.py tells of it
again when its moment has passed. A mail names the site, a class and where to look, and nothing about anybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import Q, QuerySet

from patients.models import Site, StaffMember
from patients.models.staff import Role
from reminders.delivery import alarms
from reminders.delivery.models import Sender
from reminders.replies.models import Alert
from reminders.replies.models.alert import Level

LEASE = timedelta(minutes=3)  # so long has whoever mails one; then somebody tries again
AT_ONCE = 100
UNHEARD, UNSENT = "alert_unheard", "alert_mail"
CLASSES = {Level.E: "class E: an emergency", Level.D: "class D: a call today"}


@dataclass(frozen=True, slots=True)
class StaffMail:
    """`key`: the same for the same news, so that a mail which went twice is known by its Message-ID."""

    subject: str
    body: str
    key: str


def tell(now: datetime) -> int:
    """Mail what is new, emergencies first; how many alerts that were. Safe to run twice or anywhere.

    At least once: a mail of which nobody knows whether it left goes again after the lease. The first one that the
    server refuses ends the round: no queue of time-outs holds the sweep.
    """
    told = 0
    for alert in list(_waiting(now).select_related("site").order_by("-level", "tell_at", "pk")[:AT_ONCE]):
        if not _claim(alert, now):
            continue
        if not mail(alert.site, whose(alert), _news(alert), now=now):
            break
        _done(alert, now)
        told += 1
    return told


def whose(alert: Alert) -> QuerySet[StaffMember]:
    """Its role and its owner; the managers where none of these has an address."""
    first = people(alert.site, [alert])
    return first if first.exists() else people(alert.site, [], Role.MANAGER)


def people(site: Site, alerts: Iterable[Alert], *more: str) -> QuerySet[StaffMember]:
    """The staff responsible for these alerts, by role or in person, and `more` roles: those with an address."""
    alerts = list(alerts)
    roles = {*more, *(alert.owner_role for alert in alerts)}
    here = StaffMember.objects.filter(is_active=True, memberships__site=site).exclude(email="")
    owners = [alert.owner_id for alert in alerts if alert.owner_id]
    return here.filter(Q(memberships__site=site, memberships__role__in=roles) | Q(pk__in=owners)).distinct()


def mail(site: Site, staff: QuerySet[StaffMember], notice: StaffMail, *, now: datetime) -> bool:
    """False: it may not have left. Nothing is sent while MESSAGES is `outbox`."""
    if settings.MESSAGES != "live":
        return True
    receivers = list(staff.values_list("pk", "email"))
    if not receivers:
        alarms.sound(UNHEARD, now=now, site=site)
        return True
    sender = Sender.objects.filter(site=site, channel="email").values_list("address", flat=True).first()
    letters = [_letter(notice, sender or settings.DEFAULT_FROM_EMAIL, pk, address) for pk, address in receivers]
    try:
        with get_connection() as connection:
            connection.send_messages(letters)
    except Exception as error:  # whatever a mail service raises
        alarms.sound(UNSENT, now=now, site=site, detail=type(error).__name__)
        return False
    alarms.clear(UNSENT, now=now, site=site)
    alarms.clear(UNHEARD, now=now, site=site)
    return True


def _letter(notice: StaffMail, sender: str, receiver: int, address: str) -> EmailMessage:
    body = f"{notice.body}\n\nFor privacy this mail names no patient. Please do not reply to it."
    place = sender.rpartition("@")[2].rstrip("> ")
    headers = {"Message-ID": f"<{notice.key}-{receiver}@{place}>"}
    return EmailMessage(notice.subject, body, sender, [address], headers=headers)


def _news(alert: Alert) -> StaffMail:
    said = CLASSES[Level(alert.level)]
    by = alert.answer_by.astimezone(alert.site.zone)
    return StaffMail(
        subject=f"{' '.join(alert.site.name.split())}: a new alert, {said}",
        body=f"A new alert, {said}.\nPlease answer it by {by:%H:%M} on {by:%A}.\n\n"
        f"Open it: {settings.PUBLIC_URL}/staff/alerts/{alert.pk}/",
        key=f"alert-{alert.pk}-{alert.tellings}",
    )


def _waiting(now: datetime) -> QuerySet[Alert]:
    return Alert.objects.open().filter(tell_at__lte=now)


def _claim(alert: Alert, now: datetime) -> bool:
    """Until the lease ends nobody else mails it."""
    return _waiting(now).filter(pk=alert.pk).update(tell_at=now + LEASE) == 1


def _done(alert: Alert, now: datetime) -> None:
    """News that came meanwhile is still to be told."""
    this = Alert.objects.filter(pk=alert.pk)
    this.filter(tellings=alert.tellings).update(tell_at=None)
    this.update(told_at=now)
