"""Claim a batch: lock, check again, write text and attempt, commit. Only then may anything be sent (T2)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any, Literal, cast
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.crypto import salted_hmac

from reminders import bulk, calendar_entry
from reminders.delivery import mail_frame, mail_html, waits
from reminders.delivery.followup.reminder_status import follow_up
from reminders.delivery.models import Attempt, Delivery, Sender, Transition
from reminders.delivery.models.delivery import DeliveryQuerySet
from reminders.delivery.outcomes import Message
from reminders.delivery.safeguards import blocked_ranges, freeze, restore_mark
from reminders.delivery.safeguards.rate_limit import settle
from reminders.delivery.sending import frequency_caps, guards, lateness, load, recipient_names, texts
from reminders.delivery.sending.checks import DeliveryChecks, late_query
from reminders.delivery.sending.fair_share import Turn, Turns, route, take
from reminders.delivery.sending.load import CLINICAL_ORDER, DueDelivery
from reminders.delivery.state import State
from reminders.plan import visit_entries
from reminders.plan.local_time import closing
from reminders.plan.reasons import Reason

BATCH = 500
SOON = timedelta(milliseconds=200)  # until a row that somebody else holds is looked at again
QUEUED = {"state": State.QUEUED}  # what every row must still be when it is written


@dataclass(frozen=True, slots=True)
class SendJob:
    """One claimed delivery, ready to leave by `route`."""

    delivery: int
    attempt: UUID
    route: str
    message: Message


@dataclass(frozen=True, slots=True)
class Claim:
    """`looked_at` counts also what was stopped or held: 0 means that nothing may move now.

    `wait`: then something is due that only waits for a sender's rate, or for a row that somebody else holds.
    `number`: of this claim, by which a restored back-up is noticed; 0 where nothing may leave.
    """

    looked_at: int
    jobs: list[SendJob]
    wait: timedelta | None = None
    number: int = 0


def claim(channel: str, now: datetime, *, limit: int = BATCH) -> Claim:
    """Take what may leave now. When this returns, every job's attempt is committed; a crash later leaves a trace."""
    if freeze.in_force() or restore_mark.freeze_if_restored(now):
        return Claim(0, [])
    turns = take(channel, now, limit)
    claimed = _claim(channel, turns, now) if turns.by_site else Claim(0, [])
    if claimed.number:
        restore_mark.note(claimed.number, now)  # before anything leaves
    for turn in turns.by_site.values():
        if turn.room:
            settle(turn.room)
    return replace(claimed, wait=claimed.wait or turns.wait)


@transaction.atomic
def _claim(channel: str, turns: Turns, now: datetime) -> Claim:
    frequency_caps.lock_capped(turns.by_site)
    due = Delivery.objects.claimable(now).filter(channel=channel)
    keys = [pk for turn in turns.by_site.values() for pk in _lock(due, turn)]
    batch = Batch(load.read(keys), turns, now)
    jobs = [job for row in batch.rows if (job := batch.take(row))]
    batch.write()
    wait = SOON if len(batch.rows) < len(keys) else None
    return Claim(batch.changed, jobs, wait, number=restore_mark.rise() if jobs and restore_mark.counts() else 0)


def _lock(due: DeliveryQuerySet, turn: Turn) -> list[int]:
    mine = due.filter(site=turn.site).select_for_update(skip_locked=True).order_by(*CLINICAL_ORDER)
    return list(mine.values_list("pk", flat=True)[: turn.share])


