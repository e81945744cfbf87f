"""Claim a batch: lock, look once more, write text and attempt, commit. Only then may anything leave (T2)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Literal, cast
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.crypto import salted_hmac

from patients import phones
from patients.consent import Kind
from patients.models import CheckUp, Contact
from patients.models.site import SiteMode
from reminders.delivery import waits, wording
from reminders.delivery.ends.promising import follow_up
from reminders.delivery.house import freeze, ranges
from reminders.delivery.house.limits import settle
from reminders.delivery.models import Attempt, Delivery, Sender, Transition
from reminders.delivery.models.delivery import DeliveryQuerySet
from reminders.delivery.outcomes import Message
from reminders.delivery.overwriting import overwrite
from reminders.delivery.sending import guards, late, tallies, texts
from reminders.delivery.sending.turns import Turn, Turns, route, take
from reminders.delivery.state import State
from reminders.plan import placeholders
from reminders.plan.models import Reminder
from reminders.plan.moments import closing, next_opening
from reminders.plan.placing import PER_VISIT
from reminders.plan.reasons import Reason
from reminders.plan.values import Anchor

BATCH = 500
SOON = timedelta(milliseconds=200)  # until a row that somebody else holds is looked at again
CLINICAL_ORDER = ("priority", "not_before", "pk")
CONTACT_FACTS = ["ended_at", "unusable_since", "held_since"]
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
    """`looked_at` counts also what was stopped or held: 0 means that nothing may move now.

    `wait`: then something is due that only waits for a sender's rate, or for a row that somebody else holds.
    """

    looked_at: int
    jobs: list[Job]
    wait: timedelta | None = None


def claim(channel: str, now: datetime, *, limit: int = BATCH) -> Claim:
    """Take what may leave now. When this returns, every job's attempt is committed; a crash later leaves a trace."""
    if freeze.in_force():
        return Claim(0, [])
    turns = take(channel, now, limit)
    claimed = _claim(channel, turns, now) if turns.by_site else Claim(0, [])
    for turn in turns.by_site.values():
        if turn.room:
            settle(turn.room)
    return replace(claimed, wait=claimed.wait or turns.wait)


@transaction.atomic
def _claim(channel: str, turns: Turns, now: datetime) -> Claim:
    tallies.lock_capped(turns.by_site)
    due = Delivery.objects.claimable(now).filter(channel=channel)
    keys = [pk for turn in turns.by_site.values() for pk in _lock(due, turn)]
    rows = Delivery.objects.filter(pk__in=keys).select_related(*OWN).prefetch_related(*SHARED)
    batch = Batch(list(rows.order_by(*CLINICAL_ORDER)), turns, now)
    jobs = [job for delivery in batch.rows if (job := batch.take(delivery, now))]
    batch.write(now)
    return Claim(len(batch.changed), jobs, wait=SOON if len(batch.rows) < len(keys) else None)


def _lock(due: DeliveryQuerySet, turn: Turn) -> list[int]:
    rows = due.filter(site=turn.site).select_for_update(skip_locked=True).order_by(*CLINICAL_ORDER)
    return list(rows.values_list("pk", flat=True)[: turn.share])


