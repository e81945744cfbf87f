"""What staff, patients and the clock do in a played sequence: the product's own actions, its own rounds of sending."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count, pairwise

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from patients import visit_undo
from patients.models import CheckUp, Patient, Procedure, Site, StaffMember, Surgery
from reminders import actions, enrolment, merge, plan_changes, scheduler, visit_actions
from reminders.enrolment import NewSurgery
from reminders.further_operation import RunningPlan
from reminders.plan.models import ProtocolVersion
from reminders.plan.values import ChangeKind
from reminders.plan_changes import Wish
from reminders.replies import inbound
from tests import given
from tests.given import NOW
from tests.plan.sequence_provider import Handed, RecordingChannel

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
REFUSED = (ValidationError, PermissionDenied)
OPERATIONS = 3  # of one patient, at most
SHARED, OWN = given.phone(99), given.phone(98)
COMING = ("booked", "confirmed")


def four_patients(site: Site, surgeon: StaffMember) -> list[int]:
    """Ana, twice by mistake: on the shared phone with mail, and on another phone; Zoe and Eve on the shared phone."""
    shared, mail = given.a_phone(SHARED), given.an_email
    people = [
        ("Ana", shared, mail("ana@example.org")),
        ("Ana", given.a_phone(OWN)),
        ("Zoe", shared, mail("zoe@example.org")),
        ("Eve", shared),
    ]
    return [given.a_patient(site, *ways, by=surgeon, given_name=name).pk for name, *ways in people]


class PlayedClinic:
    """One site, at work. `patients`: the keys of the four numbers that `four_patients` made."""

    def __init__(self, site: Site, surgeon: StaffMember, version: ProtocolVersion, patients: list[int]) -> None:
        self.site, self.surgeon, self.version, self.patients, self.now = site, surgeon, version, patients, NOW
        self.handed = RecordingChannel.handed = Handed()
        self.procedure = Procedure.objects.get(code="miss")
        self.hour: datetime | None = None
        self.ids = count(1)

    # What there is

    def surgeries(self) -> list[Surgery]:
        return list(Surgery.objects.order_by("pk"))

    def visits(self) -> list[CheckUp]:
        """The two first of each operation: those that a sequence can reach."""
        return list(CheckUp.objects.filter(code__in=("first-visit", "six-weeks")).order_by("pk"))

    @contextmanager
    def allowed_to_refuse(self) -> Iterator[None]:
        """What does not fit is refused with a sentence, and then nothing of it is written."""
        try:
            with transaction.atomic():
                yield
        except REFUSED:
            pass

    # What staff do

    def enrol(self, who: int, day: int, choice: str) -> dict[int, int]:
        """The operations whose plans end with it, each with the one that follows."""
        patient = Patient.objects.get(pk=self.patients[who])
        patient = patient.merged_into or patient
        if patient.surgeries.count() >= OPERATIONS:
            return {}
        running = list(patient.surgeries.active().order_by("date"))
        with self.allowed_to_refuse():
            new = NewSurgery(self.procedure, self.surgeon, self.today + day * DAY, self.version, running_plan=choice)
            running.append(enrolment.enrol(patient, new, site=self.site, by=self.surgeon, now=self.now))
            if choice == RunningPlan.END:
                in_order = sorted(running, key=lambda one: one.date)
                return {one.pk: later.pk for one, later in pairwise(in_order)}
        return {}

    def with_surgery(self, at: int, act: Callable[[Surgery], object]) -> None:
        known = self.surgeries()
        if known:
            with self.allowed_to_refuse():
                act(known[at % len(known)])

    def with_visit(self, which: int, act: Callable[..., object], **facts: object) -> None:
        known = self.visits()
        if known:
            with self.allowed_to_refuse():
                act(known[which % len(known)], by=self.surgeon, now=self.now, **facts)

    def hold(self, at: int, days: int) -> None:
        ends = self.today + days * DAY if days else None
        self.with_surgery(at, partial(self._decide, Wish(ChangeKind.HOLD, starts=self.today, ends=ends)))

    def _decide(self, wish: Wish, surgery: Surgery) -> None:
        plan_changes.decide(surgery, wish, why="wound", by=self.surgeon, now=self.now)

    def release(self, at: int) -> None:
        self.with_surgery(at, lambda one: plan_changes.release(one, by=self.surgeon, now=self.now))

    def move_operation(self, at: int, days: int) -> None:
        self.with_surgery(
            at, lambda one: actions.move_surgery(one, to=one.date + days * DAY, by=self.surgeon, now=self.now)
        )

    def cancel_operation(self, at: int) -> None:
        self.with_surgery(at, lambda one: actions.cancel_surgery(one, why="fever", by=self.surgeon, now=self.now))

    def book(self, at: int, days: int, hour: int) -> None:
        local = datetime.combine(self.today + days * DAY, time(hour), self.site.zone)
        self.with_visit(at, visit_actions.book_visit, at=local.astimezone(UTC))

    def free(self, at: int) -> None:
        self.with_visit(at, visit_actions.free_visit)

    def not_needed(self, at: int) -> None:
        self.with_visit(at, visit_actions.mark_not_needed, why="seen elsewhere")

    def missed(self, at: int) -> None:
        self.with_visit(at, visit_actions.mark_missed)

    def attended(self, at: int) -> None:
        self.with_visit(at, visit_actions.mark_attended)

    def undo(self, at: int) -> None:
        known = [one for one in self.visits() if visit_undo.undoable(one, one.changes.latest_first().first())]
        if known:
            with self.allowed_to_refuse():
                visit_actions.undo_visit(known[at % len(known)], by=self.surgeon, now=self.now)

    def merge(self, who: int, into: int) -> None:
        one, other = (Patient.objects.get(pk=self.patients[number]) for number in (who, into))
        with self.allowed_to_refuse():
            merge.merge(one, into=other, by=self.surgeon, now=self.now)

    # What a phone says, and what becomes of what is sent to it

    def text(self, phone: str, words: str) -> None:
        to = self.site.senders.get(channel="sms").address
        inbound.receive(provider_id=f"SM{next(self.ids)}", from_address=phone, to_address=to, text=words, now=self.now)

    # The clock

    @property
    def today(self) -> date:
        return self.site.today(self.now)

    def play(self, until: datetime) -> Iterator[datetime]:
        """Each moment at which something is due, with its round done; the hourly round first, where an hour passed."""
        self.now += timedelta(seconds=1)
        self._rounds()
        yield self.now
        while self.now < until:
            self.now = min(scheduler.next_moment(self.now, until), until)
            self._rounds()
            yield self.now

    def _rounds(self) -> None:
        if self.hour != (hour := self.now.replace(minute=0, second=0)):
            self.hour = hour
            scheduler.extend_horizon(self.now)
        scheduler.sweep_and_send(lambda: self.now, window=4)
