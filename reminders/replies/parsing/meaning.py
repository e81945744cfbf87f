"""What a reply means. Pure: words in, a meaning out. The words themselves are data: words/*.yaml.

A refusal that is certain is acted on at once; one that may be is handed to a person, and nothing is sent meanwhile.
A sign that must not wait (bleeding, chest pain) is seen first, whatever else the text says. In doubt a person reads it.
"""

import re
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from reminders.replies.parsing import lexicon, redflags, scores, slips

LONGEST = 4_000  # letters looked at; a text has 1,600 at most
BETWEEN_CLAUSES = re.compile(r"[.,;:!?¡¿…()\[\]\n\r\"“”«»]+|\s[-–—]+\s|[—]")
CODED = re.compile(r"(?=.*=\Z|.{60})[A-Za-z0-9+/]{6,}={0,2}")


class Intent(StrEnum):
    STOP = "stop"
    REFUSAL = "refusal"
    URGENT = "urgent"
    START = "start"
    HELP = "help"
    YES = "yes"
    CANNOT_COME = "cannot_come"
    NEW_TIME = "new_time"
    CALL_ME = "call_me"
    SCORE = "score"
    UNCLEAR_SCORE = "unclear_score"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Meaning:
    """`everywhere`: the refusal is about e-mail too. `signs`: codes of redflags.py; any of them is urgent."""

    intent: Intent
    score: int | None = None
    everywhere: bool = False
    signs: tuple[str, ...] = ()

    @property
    def urgent(self) -> bool:
        return bool(self.signs)


def meaning(text: str, *, score_expected: bool = False) -> Meaning:
    """`score_expected`: exactly one question for a number from 0 to 10 is open; else a number is no score."""
    text = text.replace("\0", "")[:LONGEST]
    found = _meaning(text, score_expected)
    if found.intent == Intent.OTHER and (inner := _decoded(text)):
        return _meaning(inner, score_expected)
    return found


def _meaning(text: str, score_expected: bool) -> Meaning:
    whole = plain(text)
    if found := _keyword(whole):
        return found
    parts = BETWEEN_CLAUSES.split(text)
    clauses = _clauses(parts)
    signs = redflags.signs(clauses, text)
    refusal = _refusal(whole, [clause.plain for clause in clauses]) or _doubt(text, whole, parts)
    if signs:
        return Meaning(Intent.REFUSAL if refusal else Intent.URGENT, signs=signs)
    if refusal:
        return refusal
    return _answer(text, whole, score_expected)


def plain(text: str, *, polite: bool = False) -> str:
    """Small words with a blank between them: no accents, no punctuation, short forms written out, no "please"."""
    spelt = " ".join(re.sub(r"[\W_]+", " ", lexicon.fold(text)).split())
    if re.fullmatch(r"(?:\w )+\w", spelt) and not any(c.isdigit() for c in spelt):  # s t o p
        spelt = spelt.replace(" ", "")
    spelt = _same().sub(lambda found: lexicon.known().same[found[0]], spelt)
    return spelt if polite else " ".join(_polite().sub(" ", spelt).split())


def _keyword(whole: str) -> Meaning | None:
    """What must be the whole text; said twice is said once."""
    said = whole.split()
    word = said[0] if len(set(said)) == 1 else whole
    for key, intent in KEYWORDS.items():
        if word in _set(key) or whole in _set(key):
            return Meaning(intent, everywhere=key == "stop_everywhere")
    mistyped = slips.is_slip(word, of=_set("slips_of"), unless=_set("not_slips")) or word in _set("misspelt")
    return Meaning(Intent.STOP) if mistyped else None


def with_own_phrases(found: Meaning, text: str, phrases: Iterable[redflags.Added]) -> Meaning:
    """The same, and what a clinic's own phrases find. They never take anything away, and stop nobody's STOP."""
    clauses = _clauses(BETWEEN_CLAUSES.split(text.replace("\0", "")[:LONGEST]))
    own = redflags.added([*clauses, *_clauses([text])], phrases)
    if not own:
        return found
    intent = Intent.URGENT if found.intent == Intent.OTHER else found.intent
    return replace(found, intent=intent, signs=(*found.signs, *own))


def _clauses(parts: Iterable[str]) -> list[redflags.Clause]:
    said = [redflags.Clause(plain(part) + " ", plain(part, polite=True) + " ") for part in parts]
    return [clause for clause in said if clause.plain != " "]


def _refusal(whole: str, clauses: list[str]) -> Meaning | None:
    """Certain: a whole clause asks for it and nothing else."""
    for key in ("asks_to_stop_everywhere", "asks_to_stop"):
        if any(_patterns(key).is_all_of(clause) for clause in (*clauses, whole + " ")):
            return Meaning(Intent.STOP, everywhere=key == "asks_to_stop_everywhere")
    return None


def _doubt(text: str, whole: str, parts: list[str]) -> Meaning | None:
    """Perhaps: as part of a clause, a clause of one word, a hand held up, a word near `stop`."""
    said_politely = [plain(part, polite=polite) + " " for part in parts for polite in (True, False)]
    left = [_patterns("innocent").anywhere.sub("| ", clause) for clause in said_politely]
    said = any(_patterns(key).within(clause) for key in DOUBTFUL for clause in left)
    in_a_word = any(clause.strip() in _set("stop") for clause in left)
    signed = any(symbol in text for symbol in lexicon.known().symbols)
    near = slips.is_near(whole, "stop") and whole not in _set("not_slips")
    return Meaning(Intent.REFUSAL) if said or in_a_word or signed or near else None


def _answer(text: str, whole: str, score_expected: bool) -> Meaning:
    number = scores.read(text, whole) if score_expected else scores.Unread.NO_NUMBER
    if number == scores.Unread.UNCLEAR:
        return Meaning(Intent.UNCLEAR_SCORE)
    if isinstance(number, int):
        return Meaning(Intent.SCORE, score=number)
    if scores.is_odd(text):
        return Meaning(Intent.OTHER)
    return Meaning(next((intent for key, intent in COMMANDS.items() if whole in _set(key)), Intent.OTHER))


KEYWORDS = {
    "stop_everywhere": Intent.STOP,
    "stop": Intent.STOP,
    "start": Intent.START,
    "help": Intent.HELP,
}
DOUBTFUL = ("asks_to_stop_everywhere", "asks_to_stop", "perhaps")
COMMANDS = {
    "confirm": Intent.YES,
    "cannot_come": Intent.CANNOT_COME,
    "new_time": Intent.NEW_TIME,
    "call_me": Intent.CALL_ME,
}


def _decoded(text: str) -> str:
    """Carriers have been seen to hand on a text in base64; a STOP in it is still a STOP."""
    if not CODED.fullmatch(text.strip()):
        return ""
    try:
        inner = b64decode(text.strip(), validate=True).decode()
    except ValueError:
        return ""
    return inner if inner.isprintable() else ""


@cache
def _set(key: str) -> frozenset[str]:
    return lexicon.known().set(key)


@cache
def _patterns(key: str) -> lexicon.Patterns:
    return lexicon.known().patterns(key)


@cache
def _same() -> re.Pattern[str]:
    return _one_of(lexicon.known().same)


@cache
def _polite() -> re.Pattern[str]:
    return _one_of(_set("polite"))


def _one_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """The longest first, as whole words."""
    return re.compile(rf"(?<!\S)(?:{'|'.join(re.escape(p) for p in sorted(phrases, key=len, reverse=True))})(?!\S)")
