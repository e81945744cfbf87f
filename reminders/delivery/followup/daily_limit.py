"""While the account may send no more texts (63038), what cannot wait for the end of that limit goes by e-mail."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from patients.models import Contact
from patients.models.contact import Channel, Relationship
from reminders.delivery import waits
from reminders.delivery.followup import fallback
from reminders.delivery.models import Breaker, Delivery, Priority
from reminders.delivery.monitoring import backlog
from reminders.delivery.state import RULES, State
from reminders.delivery.transitions import move
from reminders.plan.local_time import DAY, next_opening
from reminders.plan.reasons import Reason

DAILY_LIMIT = 63038
LASTS = waits.scaled(hours=24)  # the provider counts the last 24 hours: there is room again by then at the latest
BATCH = 500


@transaction.atomic
def by_mail_instead(now: datetime) -> list[int]:
    """These texts end, so that nobody is told twice when the limit is over; `follow_up` then opens the e-mails.

    A text that no e-mail may stand in for waits on: a probe may find room earlier, and reception sees what expires.
    """
    limit = Breaker.objects.filter(channel=Channel.SMS, code=DAILY_LIMIT, closed_at=None).first()
    if limit is None:
        return []
    urgent = [text.pk for text in _held(limit, now) if cannot_wait(text, until=_over(limit, now))]
    mailed = fallback.with_another_way(urgent, now=now)
    since, why = RULES["T2d"].since, Reason.DAILY_LIMIT
    return move(mailed, State.EXPIRED, since=since, now=now, reason=why, code=DAILY_LIMIT)


def _over(limit: Breaker, now: datetime) -> datetime:
    """Still refused after a day, it may go on."""
    return max(limit.opened_at + LASTS, now + waits.LONGEST_PROBE)


def _held(limit: Breaker, now: datetime) -> Iterator[Delivery]:
    """The most pressing first; what a claim is busy with is left for the next round."""
    mail = Contact.objects.filter(relationship=Relationship.SELF, phone="", ended_at=None, unusable_since=None)
    own = mail.filter(patient=OuterRef("reminder__surgery__patient"))
    pressing = Q(priority=Priority.WARNING) | Q(useful_until__lte=_over(limit, now) + DAY)
    rows = backlog.held_by(limit, now).filter(pressing, Exists(own), is_fallback=False)
    rows = rows.select_for_update(no_key=True, skip_locked=True, of=("self",)).order_by(
        "priority", "useful_until", "pk"
    )
    yield from rows.select_related("site", "reminder__surgery__patient__site")[:BATCH]


def cannot_wait(text: Delivery, *, until: datetime) -> bool:
    """A warning, or what would be of no use by the time the limit is over and the patient's quiet hours too."""
    site, zone = text.site, text.reminder.surgery.patient.zone
    opening = next_opening(until, opens=site.send_from, closes=site.send_until, zone=zone)
    return text.priority == Priority.WARNING or text.useful_until <= opening
