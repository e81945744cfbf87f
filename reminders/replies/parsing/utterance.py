"""What a text says: its words, and what was open to be answered, become one value. Pure.

A text is read here once, by each module of this package in turn. Whatever acts on it takes the value, not the words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from reminders.replies.parsing import lexicon, meaning, questionnaire, redflags, scores, visit_words, whose
from reminders.replies.parsing.lexicon import NormalizedText, word_set
from reminders.replies.parsing.meaning import Intent
from reminders.replies.parsing.questionnaire import HIGH, NOTHING, Ask, PendingQuestion, Reading
from reminders.replies.parsing.redflags import Added
from reminders.replies.parsing.visit_words import NOTHING_SAID, VisitAsked, VisitWords

LONGEST = 4_000  # letters looked at; a text has 1,600 at most
ABOUT_THE_NUMBER = (Intent.STOP, Intent.START, Intent.HELP)
KEYWORDS = {"STOP": Intent.STOP, "START": Intent.START, "HELP": Intent.HELP}


@dataclass(frozen=True, slots=True)
class SharedPhone:
    """The patients who share a phone. `tags`: by patient, as our texts name them; `several`: more than one person."""

    tags: Mapping[int, str] = field(default_factory=dict)
    several: bool = False


NOT_SHARED = SharedPhone()


@dataclass(frozen=True, slots=True)
class Utterance:
    """`intent`, `score`, `everywhere` and `signs`: see `Meaning`; the signs are the clinic's own too.

    `patient`: whom initials beside an answer name; `text`: the words without them. `answer`: to what was open.
    `urgent`: a sign, or a high pain while a check-in is open. `is_out_of_ten`: the pain was written so: 1/10.
    `is_own_words`: two words and more, or a picture; a lone "thanks" or "hello" is left in peace.
    `provider_answers`: the provider acts on this keyword itself, and answers it.
    `visit`: what it says, in words, about a visit whose text is open; its intent is this one's then.
    """

    text: str
    intent: Intent
    score: int | None = None
    everywhere: bool = False
    signs: tuple[str, ...] = ()
    patient: int | None = None
    answer: Reading = NOTHING
    urgent: bool = False
    is_out_of_ten: bool = False
    is_own_words: bool = False
    provider_answers: bool = False
    visit: VisitWords = NOTHING_SAID


def parse(
    text: str,
    *,
    phone: SharedPhone = NOT_SHARED,
    asked: Sequence[PendingQuestion] = (),
    visit: VisitAsked = VisitAsked.NO,
    own: Sequence[Added] = (),
    pictures: int = 0,
    opt_out_type: str = "",
) -> Utterance:
    """Turn a text that came in into one value that says all of it.

    `asked`: all that is open on this phone; `visit`: how open a text about a visit is.
    `own`: the clinic's own signs. `pictures`: how many came along.
    `opt_out_type`: STOP, START or HELP where the provider has acted on a keyword of its own; it knows best.
    """
    text = text.replace("\0", "")[:LONGEST]
    named = whose.read(text, phone.tags if phone.several else {})
    words, whole = lexicon.normalize(named.text, text) if named else lexicon.normalize(text) * 2
    theirs = [each for each in asked if named is None or each.patient == named.patient]
    said = _read(words, whole, theirs, own, visit)
    is_answer = said.answer.looks_like_an_answer or said.visit.intent is not None
    if named and (is_answer or said.intent in ABOUT_THE_NUMBER):
        said = replace(said, patient=named.patient)
    elif named:  # then these letters are no initials
        said = _read(whole, whole, asked, own, visit)
    return replace(
        said,
        intent=KEYWORDS.get(opt_out_type, said.intent),
        is_own_words=pictures > 0 or len(whole.plain.split()) > 1,
        provider_answers=bool(opt_out_type) or text.strip().casefold() in word_set("provider_stops"),
    )


def _read(
    words: NormalizedText,
    whole: NormalizedText,
    asked: Sequence[PendingQuestion],
    own: Sequence[Added],
    visit: VisitAsked,
) -> Utterance:
    """`whole`: with the initials that `words` may lack."""
    expected = any(Ask.PAIN in question.missing for question in asked)
    score, signs = scores.read(words, expected=expected), redflags.read(words, whole=whole, own=own)
    found = meaning.read(words, signs=signs.heard, score=score)
    if found.intent == Intent.OTHER and (coded := words.decoded):
        coded_score = scores.read(coded, expected=expected)
        found = meaning.read(coded, signs=redflags.read(coded).heard, score=coded_score)
    if signs.added:  # they never take anything away, and stop nobody's STOP
        intent = Intent.URGENT if found.intent == Intent.OTHER else found.intent
        found = replace(found, intent=intent, signs=(*found.signs, *signs.added))
    is_high = (found.score or 0) >= HIGH and any(question.is_check_in for question in asked)
    about_a_visit = visit_words.read(words, found=found, asked=visit)
    return Utterance(
        text=words.text,
        intent=about_a_visit.intent or found.intent,
        score=found.score,
        everywhere=found.everywhere,
        signs=found.signs,
        answer=questionnaire.read(words, found=found, score=score, asked=asked),
        urgent=bool(found.signs) or is_high,
        is_out_of_ten=score.is_out_of_ten,
        visit=about_a_visit,
    )
