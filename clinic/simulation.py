"""Every text of one invented patient with its moment, and why what does not go does not. Writes nothing.

The layout, the words, the window and the late rules are the ones that send: nothing is worked out a second time here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from patients.models import CheckUp, Patient, Site, StaffMember, Surgery
from patients.models.checkup import CheckUpState
from reminders.delivery.sending import texts
from reminders.delivery.sending.audience import Reachable, Telling, audience
from reminders.plan import lateness
from reminders.plan.facts import HORIZON, Sketch, sketch
from reminders.plan.lateness import DueMessage
from reminders.plan.load_protocol import spec_of
from reminders.plan.local_time import moment, next_opening
from reminders.plan.models import CarePlan, ProtocolVersion, Step
from reminders.plan.placeholders import PlaceholderError
from reminders.plan.placement import PER_VISIT
from reminders.plan.reasons import SENTENCES, Reason
from reminders.plan.row_diff import is_past
from reminders.plan.schedule import lay_out
from reminders.plan.values import Anchor, LateRule, Shift, VisitFact, Wanted, WantedVisit

LONGEST = 1000  # days
LIMITED = {Reason.MERGED, Reason.BUDGET}
SHIFTED = {
    Shift.HOLD: "The plan was held.",
    Shift.PACE: "The pace is not the protocol's.",
    Shift.PHASE: "A phase was moved.",
    Shift.DELAY: "It was put off.",
    Shift.PT: "Physical therapy was ordered for another day.",
    Shift.QUIET: "Moved out of the quiet hours.",
    Shift.CLOSED: "Moved to a day on which the clinic is open.",
    Shift.CLOCKS: "Moved by a clock change: its hour does not exist on that day.",
    Shift.BUDGET: "Moved{from_day}: daily or weekly limit reached.",
    Shift.ADDED: "Added to the protocol's own messages.",
}


@dataclass(frozen=True, slots=True)
class SimulationCase:
    """An invented patient. `enrolled`: the moment of the enrolment; None: before the first hour of day 0.

    `books`: every visit that lies ahead is booked at the enrolment, for ten o'clock on its target day.
    """

    site: Site
    version: ProtocolVersion
    day0: date
    days: int
    zone: str = ""
    language: str = "en"
    channels: tuple[str, ...] = ("sms", "email")
    physical_therapy: str = "undecided"
    job: str = "unknown"
    enrolled: datetime | None = None
    books: bool = False


@dataclass(frozen=True, slots=True)
class SimulatedMessage:
    """One message. `at`: when it leaves, or would have; `why` is empty where it leaves."""

    at: datetime
    day: int
    step: str
    occurrence: int
    title: str
    channel: str
    why: str
    shifts: tuple[str, ...]
    moved_from: date | None = None
    is_limited: bool = False  # moved, merged or left out by the site's limit of messages
    subject: str = ""
    text: str = ""


def simulate(case: SimulationCase, *, surgery: Surgery | None = None) -> list[SimulatedMessage]:
    """`surgery`: words for a real one, whose name and link they carry; else for one that is not saved."""
    lines = list(Simulation(case, surgery or an_invented_surgery(case)).lines())
    return sorted(lines, key=lambda line: (line.at, line.step, line.occurrence))


def an_invented_surgery(case: SimulationCase) -> Surgery:
    patient = Patient(
        site=case.site,
        given_name="Ana",
        birth_date=date(1970, 1, 1),
        language=case.language,
        time_zone=case.zone,
    )
    surgery = Surgery(site=case.site, patient=patient, surgeon=StaffMember(last_name="the surgeon"), date=case.day0)
    CarePlan(surgery=surgery, version=case.version, link="their-own-page")  # the link a text would carry
    return surgery


def _shifted(want: Wanted) -> Iterator[str]:
    from_day = f" from {want.moved_from:%a %-d %b}" if want.moved_from else ""
    yield from (SHIFTED[shift].format(from_day=from_day) for shift in want.shifts)


class Simulation:
    def __init__(self, case: SimulationCase, surgery: Surgery) -> None:
        self.case, self.surgery, self.zone = case, surgery, surgery.patient.zone
        self.start = case.enrolled or moment(case.day0, time(0), self.zone)
        self.until = self.start + timedelta(days=case.days)
        self.steps = {step.code: step for step in case.version.steps.select_related("phase", "check_up")}
        self.library = texts.Library(step.pk for step in self.steps.values())
        self.people = [Reachable(n, channel, True, True) for n, channel in enumerate(case.channels)]
        self.visits: dict[tuple[str, int], datetime] = {}

    def lines(self) -> Iterator[SimulatedMessage]:
        wanted = [want for want in self._wanted() if want.due_at <= self.until]
        too_late = self._too_late(wanted)
        for number, want in enumerate(wanted):
            yield self._line(want, too_late.get(number, Reason.NONE))

    def _wanted(self) -> list[Wanted]:
        case = self.case
        facts = Sketch(
            site=case.site,
            patient=self.surgery.patient,
            day0=case.day0,
            enrolled_on=case.site.today(case.enrolled) if case.enrolled else case.day0,
            physical_therapy=case.physical_therapy,
            job=case.job,
            channels=frozenset(case.channels),
        )
        until = max(self.until.date(), case.day0) + HORIZON  # as far ahead as a plan sees that sends on the last day
        layout = lay_out(spec_of(case.version), sketch(facts, until=until))
        if not case.books:
            return layout.reminders
        self.visits = {(one.code, one.occurrence): at for one in layout.visits if (at := self._ten(one)) > self.start}
        booked = tuple(VisitFact(*key, CheckUpState.BOOKED, at, bookings=1) for key, at in self.visits.items())
        return lay_out(spec_of(case.version), sketch(replace(facts, visits=booked), until=until)).reminders

    def _ten(self, visit: WantedVisit) -> datetime:
        return moment(visit.target, time(10), self.case.site.zone)

    def _leaves(self, want: Wanted) -> datetime:
        """When it is due, or at the enrolment where it was due before; then at the next opening."""
        site = self.case.site
        return next_opening(max(want.due_at, self.start), opens=site.send_from, closes=site.send_until, zone=self.zone)

    def _too_late(self, wanted: list[Wanted]) -> dict[int, Reason]:
        """Only the enrolment itself makes a message late here: in the evening, after its hour."""
        leaves = next_opening(
            self.start, opens=self.case.site.send_from, closes=self.case.site.send_until, zone=self.zone
        )
        last = leaves.astimezone(self.zone).date()
        rows = [
            self._due(number, want)
            for number, want in enumerate(wanted)
            if not self._not_said(want) and want.due_at.astimezone(self.zone).date() <= last
        ]
        found = lateness.left_out(rows, leaves=leaves, zone=self.zone)
        return {number: reason for number, reason in found.items() if wanted[number].due_at <= self.start}

    def _due(self, number: int, want: Wanted) -> DueMessage:
        step = self.steps[want.step]
        kind = f"{step.kind} {step.check_up.code if step.check_up else ''}"
        of_visit = step.anchor == Anchor.VISIT
        over = want.useful_until <= self.start
        return DueMessage(
            number, want.due_at, step.phase.first_day, kind, LateRule(step.late_rule), of_visit, over=over
        )

    def _not_said(self, want: Wanted) -> Reason:
        if want.held:
            return want.held
        return Reason.PAST if is_past(want, self.zone, self.start) else Reason.NONE

    def _line(self, want: Wanted, too_late: Reason) -> SimulatedMessage:
        step, at = self.steps[want.step], self._leaves(want)
        why = self._not_said(want) or (Reason.EXPIRED if want.useful_until <= at else too_late)
        told = audience(Telling(step.channels, step.about_a_visit, step.warning), self.people)
        if not why and isinstance(told, Reason):
            why = told
        channel = "" if isinstance(told, Reason) else told[0].channel
        words = self._written(step, channel, self._visit(step, want)) if channel else texts.WrittenText()
        if not why and not words.text:
            why = Reason.NO_TEXT
        at = want.due_at if why else at
        return SimulatedMessage(
            at=at,
            day=(at.astimezone(self.zone).date() - self.case.day0).days,
            step=want.step,
            occurrence=want.occurrence,
            title=step.title,
            channel=channel if words.text else "",
            why=SENTENCES[why],
            shifts=tuple(_shifted(want)),
            moved_from=want.moved_from,
            is_limited=want.moved_from is not None or why in LIMITED,
            subject=words.subject,
            text=words.text,
        )

    def _visit(self, step: Step, want: Wanted) -> CheckUp | None:
        """The booked one that a message hangs on."""
        if step.anchor != Anchor.VISIT or step.check_up is None:
            return None
        return CheckUp(booked_for=self.visits[step.check_up.code, want.occurrence // PER_VISIT])

    def _written(self, step: Step, channel: str, visit: CheckUp | None) -> texts.WrittenText:
        text = self.library.find(step.pk, self.case.language, self.case.site.language)
        try:
            return (
                texts.write(text, texts.about(self.surgery, channel, visit))
                if text is not None
                else texts.WrittenText()
            )
        except PlaceholderError:
            return texts.WrittenText()