class Batch:
    """What a claim needs to know about all its rows, read in a few queries."""

    def __init__(self, rows: list[Delivery], turns: Turns, now: datetime) -> None:
        self.numbers = tallies.numbers_of(rows)
        self.contacts = _lock_contacts(rows, tallies.places(rows, self.numbers))
        self.rows = [row for row in rows if row.contact_id in self.contacts]
        self.turns = turns.by_site
        self.tallies = tallies.Tallies(self.rows, self.numbers, now)
        self.ranges = ranges.held(now)
        self.texts = texts.Library(row.reminder.step_id for row in rows)
        self.senders = {(s.site_id, s.channel): s.address for s in Sender.objects.filter(site__in=_sites(rows))}
        self.visits = _visits(rows)
        self.late = late.left_out(_untried(self.rows), now)
        self.attempts: list[Attempt] = []
        self.changed: list[Delivery] = []
        self.steps: list[Transition] = []

    def take(self, delivery: Delivery, now: datetime) -> Job | None:
        verdict = guards.verdict(self.facts(delivery, now), now)
        if verdict is None and not self._written(delivery):
            verdict = guards.Stop(State.SUPPRESSED, Reason.NO_TEXT)
        match verdict:
            case guards.Stop(state, reason):
                self._change(delivery, state, reason, now)
                delivery.settled_at = now
            case guards.Hold(until, reason):
                self._hold(delivery, until, reason, now)
            case None if self.turns[delivery.site_id].allows(delivery.parts):
                return self._start(delivery, now)
        return None

    def _hold(self, delivery: Delivery, until: datetime, reason: Reason, now: datetime) -> None:
        """Held for a limit, it keeps its place there: the next one waits for the place after it."""
        if reason in (Reason.CONTACT_LIMIT, Reason.SITE_LIMIT):
            self.tallies.add(delivery, until)
        if (delivery.not_before, delivery.reason) != (until, reason):
            delivery.not_before = until
            self._change(delivery, State.QUEUED, reason, now, until=until)

    def _change(
        self, delivery: Delivery, state: State, reason: Reason, now: datetime, *, until: datetime | None = None
    ) -> None:
        delivery.state, delivery.reason = state, reason
        self.changed.append(delivery)
        self.steps.append(
            Transition(
                delivery=delivery,
                at=now,
                was=State.QUEUED,
                state=state,
                reason=reason,
                attempt=delivery.attempt_count,
                until=until,
            )
        )

    def facts(self, delivery: Delivery, now: datetime) -> guards.Facts:
        site, surgery = delivery.site, delivery.reminder.surgery
        zone = surgery.patient.zone
        in_trial = site.mode == SiteMode.TRIAL and settings.MESSAGES == "live"
        contact = self.contacts[delivery.contact_id]
        free_at, limit = max(self.tallies.free_at(delivery, now), self._range(delivery, now), key=itemgetter(0))
        return guards.Facts(
            useful_until=delivery.useful_until,
            opening=next_opening(now, opens=site.send_from, closes=site.send_until, zone=zone),
            free_at=next_opening(free_at, opens=site.send_from, closes=site.send_until, zone=zone),
            limit=limit,
            recalled=self._recalled(delivery),
            contact_usable=contact.ended_at is None and contact.unusable_since is None,
            agreed=contact.consent_kind == Kind.GIVEN,
            contact_held=contact.held_since is not None,
            country_allowed=self._country_allowed(delivery),
            surgery_active=surgery.is_active,
            patient_active=surgery.patient.status == "active",
            trial_allows=not in_trial or delivery.contact.is_trial_recipient,
            has_sender=(site.pk, delivery.channel) in self.senders,
        )

    def _range(self, delivery: Delivery, now: datetime) -> tuple[datetime, Reason]:
        if delivery.channel != "sms":
            return now, Reason.NONE
        return ranges.free_at(self.numbers[delivery.contact_id][1], self.ranges, now)

    def _country_allowed(self, delivery: Delivery) -> bool:
        if delivery.channel != "sms":
            return True
        _, number = self.numbers[delivery.contact_id]
        return phones.country(number) in (delivery.site.text_countries or [delivery.site.country])

    def _recalled(self, delivery: Delivery) -> Reason:
        """Why the plan does not want it any more: said by planning, or seen in the visit it speaks of."""
        reminder = delivery.reminder
        if reminder.reason:
            return Reason(reminder.reason)
        if reminder.step.anchor != Anchor.VISIT:
            return self._late(delivery)
        visit = self._visit(delivery)
        if visit is None or visit.bookings != reminder.occurrence % PER_VISIT:
            return Reason.VISIT_MOVED
        return self._late(delivery)

    def _late(self, delivery: Delivery) -> Reason:
        """What was tried already is tried on, and what staff sends again goes: a person decided that."""
        return Reason.NONE if delivery.attempt_count else self.late.get(delivery.reminder_id, Reason.NONE)

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
        delivery.claimed_at, delivery.settled_at = now, None
        self._change(delivery, State.CLAIMED, Reason.NONE, now)
        self.tallies.add(delivery, now)
        attempt = Attempt(
            delivery=delivery,
            number=delivery.attempt_count,
            route=route(delivery.channel, delivery.site),
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
            to=delivery.contact.email if is_mail else self.numbers[delivery.contact_id][1],
            sender=self.senders[site.pk, delivery.channel],
            text=delivery.text,
            subject=delivery.subject,
            html=wording.html_of(delivery.text) if is_mail else "",
            valid_for=max(1, int((ends - now).total_seconds())),
            unsubscribe_url=unsubscribe_url(delivery.contact_id) if is_mail else "",
            callback_url=f"{settings.PUBLIC_URL}/webhooks/sms/status/{attempt.pk}/",
            mail_id=mail_id(delivery.pk) if is_mail else "",
        )

    def write(self, now: datetime) -> None:
        fields = ["state", "reason", "not_before", "attempt_count", "language", "text", "subject", "parts"]
        overwrite(self.changed, [*fields, "claimed_at", "settled_at"])
        Attempt.objects.bulk_create(self.attempts)
        Transition.objects.bulk_create(self.steps)
        follow_up((row.pk for row in self.changed if row.settled_at), now=now)


def unsubscribe_url(contact: int) -> str:
    return f"{settings.PUBLIC_URL}/p/u/{signing.dumps(contact, salt='unsubscribe')}/"


def mail_id(delivery: int) -> str:
    """For the Message-ID: the same on every attempt, and after a restore, so that a doubled mail is shown once.

    A keyed hash, as a count of our messages is nobody's business.
    """
    return salted_hmac("reminders.mail_id", str(delivery), algorithm="sha256").hexdigest()[:32]


def _lock_contacts(rows: list[Delivery], places: dict[int, int]) -> dict[int, Contact]:
    """These rows' contacts, as they are now, and locked: a STOP takes the same locks, so it is seen or it comes after.

    A contact that somebody else holds at this moment is left out, and what is for it waits for the next claim:
    to wait here could be a deadlock, as a STOP goes on from the contact to its deliveries.
    """
    contacts = {row.contact_id for row in rows}
    wanted = contacts.union(places.values())
    free = Contact.objects.select_for_update(no_key=True, skip_locked=True).filter(pk__in=wanted).order_by("pk")
    locked = set(free.values_list("pk", flat=True))
    fit = [row.contact_id for row in rows if {row.contact_id, places.get(row.pk, row.contact_id)} <= locked]
    return Contact.objects.with_consent().only(*CONTACT_FACTS).in_bulk(fit)


def _untried(rows: list[Delivery]) -> list[Reminder]:
    """Their reminders, with the site that is read already."""
    for row in rows:
        row.reminder.site = row.site
    return [row.reminder for row in rows if not row.attempt_count]


def _sites(rows: list[Delivery]) -> set[int]:
    return {row.site_id for row in rows}


def _visits(rows: list[Delivery]) -> dict[tuple[int, str, int], CheckUp]:
    surgeries = {r.reminder.surgery_id for r in rows if r.reminder.step.anchor == Anchor.VISIT}
    return {(v.surgery_id, v.code, v.occurrence): v for v in CheckUp.objects.filter(surgery__in=surgeries)}
