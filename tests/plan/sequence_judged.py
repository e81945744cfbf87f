"""What was truly sent in a played sequence, held against what a person may get: limits, meaning, STOP, ended plans."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from patients.models import Site, Surgery
from patients.models.contact import Relationship
from reminders.delivery.models import Attempt, Delivery
from reminders.delivery.outcomes import Message
from reminders.plan.budget import Rank, rank
from reminders.plan.load_protocol import edition_of
from reminders.plan.models import Reminder
from reminders.plan.said_once import ASKS, BY_SURGEON, RESTS
from reminders.plan.visit_notices import is_notice

DAY, WEEK = timedelta(days=1), timedelta(days=7)
STANDS = ["planned", "in_progress", "done", "unconfirmed"]  # of a reminder: it will be said, or was


@dataclass(frozen=True, slots=True)
class SentMessage:
    """One message that reached an address. `day`: the patient's day on which it was due; `rank`: of the limits."""

    at: datetime
    to: str
    reminder: int
    surgery: int
    patient: int
    step: str
    kind: str
    day: date
    rank: Rank
    text: str
    counts: bool  # for the limits of the plan: no notice, and no e-mail in the place of a text

    def __str__(self) -> str:
        return f"{self.step} of operation {self.surgery} to {self.to} at {self.at:%a %d %b %H:%M}"


class Judge:
    """Looks after every round at what was handed over since the last one, while all still stands as it stood then."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.sent: list[SentMessage] = []
        self.stopped: set[str] = set()  # phones that said STOP, and not START since
        self.over: dict[int, int] = {}  # operations whose plan ends on the day of another one

    def look(self, now: datetime, messages: list[Message], refused: set[str]) -> list[Delivery]:
        """The deliveries of these messages that arrived. Raises AssertionError with a sentence for what is wrong."""
        attempts = Attempt.objects.filter(pk__in=[message.attempt_id for message in messages])
        related = ("reminder__step__check_up", "reminder__surgery__patient__site", "contact", "site")
        rows = attempts.select_related(*(f"delivery__{name}" for name in related))
        deliveries = {attempt.pk: attempt.delivery for attempt in rows}
        arrived = []
        for message in messages:
            delivery = deliveries[message.attempt_id]
            self._allowed(delivery, message, now)
            if message.to not in refused:
                one = self._read(delivery, message, now)
                for sentence in self._wrong(one, delivery):
                    raise AssertionError(f"{one}: {sentence}")
                self.sent.append(one)
                arrived.append(delivery)
        return arrived

    def _read(self, delivery: Delivery, message: Message, now: datetime) -> SentMessage:
        row = delivery.reminder
        steps = {step.code: step for step in edition_of(row.surgery.care_plan.version).spec.steps}
        about_time = is_notice(row.step_code)
        return SentMessage(
            now,
            message.to,
            row.pk,
            row.surgery_id,
            row.surgery.patient_id,
            row.step_code,
            row.step.kind,
            row.due_at.astimezone(row.surgery.patient.zone).date(),
            Rank.FIRST if about_time else rank(steps[row.step_code]),
            message.text,
            not about_time and not delivery.is_fallback,
        )

    def _allowed(self, delivery: Delivery, message: Message, now: datetime) -> None:
        """Whether anything may be tried at all."""
        row, surgery = delivery.reminder, delivery.reminder.surgery
        said = f"{row.step_code} of operation {surgery.pk} left at {now:%a %d %b %H:%M}"
        assert message.to not in self.stopped, f"{said} after STOP"
        assert surgery.cancelled_at is None, f"{said} although the operation was cancelled"
        assert surgery.patient.status == "active", f"{said} although the patient is {surgery.patient.status}"
        assert delivery.contact.patient_id == surgery.patient_id, f"{said} to a contact of another patient"
        assert delivery.contact.relationship == Relationship.SELF
        if not is_notice(row.step_code):
            assert surgery.ended_at is None, f"{said} although its plan had ended"
            later = Surgery.objects.filter(pk=self.over.get(surgery.pk), cancelled_at=None)
            assert not later.filter(date__lte=self.site.today(now)).exists(), f"{said} after the later operation"

    def _wrong(self, one: SentMessage, delivery: Delivery) -> Iterator[str]:
        yield from self._twice(one)
        if one.counts:
            yield from self._over_the_limits(one)
            yield from self._said_by_the_later_plan(one, delivery.reminder)
        if "@" not in one.to:
            yield from self._too_many_texts(one)

    def _twice(self, one: SentMessage) -> Iterator[str]:
        for other in self.sent:
            if other.reminder == one.reminder:
                yield f"sent before, to {other.to} at {other.at:%a %d %b %H:%M}"
            alike = (other.to, other.text, other.day) == (one.to, one.text, one.day)
            if alike and one.counts and (one.rank > Rank.FIRST or other.surgery != one.surgery):
                yield f"the same words on the same day: {other}"

    def _over_the_limits(self, one: SentMessage) -> Iterator[str]:
        """Visits and warnings keep their day; what can give way finds the place that is left."""
        before = [other for other in self.sent if other.to == one.to and other.counts]
        if one.rank > Rank.FIRST and len(same := [b for b in before if b.day == one.day]) >= self.site.messages_a_day:
            yield f"more than {self.site.messages_a_day} a day: {', '.join(map(str, same))}"
        week = [other for other in before if one.day - WEEK < other.day <= one.day]
        if one.rank > Rank.ORDERED and len(week) >= self.site.messages_a_week:
            yield f"more than {self.site.messages_a_week} a week: {', '.join(map(str, week))}"

    def _too_many_texts(self, one: SentMessage) -> Iterator[str]:
        """Whatever they are: the last stop before the carrier."""
        at = [other.at for other in self.sent if other.to == one.to] + [one.at]
        for span, most in ((DAY, self.site.texts_a_day), (WEEK, self.site.texts_a_week)):
            if sum(moment > one.at - span for moment in at) > most:
                yield f"more than {most} texts in {span.days} days"

    def _said_by_the_later_plan(self, one: SentMessage, row: Reminder) -> Iterator[str]:
        """Of two operations of one patient the later one speaks, from its day on, of what both have to say."""
        if one.kind not in RESTS | ASKS or BY_SURGEON & {*row.shifts}:
            return
        later = Surgery.objects.active().filter(patient=one.patient, date__gt=row.surgery.date, date__lte=one.day)
        same = Reminder.objects.filter(surgery__in=later, step__kind=one.kind, status__in=STANDS)
        near = same.filter(due_at__gt=row.due_at - WEEK, due_at__lt=row.due_at + WEEK, reason="")
        for other in near.select_related("surgery")[:1]:
            yield f"{other.step_code} of operation {other.surgery_id} says it on {other.due_at:%a %d %b}"

    def summary(self) -> Counter[str]:
        """How many of which kind, to see that a sequence had anything to judge."""
        return Counter(one.kind for one in self.sent)