class Batch:
    """What a claim needs to know about all its rows, read in a few queries, and what it makes of each."""

    def __init__(self, due: list[DueDelivery], turns: Turns, now: datetime) -> None:
        self.now, self.turns = now, turns.by_site
        self.numbers = frequency_caps.numbers_of(due)
        self.contacts = load.lock_contacts(due, frequency_caps.places(due, self.numbers))
        self.rows = [row for row in due if row.contact in self.contacts]
        self.senders = {(s.site_id, s.channel): s.address for s in Sender.objects.filter(site__in=set(self.turns))}
        late = lateness.left_out((late_query(row, now) for row in self.rows if not row.attempts), now)
        texting = {row.site for row in self.rows if row.channel == "sms"}
        self.checks = DeliveryChecks(
            contacts=self.contacts,
            names=recipient_names.named(due[0].channel, self.contacts) if due else {},
            numbers=self.numbers,
            tallies=frequency_caps.Tallies.read(texting, self.numbers, now),
            ranges=blocked_ranges.held(now),
            senders=self.senders,
            texts=texts.Library(row.step.pk for row in due),
            clinics={site.pk: texts.ClinicValues(site) for site in {row.clinic for row in due}},
            surgeons=load.surgeons(due),
            visits=(visits := load.visits(due)),
            late=late,
            changes=load.changes(due, visits),
        )
        self.started: list[tuple[DueDelivery, UUID, texts.WrittenText]] = []
        self.stopped: list[tuple[DueDelivery, guards.Stop]] = []
        self.held: list[tuple[DueDelivery, guards.HoldBack]] = []

    @property
    def changed(self) -> int:
        """How many deliveries were started, stopped or held."""
        return len(self.started) + len(self.stopped) + len(self.held)

    def take(self, row: DueDelivery) -> SendJob | None:
        """Check one delivery: a job if it may be sent, else None and its stop or hold is noted."""
        verdict, words = self.checks.look(row, self.now)
        match verdict:
            case guards.Stop():
                self.stopped.append((row, verdict))
            case guards.HoldBack():
                if (row.not_before, row.reason) != (verdict.until, verdict.reason):
                    self.held.append((row, verdict))
            case None if self.turns[row.site.pk].allows(words.parts):
                return self._start(row, words)
        return None

    def _start(self, row: DueDelivery, words: texts.WrittenText) -> SendJob:
        self.checks.tallies.add(row, self.now)
        attempt = uuid4()
        self.started.append((row, attempt, words))
        return SendJob(row.pk, attempt, route(row.channel, row.site), self._message(row, attempt, words))

    def _message(self, row: DueDelivery, attempt: UUID, words: texts.WrittenText) -> Message:
        ends = min(row.useful_until, closing(self.now, closes=row.site.send_until, zone=row.zone))
        is_mail = row.channel == "email"
        way_out = unsubscribe_url(row.contact) if is_mail else ""
        text = mail_frame.with_way_out(words.text, way_out, language=words.language)
        method, calendar = self._calendar(row, words.language) if is_mail else ("", b"")
        return Message(
            attempt_id=attempt,
            channel=cast(Literal["sms", "email"], row.channel),
            to=row.email if is_mail else self.numbers[row.contact][1],
            sender=self.senders[row.site.pk, row.channel],
            text=text,
            subject=words.subject,
            html=self._html(row, text, words) if is_mail else "",
            valid_for=max(1, int((ends - self.now).total_seconds())),
            unsubscribe_url=way_out,
            callback_url=f"{settings.PUBLIC_URL}/webhooks/sms/status/{attempt}/",
            mail_id=mail_id(row.pk) if is_mail else "",
            calendar=calendar,
            calendar_method=method,
        )

    def _html(self, row: DueDelivery, text: str, words: texts.WrittenText) -> str:
        clinic = self.checks.clinics[row.clinic.pk].values
        dialled = row.clinic.phone.as_e164
        numbers = [(clinic["clinic_phone"], dialled), (clinic["emergency_number"], clinic["emergency_number"])]
        return mail_html.page_of(text, title=words.subject, language=words.language, numbers=numbers)

    def _calendar(self, row: DueDelivery, language: str) -> tuple[str, bytes]:
        """Only the mail that tells a visit's time has a calendar entry, and the one that corrects it takes it along."""
        visit = self.checks.visit_of(row)
        change = self.checks.change_of(row)
        if visit is None or change is None:
            return "", b""
        sender = parseaddr(self.senders[row.site.pk, row.channel])[1]
        entry = visit_entries.entry_of(visit, change, row.clinic, language=language)
        return calendar_entry.invitation(replace(entry, organizer=sender, attendee=row.email), now=self.now)

    def write(self) -> None:
        """Write all that was noted, then follow up what was stopped."""
        self._write_started()
        self._write_held()
        self._write_stopped()
        follow_up((row.pk for row, _ in self.stopped), now=self.now)

    def _write_started(self) -> None:
        bulk.update(
            Delivery,
            ("id", "attempt_count", "language", "text", "subject", "parts"),
            [(r.pk, r.attempts + 1, w.language, w.text, w.subject, w.parts) for r, _, w in self.started],
            where=QUEUED,
            state=State.CLAIMED,
            reason=Reason.NONE,
            claimed_at=self.now,
            settled_at=None,
        )
        bulk.insert(
            Attempt,
            ("id", "delivery_id", "number", "route"),
            [(attempt, r.pk, r.attempts + 1, route(r.channel, r.site)) for r, attempt, _ in self.started],
            started_at=self.now,
            lease_until=self.now + waits.LEASE,
        )
        self._tell(("attempt",), [(r.pk, r.attempts + 1) for r, _, _ in self.started], state=State.CLAIMED)

    def _write_held(self) -> None:
        held = [(r.pk, hold.until, hold.reason) for r, hold in self.held]
        bulk.update(Delivery, ("id", "not_before", "reason"), held, where=QUEUED)
        told = [(r.pk, r.attempts, hold.reason, hold.until) for r, hold in self.held]
        self._tell(("attempt", "reason", "until"), told, state=State.QUEUED)

    def _write_stopped(self) -> None:
        stopped = [(r.pk, stop.state, stop.reason) for r, stop in self.stopped]
        bulk.update(Delivery, ("id", "state", "reason"), stopped, where=QUEUED, settled_at=self.now)
        told = [(r.pk, r.attempts, stop.state, stop.reason) for r, stop in self.stopped]
        self._tell(("attempt", "state", "reason"), told)

    def _tell(self, columns: tuple[str, ...], told: Sequence[bulk.Row], **same: Any) -> None:
        bulk.insert(Transition, ("delivery_id", *columns), told, at=self.now, was=State.QUEUED, **same)


def unsubscribe_url(contact: int) -> str:
    """The signed link that ends e-mails to this contact."""
    return f"{settings.PUBLIC_URL}/p/u/{signing.dumps(contact, salt='unsubscribe')}/"


def mail_id(delivery: int) -> str:
    """For the Message-ID: the same on every attempt, and after a restore, so that a doubled mail is shown once.

    A keyed hash, as a count of our messages is nobody's business.
    """
    return salted_hmac("reminders.mail_id", str(delivery), algorithm="sha256").hexdigest()[:32]
