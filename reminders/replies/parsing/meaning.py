"""What a reply means. Pure: words in, a meaning out. The words themselves are data: words/*.yaml.

A refusal that is certain is acted on at once; one that may be is handed to a person, and nothing is sent meanwhile.
A sign that must not wait (bleeding, chest pain) is seen first, whatever else the text says. In doubt a person reads it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from reminders.replies.parsing import lexicon
from reminders.replies.parsing.lexicon import Clause, NormalizedText, phrases, word_set
from reminders.replies.parsing.scores import Score, Unread


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


KEYWORDS = {
    "stop_everywhere": Intent.STOP,
    "stop": Intent.STOP,
    "start": Intent.START,
    "help": Intent.HELP,
}
DOUBTFUL = ("asks_to_stop_everywhere", "asks_to_stop", "perhaps")
ASKED_FOR = (Intent.YES, Intent.CANNOT_COME, Intent.NEW_TIME, Intent.CALL_ME)
COMMANDS = dict(zip(lexicon.COMMANDS, ASKED_FOR, strict=True))


@dataclass(frozen=True, slots=True)
class Meaning:
    """`everywhere`: the refusal is about e-mail too. `signs`: codes of redflags.py; any of them is urgent."""

    intent: Intent
    score: int | None = None
    everywhere: bool = False
    signs: tuple[str, ...] = ()


def read(words: NormalizedText, *, signs: tuple[str, ...], score: Score) -> Meaning:
    """Tell what words mean by themselves. `signs` and `score`: what redflags.py and scores.py found in them."""
    if found := _keyword(words):
        return found
    refusal = _refusal(words) or _doubt(words)
    if signs:
        return Meaning(Intent.REFUSAL if refusal else Intent.URGENT, signs=signs)
    return refusal or _answer(words, score)


def _keyword(words: NormalizedText) -> Meaning | None:
    """What must be the whole text; said twice is said once."""
    for key, intent in KEYWORDS.items():
        if {words.once, words.plain} & word_set(key):
            return Meaning(intent, everywhere=key == "stop_everywhere")
    return Meaning(Intent.STOP) if words.is_slip else None


def _refusal(words: NormalizedText) -> Meaning | None:
    """Certain: a whole clause asks for it and nothing else."""
    clauses = [*(clause.plain for clause in words.clauses), words.plain + " "]
    for key in ("asks_to_stop_everywhere", "asks_to_stop"):
        if any(phrases(key).whole.fullmatch(clause) for clause in clauses):
            return Meaning(Intent.STOP, everywhere=key == "asks_to_stop_everywhere")
    return None


def _doubt(words: NormalizedText) -> Meaning | None:
    """Perhaps: as part of a clause, a clause of one word, a hand held up, a word near `stop`."""
    left = [phrases("innocent").anywhere.sub("| ", said) for said in _said(words.clauses)]
    said = any(phrases(key).anywhere.search(clause) for key in DOUBTFUL for clause in left)
    in_a_word = any(clause.strip() in word_set("stop") for clause in left)
    signed = any(symbol in words.text for symbol in lexicon.known().symbols)
    return Meaning(Intent.REFUSAL) if said or in_a_word or signed or words.is_near_stop else None


def _said(clauses: Iterable[Clause]) -> list[str]:
    return [said for clause in clauses for said in (clause.spoken, clause.plain)]


def _answer(words: NormalizedText, score: Score) -> Meaning:
    if score.number == Unread.UNCLEAR:
        return Meaning(Intent.UNCLEAR_SCORE)
    if isinstance(score.number, int):
        return Meaning(Intent.SCORE, score=score.number)
    if score.is_odd:
        return Meaning(Intent.OTHER)
    return Meaning(next((intent for key, intent in COMMANDS.items() if words.plain in word_set(key)), Intent.OTHER))
