"""The plan in words, through the very code that will write it when it is sent. Writes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from clinic.staff import formats
from clinic.staff.enrol.recipients import Recipient, addressed, aloud, unreachable
from clinic.staff.formats import Pill
from patients.models import Surgery
from patients.models.contact import Channel
from reminders.delivery.sending import texts
from reminders.delivery.sending.audience import Reachable, Telling, audience
from reminders.plan.facts import Sketch, horizon, sketch
from reminders.plan.load_protocol import spec_of
from reminders.plan.models import CarePlan, ProtocolVersion, Step
from reminders.plan.placeholders import PlaceholderError
from reminders.plan.reasons import SENTENCES, Reason
from reminders.plan.row_diff import is_past
from reminders.plan.schedule import lay_out
from reminders.plan.values import Anchor, Wanted, why_moved

CALLS = "Reception will call."


@dataclass(frozen=True, slots=True)
class Copy:
    """One text as it would read."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class StepRow:
    day: int
    when: str
    title: str
    pill: Pill
    why: str
    copies: list[Copy]


@dataclass(slots=True)
class PhaseBlock:
    title: str
    days: str
    rows: list[StepRow] = field(default_factory=list)


@dataclass(slots=True)
class PlanPreview:
    version: ProtocolVersion
    phases: list[PhaseBlock]
    visits: list[tuple[str, str]]
    on_booking: list[str]

    @property
    def summary(self) -> str:
        words_ = [row.pill.word for block in self.phases for row in block.rows]
        going, calls = sum(w not in (HELD.word, CALL.word) for w in words_), words_.count(CALL.word)
        parts = [formats.count(going, "message"), f"{words_.count(HELD.word)} held back"]
        return ", ".join(parts + ([f"{formats.count(calls, 'call')} for reception"] if calls else []))


HELD, CALL = Pill("held back"), Pill("call", "warn")


class Composer:
    """Says each wanted reminder through the very code that will write it when it is sent."""

    def __init__(self, surgery: Surgery, version: ProtocolVersion, people: list[Recipient], now: datetime) -> None:
        self.surgery, self.version, self.people, self.now = surgery, version, people, now
        self.steps = {step.code: step for step in version.steps.select_related("phase", "check_up")}
        self.library = texts.Library(step.pk for step in self.steps.values())
        CarePlan(surgery=surgery, version=version, link="their-own-page")  # the link a text would carry

    def compose(self) -> PlanPreview:
        site, surgery = self.surgery.site, self.surgery
        channels = frozenset(p.channel for p in self.people if p.agreed and p.is_patient)
        facts = Sketch(
            site=site,
            patient=surgery.patient,
            day0=surgery.date,
            enrolled_on=site.today(self.now),
            physical_therapy=surgery.physical_therapy,
            job=surgery.job,
            channels=channels,
        )
        layout = lay_out(spec_of(self.version), sketch(facts, until=horizon(site, self.now)))
        titles = {c.code: str(c) for c in self.version.check_ups.all()}
        visits = [(titles[v.code], f"{formats.day(v.opens)} to {formats.day(v.closes)}") for v in layout.visits]
        on_booking = [step.title for step in self.steps.values() if step.anchor == Anchor.VISIT]
        return PlanPreview(self.version, self._phases(layout.reminders), visits, on_booking)

    def _phases(self, wanted: Iterable[Wanted]) -> list[PhaseBlock]:
        phases = list(self.version.phases.all())
        blocks = {p.code: PhaseBlock(str(p), formats.span(p.first_day, p.last_day)) for p in phases}
        for want in wanted:
            blocks[self.steps[want.step].phase.code].rows.append(self._row(want))
        return [block for block in blocks.values() if block.rows]

    def _row(self, want: Wanted) -> StepRow:
        step = self.steps[want.step]
        zone = self.surgery.patient.zone
        pill, why, told = self._standing(step, want)
        return StepRow(
            day=(want.due_at.astimezone(zone).date() - self.surgery.date).days,
            when=formats.moment(want.due_at, zone),
            title=step.title,
            pill=pill,
            why=" ".join(filter(None, [why, why_moved(want.shifts, want.moved_from)])),
            copies=[copy for person in told if (copy := self._copy(step, person))],
        )

    def _standing(self, step: Step, want: Wanted) -> tuple[Pill, str, list[Recipient]]:
        """Held back: nobody is told. A call: nobody may be written to, so reception has the words to say."""
        if want.held:
            return HELD, SENTENCES[want.held], []
        if is_past(want, self.surgery.patient.zone, self.now):
            return HELD, SENTENCES[Reason.PAST], []
        told = audience(self._telling(step), self._reachable())
        if isinstance(told, Reason):
            return CALL, f"{unreachable(told, self.people)} {CALLS}", [aloud(self.surgery.patient)]
        people = [self.people[r.contact] for r in told]
        return Pill(" + ".join(dict.fromkeys(Channel(p.channel).label for p in people)), "good"), "", people

    def _telling(self, step: Step) -> Telling:
        return Telling(step.channels, about_a_visit=step.about_a_visit, is_warning=step.warning)

    def _reachable(self) -> list[Reachable]:
        return [Reachable(n, p.channel, p.is_patient, p.agreed, p.scope) for n, p in enumerate(self.people)]

    def _copy(self, step: Step, person: Recipient) -> Copy | None:
        text = self.library.find(step.pk, person.language, self.surgery.site.language)
        if text is None:
            return None
        try:
            said = texts.write(text, texts.about(self.surgery, person.channel))
        except PlaceholderError:
            return None
        return Copy(addressed(person), said.subject, said.text)
