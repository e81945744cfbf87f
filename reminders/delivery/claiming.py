"""Claim a batch: lock, look once more, write text and attempt, commit. Only then may anything leave (T2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.crypto import salted_hmac

from patients.models import CheckUp, Contact
from patients.models.site import SiteMode
from reminders.delivery import guards, texts, waits, wording
from reminders.delivery.models import Attempt, Delivery, Sender
from reminders.delivery.outcomes import Message
from reminders.delivery.overwriting import overwrite
from reminders.delivery.settling import refresh
from reminders.delivery.state import State
from reminders.plan import placeholders
from reminders.plan.moments import closing, next_opening
from reminders.plan.reasons import Reason
from reminders.plan.schedule import PER_VISIT
from reminders.plan.values import Anchor

BATCH = 500
OWN = ["contact", "reminder__surgery__patient", "reminder__surgery__care_plan", "reminder__surgery__surgeon"]  # joined
SHARED = [  # read once for the batch: many rows have the same, and each would cost its phone numbers' parsing again
    "site", "reminder__step__check_up", "reminder__surgery__patient__site", "reminder__surgery__site",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed delivery, ready to leave by `route`."""

    delivery: int
    attempt: UUID
    route: str
    message: Message


@dataclass(frozen=True, slots=True)
class Claim:
    """`looked_at` counts also what was stopped or held: 0 means that nothing is due."""

    looked_at: int
    jobs: list[Job]


@transaction.atomic
def claim(channel: str, now: datetime, *, limit: int = BATCH) -> Claim:
    """Take what may leave now. When this returns, every job's attempt is committed; a crash later leaves a trace."""
    queued = Delivery.objects.claimable(now).filter(channel=channel).select_related(*OWN).prefetch_related(*SHARED)
    rows = list(queued.select_for_update(of=("self",), skip_locked=True).order_by("not_before", "pk")[:limit])
    if not rows:
        return Claim(0, [])
    batch = Batch(rows)
    jobs = [job for delivery in rows if (job := batch.take(delivery, now))]
    batch.write()
    return Claim(len(rows), jobs)


