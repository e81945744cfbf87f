"""What a text would tell a stranger who sees it on a locked screen. Pure."""

import re
import unicodedata
from functools import cache, lru_cache

from reminders.plan.wording import lists

PLACEHOLDER = re.compile(r"\{\w*\}")
KEPT = 2000  # answers: a version is judged again after each edit, and most of its texts are as they were


@lru_cache(KEPT)
def telling_words(sms: str, language: str) -> tuple[str, ...]:
    """Words for a diagnosis, an operation or a specialty, as they stand in the text, each once."""
    said = PLACEHOLDER.sub(" ", sms)
    found = [said[match.start() : match.end()] for match in _pattern(language).finditer(_plain(said))]
    return tuple(dict.fromkeys(found))


@cache
def _pattern(language: str) -> re.Pattern[str]:
    words = "|".join(_as_pattern(word) for word in lists.telling(language))
    return re.compile(rf"\b(?:{words})\b")


def _as_pattern(word: str) -> str:
    return re.escape(_plain(word)).replace(r"\*", r"\w*").replace(r"\ ", r"\s+")


def _plain(text: str) -> str:
    """In small letters without accents, letter for letter as long as the text itself."""
    return "".join(_bare(character) for character in text)


def _bare(character: str) -> str:
    small = unicodedata.normalize("NFD", character)[0].lower()
    return small if len(small) == 1 else character
