"""What a reply means. Pure: words in, intent out. In doubt it is for a person: OTHER."""

import re
import unicodedata
from enum import StrEnum


class Intent(StrEnum):
    STOP = "stop"
    START = "start"
    HELP = "help"
    YES = "yes"
    CANNOT_COME = "cannot_come"
    NEW_TIME = "new_time"
    CALL_ME = "call_me"
    SCORE = "score"
    OTHER = "other"


# The FCC's seven words, Twilio's, and Spanish; the whole text must be one of them.
STOP = {
    "stop", "stopall", "stop all", "unsubscribe", "revoke", "opt out", "optout", "quit", "end", "cancel",
    "alto", "parar", "pare", "basta", "baja", "cancelar", "no mas", "detener",
}  # fmt: skip
START = {"start", "unstop", "empezar", "comenzar"}
HELP = {"help", "info", "ayuda"}
DIGITS = {"1": Intent.YES, "2": Intent.CANNOT_COME, "3": Intent.NEW_TIME, "9": Intent.CALL_ME}
NEGATIVE = re.compile(r"\s*[-−–]\s*\d")  # -3 is no 3: nobody guesses what was meant
POLITE = {"please", "por favor", "thanks", "gracias"}


def plain(text: str) -> str:
    """Lower case, no accents, no punctuation, one space between words, no 'please'."""
    flat = unicodedata.normalize("NFKD", text.replace("\x00", "")).casefold()
    flat = "".join(c for c in flat if not unicodedata.combining(c))
    words = re.sub(r"[^\w]+", " ", flat).strip()
    for polite in POLITE:
        words = re.sub(rf"\b{polite}\b", "", words)
    return " ".join(words.split())


def meaning(text: str, *, score_expected: bool = False) -> Intent:
    """`1`, `2`, `3` and `9` are what our texts offer, unless the last one asked for a number from 0 to 10."""
    words = plain(text)
    if words in STOP:
        return Intent.STOP
    if words in START:
        return Intent.START
    if words in HELP:
        return Intent.HELP
    if NEGATIVE.match(text):
        return Intent.OTHER
    if score_expected and words.isdecimal() and len(words) <= 3 and int(words) <= 10:
        return Intent.SCORE
    return DIGITS.get(words, Intent.OTHER)
