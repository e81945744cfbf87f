"""A preview of a plan in words, as the enrolment page shows it."""

from dataclasses import dataclass, field

from clinic.staff import formats
from clinic.staff.enrol.running import RunningPlanNote, notes
from clinic.staff.formats import Pill
from clinic.staff.offers import Offer
from patients.models.contact import Channel
from reminders.delivery.sending.dry_run import DryDelivery
from reminders.plan import language_gaps
from reminders.plan.models import ProtocolVersion
from reminders.plan.reasons import SENTENCES, Reason
from reminders.plan.values import Anchor
from reminders.preview import Preview, PreviewOutcome, PreviewRow

CALLS = "Reception will call."
AT_ONCE = "Its time has passed: it is sent at once."
NOBODY = {
    Reason.NO_CONSENT: "No consent.",
    Reason.NO_CONTACT: "No phone number or e-mail address can be used for this message.",
}
HELD, CALL = Pill("held back"), Pill("call", "warn")


@dataclass(frozen=True, slots=True)
class MessageCopy:
    """One text as it would read. `why`: it does not leave."""

    to: str
    subject: str
    text: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class StepRow:
    day: int
    when: str
    title: str
    pill: Pill
    why: str
    copies: list[MessageCopy]
    nature: str = ""


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
    stays_in_outbox: bool
    running: list[RunningPlanNote] = field(default_factory=list)
    proposals: list[Offer] = field(default_factory=list)

    @property
    def summary(self) -> str:
        words_ = [row.pill.word for block in self.phases for row in block.rows]
        going, calls = sum(w not in (HELD.word, CALL.word) for w in words_), words_.count(CALL.word)
        parts = [formats.count(going, "message"), f"{words_.count(HELD.word)} held back"]
        return ", ".join(parts + ([f"{formats.count(calls, 'call')} for reception"] if calls else []))


def compose(shown: Preview) -> PlanPreview:
    version = shown.version
    titles = {c.code: str(c) for c in version.check_ups.all()}
    visits = [(titles[v.code], f"{formats.day(v.opens)} to {formats.day(v.closes)}") for v in shown.layout.visits]
    on_booking = [step.title for step in version.steps.all() if step.anchor == Anchor.VISIT]
    return PlanPreview(version, _phases(shown), visits, on_booking, shown.stays_in_outbox, notes(shown))


def _phases(shown: Preview) -> list[PhaseBlock]:
    phases = list(shown.version.phases.all())
    blocks = {p.code: PhaseBlock(str(p), formats.span(p.first_day, p.last_day)) for p in phases}
    for row in shown.rows:
        blocks[row.step.phase.code].rows.append(_row(row, shown))
    return [block for block in blocks.values() if block.rows]


def _row(row: PreviewRow, shown: Preview) -> StepRow:
    zone, due_at = shown.surgery.patient.zone, row.want.due_at
    leaves_at = next((one.at for one in row.deliveries if one.at and one.leaves), due_at)
    day = (due_at.astimezone(zone).date() - shown.surgery.date).days
    return StepRow(
        day=day,
        when=formats.moment(leaves_at, zone),
        title=row.step.title_on(day),
        pill=_pill(row),
        why=" ".join(filter(None, [_why(row, shown), row.moved])),
        copies=_copies(row, shown),
        nature=row.step.own_nature,
    )


def _pill(row: PreviewRow) -> Pill:
    if row.outcome != PreviewOutcome.SENT:
        return CALL if row.outcome == PreviewOutcome.CALL else HELD
    channels = (str(Channel(one.to.channel).label) for one in row.deliveries if one.leaves)
    return Pill(" + ".join(dict.fromkeys(channels)), "good")


def _why(row: PreviewRow, shown: Preview) -> str:
    """Why nothing is sent, or why it leaves later than it is due."""
    if row.outcome == PreviewOutcome.SENT:
        first = row.deliveries[0]
        return (SENTENCES[first.held] or AT_ONCE) if first.at != row.want.due_at else ""
    if row.outcome == PreviewOutcome.LEFT_OUT:
        return SENTENCES[row.why]
    return f"{_nobody(row.why, shown)} {CALLS}"


def _nobody(why: Reason, shown: Preview) -> str:
    """Why nobody can be written to."""
    if not shown.recipients:
        return "There is no phone number or e-mail address."
    return NOBODY.get(why) or SENTENCES[why].removesuffix(" Call.")


def _copies(row: PreviewRow, shown: Preview) -> list[MessageCopy]:
    """To each recipient; for a call the words to say."""
    copies = [_copy(one) for one in row.deliveries]
    if row.outcome == PreviewOutcome.CALL:
        said = shown.words_of(row, Channel.SMS)
        copies += [MessageCopy("call instead", said.subject, said.text)] if said.text else []
    return copies


def _in_language(one: DryDelivery) -> str:
    """Said where it is not the one that was asked for."""
    spoken, asked = one.words.language, one.to.language
    if not spoken or language_gaps.base(spoken) == language_gaps.base(asked):
        return ""
    return f", in {formats.language(spoken)}: there is no text in {formats.language(asked)}"


def _copy(one: DryDelivery) -> MessageCopy:
    who = (one.to.name or "the caregiver") if one.to.standing.is_caregiver else "the patient"
    to = f"{Channel(one.to.channel).label} to {who}{_in_language(one)}"
    return MessageCopy(to, one.words.subject, one.words.text, "" if one.leaves else SENTENCES[one.why])
