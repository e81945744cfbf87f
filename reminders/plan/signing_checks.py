"""What a version must be before a surgeon can sign it. Pure: values in, sentences out.

A fault keeps a version from being signed. A warning does not, but the surgeon ticks each as read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from reminders.plan import must_carry, placeholders
from reminders.plan.values import Anchor, PhaseSpan, ProtocolSpec, StepSpec
from reminders.plan.wording import lists, readability
from reminders.plan.wording.carrier_keywords import forbidden_reply_words
from reminders.plan.wording.discretion import telling_words
from reminders.plan.wording.measure import TOO_LONG, examples, measure


@dataclass(frozen=True, slots=True)
class StepWords:
    """A step's words in one language."""

    sms: str = ""
    subject: str = ""
    body: str = ""

    def all(self) -> str:
        """Everything a patient could read, on lines of its own."""
        return "\n".join((self.sms, self.subject, self.body))


Texts = Mapping[tuple[str, str], StepWords]  # (step, language) -> its words
Titles = Mapping[str, Mapping[str, str]]  # phase or check-up -> language -> its title


def faults(spec: ProtocolSpec, texts: Texts, languages: Iterable[str], titles: Titles | None = None) -> list[str]:
    """Every reason not to sign, as a sentence that says what would be right; empty when sound."""
    spoken = list(languages)
    return [
        *_phase_faults(spec.phases),
        *_title_faults(titles or {}, spoken),
        *([] if spec.steps else ["There are no steps. Add the messages the patient should get, and when."]),
        *(fault for step in spec.steps for fault in _step_faults(step, spec)),
        *(fault for step in spec.steps for fault in _text_faults(step, texts, spoken)),
    ]


def warnings(
    spec: ProtocolSpec, texts: Texts, languages: Iterable[str], known: Mapping[str, str] | None = None
) -> list[str]:
    """What a surgeon should know before signing. `known`: values of the site, where they are longer."""
    spoken = list(languages)
    unlisted = [tag for tag in spoken if not lists.is_known(tag)]
    return [
        *(
            f"{tag}: no list of revealing words and no reading level is available for this language. "
            "Somebody who speaks it must check its texts for both."
            for tag in unlisted
        ),
        *(
            f"{step.code}, {tag}: {warning}"
            for step in spec.steps
            for tag in spoken
            if (step.code, tag) in texts
            for warning in word_warnings(step, texts[step.code, tag], tag, known)
        ),
    ]


def _phase_faults(phases: tuple[PhaseSpan, ...]) -> Iterator[str]:
    ordered = sorted(phases, key=lambda phase: phase.first_day)
    if not ordered:
        yield "There are no phases. Add the first one, starting on day 0."
        return
    if ordered[0].first_day != 0:
        yield f"The first phase starts on day {ordered[0].first_day}. It must start on day 0."
    if ordered[-1].last_day is not None:
        yield f"{ordered[-1].code} ends on day {ordered[-1].last_day}. The last phase must not have a last day."
    for before, after in pairwise(ordered):
        if before.last_day is None or after.first_day != before.last_day + 1:
            yield f"{before.code} and {after.code} overlap or leave a gap. One must start the day after the other ends."


def _title_faults(titles: Titles, languages: list[str]) -> Iterator[str]:
    for code, said in titles.items():
        for language in languages:
            if not said.get(language, "").strip():
                yield f"{code} has no title in {language}. The patient's own page shows it."


def _step_faults(step: StepSpec, spec: ProtocolSpec) -> Iterator[str]:
    if step.phase not in {phase.code for phase in spec.phases}:
        yield f"{step.code} belongs to a phase that is not in this version."
    endless = {phase.code for phase in spec.phases if phase.last_day is None}
    if step.anchor == Anchor.PHASE_END and step.phase in endless:
        yield f"{step.code} depends on the end of a phase that has no end. Use the phase's start instead."
    if step.check_up and step.check_up not in {visit.code for visit in spec.visits}:
        yield f"{step.code} refers to a check-up that is not in this version."
    if step.repeat_days and step.anchor == Anchor.VISIT:
        yield f"{step.code} repeats for one booked visit. Add one step for each message before or after it."
    if step.repeat_days and step.repeat_count is None and step.anchor == Anchor.CHECK_UP_WINDOW:
        yield f"{step.code} repeats without end for one visit. Set how many times."


def _text_faults(step: StepSpec, texts: Texts, languages: list[str]) -> Iterator[str]:
    for language in languages:
        words = texts.get((step.code, language), StepWords())
        if not words.all().strip():
            yield f"{step.code} has no text in {language}."
            continue
        yield from (f"{step.code}, {language}: {fault}" for fault in word_faults(step, words, language))


def word_faults(step: StepSpec, words: StepWords, language: str) -> Iterator[str]:
    """What is wrong with one step's words in one language, without saying which."""
    if "sms" in step.channels and not words.sms.strip():
        yield "it is sent by text, but the text message is empty. Write one or remove the channel."
    if "email" in step.channels and not (words.subject.strip() and words.body.strip()):
        yield "it is sent by e-mail, which needs a subject and a body. Write both or remove the channel."
    if unknown := placeholders.unknown(words.all()):
        yield placeholders.sentence(unknown)
        return
    if personal := placeholders.too_personal(words.sms):
        yield placeholders.personal_sentence(personal)
    if step.anchor != Anchor.VISIT and placeholders.used(words.all()) & placeholders.VISIT_ONLY:
        yield "only a step that depends on a booked visit knows its day and time."
    yield from _rule_faults(step, words, language)


def _rule_faults(step: StepSpec, words: StepWords, language: str) -> Iterator[str]:
    """The wording rules of PROTOCOLS, section 6, as far as a program can tell."""
    written = {"text message": words.sms, "e-mail": words.body}
    for name, text in written.items():
        if text.strip() and "clinic" not in placeholders.used(text):
            yield f"the {name} does not name the clinic. Put {{clinic}} into it."
        yield from must_carry.missing(step, name, text)
        if taken := forbidden_reply_words(text):
            yield f"the {name} offers {_listed(taken)} as a reply, which carriers use themselves. Offer 1, 2, 3 or 9."
    if telling := telling_words(words.sms, language):
        said = _listed(f"“{word}”" for word in telling)
        yield f"the text message says {said}, and anyone may see it on the phone. Say it in the e-mail or on the page."
    if len(words.sms) > TOO_LONG:
        yield f"the text message has {len(words.sms)} characters. No provider takes more than {TOO_LONG}: shorten it."


def word_warnings(
    step: StepSpec, words: StepWords, language: str, known: Mapping[str, str] | None = None
) -> Iterator[str]:
    """What a surgeon should know of a text before signing: its parts, its reading grade, revealing words."""
    if placeholders.unknown(words.all()):
        return  # a fault already, and nothing that can be measured
    weight = measure(words.sms, language, examples(language, known))
    if "sms" in step.channels and weight.parts > 1:
        why = f"“{weight.outside}” makes a part 70 characters long" if weight.outside else "a part has 160 characters"
        yield f"the text message can take {weight.parts} parts ({weight.characters} characters; {why})."
    for name, text in (("text message", words.sms), ("e-mail", words.body)):
        grade = readability.grade(text, language)
        if grade is not None and grade > readability.HIGHEST:
            yield f"the {name} reads at grade {grade:g}. Grade {readability.HIGHEST} or below is plain enough for all."


def _listed(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
