"""What a text says about a visit that was announced: it will be kept, or it will not. Pure.

yes · ok · sure · sí · claro             will come, where the visit's text is the last thing that was said to this phone
no · nope                                cannot come, likewise
Yes I will be there · sí, ahí estaré     will come, while the visit's text is open at all
I can't come · no puedo                  cannot come, likewise; what else is said beside it is for a person anyhow
yes it hurts · yes, but my leg is numb · no pain · no, I will be there · ok stop      are none: a person reads them

A yes must be the whole text. Whatever has a sign in it, or may be a refusal of our texts, is never an answer here.
The words: words/*.yaml, `visit_yes`, `visit_no`, `will_come`, `will_not_come`, `cancels`.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from reminders.replies.parsing.lexicon import NormalizedText, phrases, word_set
from reminders.replies.parsing.meaning import Intent, Meaning


class VisitAsked(IntEnum):
    """How open a visit's text is on a phone: not at all, it left lately, or nothing was said to the phone since."""

    NO = 0
    LATELY = 1
    LAST = 2


@dataclass(frozen=True, slots=True)
class VisitWords:
    """`intent`: YES, CANNOT_COME or None. `is_short`: a bare yes or no, which may answer something else as well.

    `is_cancel`: an opt-out by a word that may have been meant for the visit: CANCEL, CANCELAR.
    """

    intent: Intent | None = None
    is_short: bool = False
    is_cancel: bool = False


NOTHING_SAID = VisitWords()


def read(words: NormalizedText, *, found: Meaning, asked: VisitAsked) -> VisitWords:
    """Read a yes or no. `found`: what the words mean by themselves; only what means nothing else can be one."""
    if found.intent == Intent.STOP:
        return VisitWords(is_cancel=words.once.startswith(_cancels()))
    if found.intent != Intent.OTHER or found.signs or asked == VisitAsked.NO:
        return NOTHING_SAID
    said = {_kind(clause) for clause in words.spoken} - {"polite"}  # `1, I will be there`
    if "not" in said:
        return NOTHING_SAID if "come" in said else VisitWords(Intent.CANNOT_COME)
    if said == {"no"} and asked == VisitAsked.LAST:
        return VisitWords(Intent.CANNOT_COME, is_short=True)
    if not said or not said <= {"yes", "come"} or "?" in words.text:
        return NOTHING_SAID
    if "come" in said:
        return VisitWords(Intent.YES)
    return VisitWords(Intent.YES, is_short=True) if asked == VisitAsked.LAST else NOTHING_SAID


def _kind(clause: str) -> str:
    """`clause`: its words with a blank after each, the polite ones too."""
    for kind, key in (("yes", "visit_yes"), ("no", "visit_no")):
        if clause.strip() in word_set(key) or _without_polite(clause) in word_set(key):
            return kind
    for kind, key in (("come", "will_come"), ("not", "will_not_come")):
        if any(phrases(key).whole.fullmatch(said) for said in (clause, _without_polite(clause) + " ")):
            return kind
    return "else" if _without_polite(clause) not in word_set("confirm") | {""} else "polite"


def _without_polite(clause: str) -> str:
    return " ".join(_polite().sub(" ", clause).split())


@cache
def _polite() -> re.Pattern[str]:
    """In Spanish "si" is politeness elsewhere, and here an answer or an if."""
    words = sorted(word_set("polite") - word_set("visit_yes") - word_set("visit_no"), key=len, reverse=True)
    return re.compile(rf"(?<!\S)(?:{'|'.join(map(re.escape, words))})(?!\S)")


@cache
def _cancels() -> tuple[str, ...]:
    return tuple(word_set("cancels"))
