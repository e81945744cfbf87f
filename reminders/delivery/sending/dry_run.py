"""Open and claim without a database: what would become of a plan whose rows are not written yet.

Moment by moment, in the order of a round of the scheduler, by the very functions that open and claim. Not played is
what only that day knows: the provider's troubles, a sender's rate, and what other plans text to the same number.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from patients.models import Surgery
from patients.models.contact import Channel
from reminders.delivery.followup import fallback
from reminders.delivery.models import Priority
from reminders.delivery.sending import guards, lateness, opening
from reminders.delivery.sending.audience import Reachable, Telling, audience
from reminders.delivery.sending.checks import DeliveryChecks, late_query
from reminders.delivery.sending.lateness import PlannedMessage
from reminders.delivery.sending.load import ContactStanding, DueDelivery
from reminders.delivery.sending.texts import WrittenText
from reminders.delivery.state import State, promise_of
from reminders.plan.models import Step
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from reminders.plan.values import Wanted

CHANNELS = (Channel.SMS, Channel.EMAIL)  # as a round of the scheduler drains them
SURGERY = SURGEON = PATIENT = 0  # keys of the only ones


@dataclass(frozen=True, slots=True)
class Recipient:
    """One phone or mailbox, saved or not. `contact`: its key; below 0 while it is not saved, in the order of entry."""

    contact: int
    channel: str
    address: str
    standing: ContactStanding
    language: str
    name: str = ""
    is_trial_recipient: bool = False

    @property
    def reachable(self) -> Reachable:
        """The contact as `audience` reads it."""
        standing = self.standing
        return Reachable(self.contact, self.channel, not standing.is_caregiver, standing.agreed, standing.scope)


@dataclass(slots=True)
class DryDelivery:
    """One message to one recipient. `at`: when it left or ended; `held`: what it waited for last."""

    to: Recipient
    row: DueDelivery
    priority: Priority
    is_fallback: bool = False
    state: State = State.QUEUED
    reason: Reason = Reason.NONE
    held: Reason = Reason.NONE
    at: datetime | None = None
    words: WrittenText = field(default_factory=WrittenText)

    @property
    def leaves(self) -> bool:
        """Whether it is sent in the end."""
        return self.state == State.DELIVERED

    @property
    def why(self) -> Reason:
        """Why it does not leave. Held until it was of no use, a person would have had to decide."""
        return Reason.CONTACT_HELD if (self.reason, self.held) == (Reason.EXPIRED, Reason.CONTACT_HELD) else self.reason


@dataclass(slots=True)
class DryReminder:
    """One reminder, how it stands and all that was opened for it."""

    pk: int
    want: Wanted
    step: Step
    status: ReminderStatus
    reason: Reason
    deliveries: list[DryDelivery] = field(default_factory=list)

    @property
    def why(self) -> Reason:
        """Why nothing of it leaves."""
        if any(one.leaves for one in self.deliveries):
            return Reason.NONE
        return next((one.why for one in self.deliveries if one.reason == self.reason), self.reason)

    def as_planned(self) -> PlannedMessage:
        """The reminder as the rules for late messages read it."""
        step, want = self.step, self.want
        check_up = step.check_up.code if step.check_up else None
        says = step.phase.first_day, step.kind, check_up, step.late_rule, step.anchor
        queued = any(one.state == State.QUEUED for one in self.deliveries)
        return PlannedMessage(self.pk, SURGERY, want.due_at, want.useful_until, self.status, *says, queued)

    def settle(self) -> None:
        """Set status and reason from the deliveries."""
        status, reason = promise_of((one.state, one.row.channel, one.reason) for one in self.deliveries)
        self.status, self.reason = ReminderStatus(status), Reason(reason)


@dataclass(slots=True)
class DryRun:
    """`surgery` may be unsaved; `link`: of its page. `checks`: by the recipients' keys, and `SURGERY`, `SURGEON`."""

    surgery: Surgery
    link: str
    recipients: Mapping[int, Recipient]
    reminders: Sequence[DryReminder]
    checks: DeliveryChecks
    deliveries: list[DryDelivery] = field(default_factory=list)

    def play(self, start: datetime) -> None:
        """From the enrolment on, until everything has left or ended."""
        now: datetime | None = start
        while now is not None:
            for channel in CHANNELS:
                self._claim(channel, now)
                if self._open(now):
                    self._claim(channel, now)
            now = self._next_moment(now)

    def told(self, step: Step) -> list[Reachable] | Reason:
        """Whom this step is told, as far as consent and scope say."""
        return audience(Telling(step.channels, step.about_a_visit, step.warning), self._usable())

    def _usable(self) -> list[Reachable]:
        return [one.reachable for one in self.recipients.values() if one.standing.usable]

    def _next_moment(self, now: datetime) -> datetime | None:
        coming = [one.want.due_at for one in self.reminders if one.status == ReminderStatus.PLANNED]
        coming += [one.row.not_before for one in self.deliveries if one.state == State.QUEUED]
        return min((moment for moment in coming if moment > now), default=None)

    def _open(self, now: datetime) -> bool:
        """Whether anything was due."""
        due = [one for one in self.reminders if one.status == ReminderStatus.PLANNED and one.want.due_at <= now]
        asked = [self._due(one, now) for one in due]
        late = lateness.left_out((one.asked for one in asked), now, read=self._plan)
        for reminder, one in zip(due, asked, strict=True):
            found = opening.verdict(one, self._usable(), late.get(reminder.pk, Reason.NONE), now)
            if isinstance(found, list):
                reminder.status = ReminderStatus.IN_PROGRESS
                for contact in found:
                    self._add(reminder, self.recipients[contact.contact], now)
            else:
                reminder.status, reminder.reason = found
        return bool(due)

    def _due(self, reminder: DryReminder, now: datetime) -> opening.DueReminder:
        surgery, want = self.surgery, reminder.want
        site, patient = surgery.site, surgery.patient
        standing = surgery.cancelled_at, surgery.ended_at, patient.status
        own = reminder.pk, site.pk, PATIENT, want.useful_until, *standing
        zones = site.time_zone, patient.time_zone
        times = SURGERY, want.due_at, want.shifts, site.send_from, site.send_until, *zones
        return opening.due_of(reminder.step, own, times, now)

    def _plan(self, _surgeries: Iterable[int], since: datetime, until: datetime) -> Iterator[PlannedMessage]:
        for one in self.reminders:
            if since < one.want.due_at < until and one.status not in lateness.NOT_SAID:
                yield one.as_planned()

    def _add(self, reminder: DryReminder, to: Recipient, now: datetime, *, is_fallback: bool = False) -> None:
        one = DryDelivery(to, self.row(reminder, to, now), opening.priority_of(reminder.step), is_fallback)
        self.deliveries.append(one)
        reminder.deliveries.append(one)

    def _claim(self, channel: str, now: datetime) -> None:
        queued = [one for one in self.deliveries if one.state == State.QUEUED and one.row.channel == channel]
        taken = [one for one in queued if one.row.not_before <= now]
        late = lateness.left_out((late_query(one.row, now) for one in taken), now, read=self._plan)
        checks = replace(self.checks, late=late, tallies=self.checks.tallies.copy())
        for one in sorted(taken, key=lambda one: (one.priority, one.row.not_before, one.row.pk)):
            self._take(one, checks, now)
        for reminder in {one.row.reminder: self.reminders[one.row.reminder] for one in taken}.values():
            self._follow_up(reminder, now)

    def _take(self, one: DryDelivery, checks: DeliveryChecks, now: datetime) -> None:
        verdict, words = checks.look(one.row, now)
        match verdict:
            case guards.Stop(state, reason):
                one.state, one.reason, one.at = state, reason, now
            case guards.HoldBack(until, reason):
                one.row, one.held = replace(one.row, not_before=until), reason
            case None:
                one.state, one.at, one.words = State.DELIVERED, now, words
                for tallies in (checks.tallies, self.checks.tallies):
                    tallies.add(one.row, now)

    def _follow_up(self, reminder: DryReminder, now: datetime) -> None:
        """An e-mail in place of a text that cannot go; then the reminder, by how its deliveries ended."""
        is_wanted = reminder.want.useful_until > now and any(map(self._calls_for_mail, reminder.deliveries))
        if is_wanted and (mailbox := self._own_mailbox(reminder)):
            self._add(reminder, mailbox, now, is_fallback=True)
        reminder.settle()

    def _calls_for_mail(self, one: DryDelivery) -> bool:
        is_own_text = one.to.channel == Channel.SMS and not one.to.standing.is_caregiver
        policy = self.surgery.site.when_unknown
        return is_own_text and fallback.is_called_for(one.state, one.reason, when_unknown=policy)

    def _own_mailbox(self, reminder: DryReminder) -> Recipient | None:
        """None as well where the patient is told by mail already."""
        own = [
            one for one in self.recipients.values() if one.channel == Channel.EMAIL and not one.standing.is_caregiver
        ]
        told = {one.to.contact for one in reminder.deliveries}
        if Channel.EMAIL not in reminder.step.channels or any(one.contact in told for one in own):
            return None
        return next((one for one in own if one.standing.usable and one.standing.agreed), None)

    def row(self, reminder: DryReminder, to: Recipient, now: datetime) -> DueDelivery:
        """The delivery as a claim would read it from the tables."""
        surgery, patient, want = self.surgery, self.surgery.patient, reminder.want
        return DueDelivery(
            site=surgery.site,
            clinic=surgery.site,
            home=patient.site,
            step=reminder.step,
            pk=len(self.deliveries),
            contact=to.contact,
            channel=to.channel,
            reason=Reason.NONE,
            not_before=now,
            useful_until=want.useful_until,
            attempts=0,
            reminder=reminder.pk,
            due_at=want.due_at,
            shifts=want.shifts,
            recalled=Reason.NONE,
            occurrence=want.occurrence,
            surgery=SURGERY,
            cancelled_at=surgery.cancelled_at,
            ended_at=surgery.ended_at,
            surgeon=SURGEON,
            patient_status=patient.status,
            patient_zone=patient.time_zone,
            first_name=patient.greeting,
            link=self.link,
            language=to.language,
            email=to.address if to.channel == Channel.EMAIL else "",
            is_trial_recipient=to.is_trial_recipient,
        )
