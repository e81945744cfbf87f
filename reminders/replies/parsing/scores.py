"""A number from 0 to 10 as people write it. Pure.

7 · 07 · 7. · "7" · (7) · ７ · ٧ · ⑦ · 7️⃣ · 🔟 · 7/10 · 7 out of 10 · 7 de 10 · seven · siete ·
my pain is 7 today                                                        are that number
9, terrible pain · my pain is 9 and I cannot sleep   begin with one (`opening`), and a person reads on
11 · -3 · 7.5 · 7,5 · 7½ · 7 8 · 7-8 · 7 or 8 · 7/5 · about 7 · 7? · 7+ · 70 %  are UNCLEAR: asked once, never guessed
90/100 · 1/100, terrible · 70 out of 100        are UNCLEAR too: out of a hundred is not out of ten
I took 2 pills · leg 7, back 3 · 12/03/2026 · 202 555 0123              hold NO_NUMBER: a person reads them
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache

from reminders.replies.parsing import lexicon
from reminders.replies.parsing.lexicon import NormalizedText, word_set

WORST = 10
OUT_OF_TEN = re.compile(r"(?<!\d)(\d{1,2}) ?/ ?10(?!\d)")
SAID_OF_TEN = re.compile(r"\d+ ?/ ?10\b")
AROUND = " \t\r\n.,!;\"'()*#“”"
ODD = re.compile(r"(?s)(?=.*\d).*[-−–—~<>+=%^?/⁄]|.*\d[.,:']\d|.*(?<!\S)[.,]\d")  # `<3` is a heart
DASH = re.compile(r"\s+[-–—]+\s+")
DATE_OR_PHONE = re.compile(r"\d{4}")


class Unread(Enum):
    NO_NUMBER = 0
    UNCLEAR = 1


@dataclass(frozen=True, slots=True)
class Score:
    """`number`: what the whole text says. `opening`: a pain with which a longer text begins.

    `is_odd`: a minus, a fraction, a "more than": it is not simply the number that stands in it. `is_out_of_ten`: 7/10.
    """

    number: int | Unread
    opening: int | None
    is_odd: bool
    is_out_of_ten: bool


def read(words: NormalizedText, *, expected: bool) -> Score:
    """Find the pain that a text says. `expected`: a question for a number is open; else no text is such a number."""
    return Score(
        number=_number(words) if expected else Unread.NO_NUMBER,
        opening=_opening(words),
        is_odd=_is_odd(words.folded),
        is_out_of_ten=SAID_OF_TEN.search(words.text) is not None,
    )


def _number(words: NormalizedText) -> int | Unread:
    flat = words.folded
    if found := OUT_OF_TEN.fullmatch(flat.strip(AROUND)):
        return _bounded(float(found[1]))
    if _out_of_a_hundred().search(flat):
        return Unread.UNCLEAR
    if DATE_OR_PHONE.search(flat):
        return Unread.NO_NUMBER
    said = _out_of_ten().sub("", words.plain).split()
    numbers = [number for word in said if (number := _value(word)) is not None]
    others = {word for word in said if _value(word) is None}
    if not numbers or not others <= word_set("beside_a_score") | word_set("between_numbers"):
        return Unread.NO_NUMBER
    if len(numbers) > 1 or _is_odd(flat) or not others <= word_set("beside_a_score"):
        return Unread.UNCLEAR
    return _bounded(numbers[0])


def _opening(words: NormalizedText) -> int | None:
    """None: there is none, or another number too, or it goes on with a command: `9, call me`.

    `2 pills did not help` counts something else: what follows without a comma must speak of pain or go on with `and`.
    """
    flat = _of_ten().sub(r"\1", OUT_OF_TEN.sub(r"\1", words.folded))
    found = list(re.finditer(r"\w+", flat))
    numbers = [n for n, word in enumerate(found) if _value(word[0]) is not None]
    if DATE_OR_PHONE.search(flat) or len(numbers) != 1 or numbers[0] == len(found) - 1:
        return None
    at, said = numbers[0], [word[0] for word in found]
    upto, ends = flat[: found[at].end()], flat[found[at].end() : found[at + 1].start()]
    ends = "," if DASH.fullmatch(ends) else ends
    goes_on = any(sign in ends for sign in ",;.!:\n") or said[at + 1] in word_set("after_a_score")
    score = _value(said[at])
    if not set(said[:at]) <= word_set("beside_a_score") or _is_odd(upto + ends.strip()) or not goes_on or score is None:
        return None
    bounded = _bounded(score)
    return None if isinstance(bounded, Unread) or _commands(words.plain) else bounded


def _commands(plain: str) -> bool:
    """Behind its number, which may be one out of ten."""
    said = plain.split()
    last = max((n for n, word in enumerate(said) if _value(word) is not None), default=-1)
    return " ".join(said[last + 1 :]) in lexicon.known().commands


def _is_odd(folded: str) -> bool:
    return ODD.match(folded) is not None


def _bounded(number: float) -> int | Unread:
    return int(number) if number in range(WORST + 1) else Unread.UNCLEAR


def _value(word: str) -> float | None:
    """Of one plain word; 11 and more are numbers too, though no score."""
    return lexicon.known().values.get(word, 1_000.0 if word.isdecimal() else None)


@cache
def _out_of_a_hundred() -> re.Pattern[str]:
    """Also out of a thousand: whatever it is, it is no number out of ten."""
    words = "|".join(sorted(word_set("out_of_a_hundred"), key=len, reverse=True))
    return re.compile(rf"\w ?/ ?10{{2,}}(?!\d)|\w (?:{words})\b")


@cache
def _out_of_ten() -> re.Pattern[str]:
    return re.compile(rf" (?:{'|'.join(word_set('out_of_ten'))})$")


@cache
def _of_ten() -> re.Pattern[str]:
    return re.compile(rf"(\d{{1,2}}) (?:{'|'.join(word_set('out_of_ten'))})\b")
