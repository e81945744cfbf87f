"""What a version must be before a surgeon can sign it. Pure: values in, sentences out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from reminders.plan import placeholders
from reminders.plan.values import Anchor, PhaseSpan, ProtocolSpec, StepSpec


@dataclass(frozen=True, slots=True)
class Words:
    """A step's words in one language."""

    sms: str = ""
    subject: str = ""
    body: str = ""

    def all(self) -> str:
        return "\n".join((self.sms, self.subject, self.body))


Texts = Mapping[tuple[str, str], Words]  # (step, language) -> its words


def faults(spec: ProtocolSpec, texts: Texts, languages: Iterable[str]) -> list[str]:
    """Every reason not to sign, as a sentence that says what would be right; empty when sound."""
    return [
        *_phase_faults(spec.phases),
        *([] if spec.steps else ["There is no step. Add what the patient should hear, and when."]),
        *(fault for step in spec.steps for fault in _step_faults(step, spec)),
        *(fault for step in spec.steps for fault in _text_faults(step, texts, list(languages))),
    ]


def _phase_faults(phases: tuple[PhaseSpan, ...]) -> Iterator[str]:
    ordered = sorted(phases, key=lambda phase: phase.first_day)
    if not ordered:
        yield "There is no phase. Add the first one, beginning on day 0."
        return
    if ordered[0].first_day != 0:
        yield f"The first phase begins on day {ordered[0].first_day}. It must begin on day 0."
    if ordered[-1].last_day is not None:
        yield f"{ordered[-1].code} ends on day {ordered[-1].last_day}. The last phase has no last day."
    for before, after in pairwise(ordered):
        if before.last_day is None or after.first_day != before.last_day + 1:
            yield f"{before.code} and {after.code} overlap or leave a gap. One must begin the day after the other ends."


def _step_faults(step: StepSpec, spec: ProtocolSpec) -> Iterator[str]:
    if step.phase not in {phase.code for phase in spec.phases}:
        yield f"{step.code} belongs to a phase that is not in this version."
    endless = {phase.code for phase in spec.phases if phase.last_day is None}
    if step.anchor == Anchor.PHASE_END and step.phase in endless:
        yield f"{step.code} hangs on the end of a phase that has none. Hang it on the phase's start."
    if step.check_up and step.check_up not in {visit.code for visit in spec.visits}:
        yield f"{step.code} speaks of a check-up that is not in this version."
    if step.repeat_days and step.anchor == Anchor.VISIT:
        yield f"{step.code} repeats for one booked visit. Make one step for each message before or after it."
    if step.repeat_days and step.repeat_count is None and step.anchor == Anchor.CHECK_UP_WINDOW:
        yield f"{step.code} repeats without end for one visit. Give it a number of times."


def _text_faults(step: StepSpec, texts: Texts, languages: list[str]) -> Iterator[str]:
    for language in languages:
        words = texts.get((step.code, language), Words())
        if not words.all().strip():
            yield f"{step.code} has no text in {language}."
            continue
        yield from (f"{step.code}, {language}: {fault}" for fault in _word_faults(step, words))


def _word_faults(step: StepSpec, words: Words) -> Iterator[str]:
    if "sms" in step.channels and not words.sms.strip():
        yield "it goes by text, and there is no text message. Write one or take the channel out."
    if "email" in step.channels and not (words.subject.strip() and words.body.strip()):
        yield "it goes by e-mail, which needs a subject and a body. Write both or take the channel out."
    if unknown := placeholders.unknown(words.all()):
        yield placeholders.sentence(unknown)
        return
    if personal := placeholders.too_personal(words.sms):
        yield placeholders.personal_sentence(personal)
    if step.anchor != Anchor.VISIT and placeholders.used(words.all()) & placeholders.VISIT_ONLY:
        yield "only a step that hangs on a booked visit knows its day and time."
