"""Which words a text asks the patient to send that would reach the carrier before they reach the clinic. Pure."""

import re
from functools import cache, lru_cache

from reminders.plan.wording import lists

ASKS_FOR_A_REPLY = re.compile(
    r"\b(?:reply|respond|answer|text|send|type|write|responda|responde|conteste|env[ií]e|escriba"
    r"|r[ée]pondez|envoyez|antworten)\b",
    re.IGNORECASE,
)
SHOUTED_ONLY = {"SI"}  # in small letters an everyday word of its own: `responda si tiene dolor`
KEPT = 2000  # answers: a version is judged again after each edit, and most of its texts are as they were
FILLERS = r"(?:with\s+|back\s+|con\s+|mit\s+)?(?:the word\s+|la palabra\s+)?"


@lru_cache(KEPT)
def forbidden_reply_words(text: str) -> tuple[str, ...]:
    """Words the text asks the patient to send although the provider takes them for itself."""
    sentences = [one for one in re.split(r"(?<=[.!?])\s+|\n+", text) if _any_taken().search(one)]
    return tuple(word for word in lists.taken() if any(_offers(sentence, word) for sentence in sentences))


def _offers(sentence: str, word: str) -> bool:
    """`Text us to cancel` is fine; `text CANCEL`, `reply 'yes'`, `reply yes` and `YES = I come` are not."""
    shouted, equated, quoted, at_once = _patterns(word)
    if equated.search(sentence):
        return True
    asking = ASKS_FOR_A_REPLY.search(sentence)
    if asking is None:
        return False
    rest = sentence[asking.start() :]
    said_plainly = word not in SHOUTED_ONLY and at_once.search(rest)
    return bool(shouted.search(sentence) or quoted.search(rest) or said_plainly)


@cache
def _any_taken() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(lists.taken())})\b", re.IGNORECASE)


@cache
def _patterns(word: str) -> tuple[re.Pattern[str], ...]:
    return (
        re.compile(rf"\b{word}\b"),
        re.compile(rf"\b{word}\s*="),
        re.compile(rf"[\"'“‘«]\s*{word}\s*[\"'”’»]", re.IGNORECASE),
        re.compile(rf"{ASKS_FOR_A_REPLY.pattern}\s+{FILLERS}{word}\b", re.IGNORECASE),
    )
