"""What a version must be before a surgeon can sign it. Pure: values in, sentences out."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from reminders.plan import placeholders
from reminders.plan.values import Anchor, PhaseSpan, ProtocolSpec, StepSpec

VISIT_ONLY = {"visit_day", "visit_time"}
Texts = Mapping[tuple[str, str], str]  # (step, language) -> every text of it, joined


def faults(spec: ProtocolSpec, texts: Texts, languages: Iterable[str]) -> list[str]:
    """Every reason not to sign, as a sentence that says what would be right; empty when sound."""
    return [
        *_phase_faults(spec.phases),
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
    if step.repeat_days and step.repeat_count is None and step.anchor in (Anchor.VISIT, Anchor.CHECK_UP_WINDOW):
        yield f"{step.code} repeats without end for one visit. Give it a number of times."


def _text_faults(step: StepSpec, texts: Texts, languages: list[str]) -> Iterator[str]:
    for language in languages:
        text = texts.get((step.code, language))
        if not text:
            yield f"{step.code} has no text in {language}."
            continue
        if unknown := placeholders.unknown(text):
            yield f"{step.code}, {language}: {placeholders.sentence(unknown)}"
        elif step.anchor != Anchor.VISIT and placeholders.used(text) & VISIT_ONLY:
            yield f"{step.code}, {language}: only a step that hangs on a booked visit knows its day and time."