class Batch:
    """What a claim needs to know about all its rows, read in a few queries."""

    def __init__(self, rows: list[Delivery]) -> None:
        self.rows = rows
        contacts = {row.contact_id for row in rows}
        # A STOP takes these same row locks. What is read after this line sees every STOP that has committed.
        list(Contact.objects.select_for_update(no_key=True).filter(pk__in=contacts).order_by("pk").values("pk"))
        self.usable = set(_pks(Contact.objects.filter(pk__in=contacts, ended_at=None, unusable_since=None)))
        self.agreed = set(_pks(Contact.objects.reachable().filter(pk__in=contacts)))
        self.texts = texts.Library(row.reminder.step_id for row in rows)
        self.senders = {(s.site_id, s.channel): s.address for s in Sender.objects.filter(site__in=_sites(rows))}
        self.visits = _visits(rows)
        self.attempts: list[Attempt] = []

    def take(self, delivery: Delivery, now: datetime) -> Job | None:
        verdict = guards.verdict(self.facts(delivery, now), now)
        if verdict is None and not self._written(delivery):
            verdict = guards.Stop(State.SUPPRESSED, Reason.NO_TEXT)
        match verdict:
            case guards.Stop(state, reason):
                delivery.state, delivery.reason, delivery.settled_at = state, reason, now
            case guards.Hold(until):
                delivery.not_before, delivery.reason = until, Reason.QUIET_HOURS
            case None:
                return self._start(delivery, now)
        return None

    def facts(self, delivery: Delivery, now: datetime) -> guards.Facts:
        site, surgery = delivery.site, delivery.reminder.surgery
        zone = surgery.patient.zone
        in_trial = site.mode == SiteMode.TRIAL and settings.MESSAGES == "live"
        return guards.Facts(
            useful_until=delivery.useful_until,
            opening=next_opening(now, opens=site.send_from, closes=site.send_until, zone=zone),
            recalled=self._recalled(delivery),
            contact_usable=delivery.contact_id in self.usable,
            agreed=delivery.contact_id in self.agreed,
            surgery_active=surgery.is_active,
            patient_active=surgery.patient.status == "active",
            trial_allows=not in_trial or delivery.contact.is_trial_recipient,
            has_sender=(site.pk, delivery.channel) in self.senders,
        )

    def _recalled(self, delivery: Delivery) -> Reason:
        """Why the plan does not want it any more: said by planning, or seen in the visit it speaks of."""
        reminder = delivery.reminder
        if reminder.reason or reminder.step.anchor != Anchor.VISIT:
            return Reason(reminder.reason)
        visit = self._visit(delivery)
        if visit is None or visit.bookings != reminder.occurrence % PER_VISIT:
            return Reason.VISIT_MOVED
        return Reason.NONE

    def _visit(self, delivery: Delivery) -> CheckUp | None:
        step, occurrence = delivery.reminder.step, delivery.reminder.occurrence
        if step.anchor != Anchor.VISIT or step.check_up is None:
            return None
        return self.visits.get((delivery.reminder.surgery_id, step.check_up.code, occurrence // PER_VISIT))

    def _written(self, delivery: Delivery) -> bool:
        text = self.texts.find(delivery.reminder.step_id, delivery.contact.language, delivery.site.language)
        try:
            if text is not None:
                texts.write(delivery, text, self._visit(delivery))
        except placeholders.PlaceholderError:
            return False
        return bool(delivery.text)

    def _start(self, delivery: Delivery, now: datetime) -> Job:
        delivery.attempt_count += 1
        delivery.state, delivery.reason = State.CLAIMED, Reason.NONE
        delivery.claimed_at, delivery.settled_at = now, None
        attempt = Attempt(
            delivery=delivery,
            number=delivery.attempt_count,
            route=route(delivery),
            started_at=now,
            lease_until=now + waits.LEASE,
        )
        self.attempts.append(attempt)
        return Job(delivery.pk, attempt.pk, attempt.route, self._message(delivery, attempt, now))

    def _message(self, delivery: Delivery, attempt: Attempt, now: datetime) -> Message:
        site, zone = delivery.site, delivery.reminder.surgery.patient.zone
        ends = min(delivery.useful_until, closing(now, closes=site.send_until, zone=zone))
        is_mail = delivery.channel == "email"
        return Message(
            attempt_id=attempt.pk,
            channel=cast(Literal["sms", "email"], delivery.channel),
            to=delivery.contact.address,
            sender=self.senders[site.pk, delivery.channel],
            text=delivery.text,
            subject=delivery.subject,
            html=wording.html_of(delivery.text) if is_mail else "",
            valid_for=max(1, int((ends - now).total_seconds())),
            unsubscribe_url=unsubscribe_url(delivery.contact_id) if is_mail else "",
            callback_url=f"{settings.PUBLIC_URL}/webhooks/sms/status/{attempt.pk}/",
            mail_id=mail_id(delivery.pk) if is_mail else "",
        )

    def write(self) -> None:
        fields = ["state", "reason", "not_before", "attempt_count", "language", "text", "subject", "parts"]
        overwrite(self.rows, [*fields, "claimed_at", "settled_at"])
        Attempt.objects.bulk_create(self.attempts)
        refresh({row.reminder_id for row in self.rows if row.settled_at})


def route(delivery: Delivery) -> str:
    """Nothing leaves the house from a site in test mode, nor anywhere while MESSAGES is `outbox`."""
    if settings.MESSAGES != "live" or delivery.site.mode == SiteMode.TEST:
        return "outbox"
    return "twilio" if delivery.channel == "sms" else "smtp"


def unsubscribe_url(contact: int) -> str:
    return f"{settings.PUBLIC_URL}/p/u/{signing.dumps(contact, salt='unsubscribe')}/"


def mail_id(delivery: int) -> str:
    """For the Message-ID: the same on every attempt, and after a restore, so that a doubled mail is shown once.

    A keyed hash, as a count of our messages is nobody's business.
    """
    return salted_hmac("reminders.mail_id", str(delivery), algorithm="sha256").hexdigest()[:32]


def _pks(contacts: Iterable[Contact]) -> Iterable[int]:
    return (contact.pk for contact in contacts)


def _sites(rows: list[Delivery]) -> set[int]:
    return {row.site_id for row in rows}


def _visits(rows: list[Delivery]) -> dict[tuple[int, str, int], CheckUp]:
    surgeries = {r.reminder.surgery_id for r in rows if r.reminder.step.anchor == Anchor.VISIT}
    return {(v.surgery_id, v.code, v.occurrence): v for v in CheckUp.objects.filter(surgery__in=surgeries)}
