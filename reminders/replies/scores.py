"""A number from 0 to 10 as people write it. Pure.

7 · 07 · 7. · "7" · (7) · ７ · ٧ · ⑦ · 7️⃣ · 🔟 · 7/10 · 7 out of 10 · 7 de 10 · seven · siete ·
my pain is 7 today                                                        are that number
11 · -3 · 7.5 · 7,5 · 7½ · 7 8 · 7-8 · 7 or 8 · 7/5 · about 7 · 7? · 7+ · 70 %  are UNCLEAR: asked once, never guessed
I took 2 pills · leg 7, back 3 · 12/03/2026 · 202 555 0123              hold NO_NUMBER: a person reads them
"""

import re
from enum import Enum
from functools import cache

from reminders.replies import words

WORST = 10
OUT_OF_TEN = re.compile(r"(\d{1,2}) ?/ ?10")
AROUND = " \t\r\n.,!;\"'()*#“”"
ODD = re.compile(r"(?s)(?=.*\d).*[-−–—~<>+=%^?/⁄]|.*\d[.,:']\d|.*(?<!\S)[.,]\d")

DATE_OR_PHONE = re.compile(r"\d{4}")


class Unread(Enum):
    NO_NUMBER = 0
    UNCLEAR = 1


def read(text: str, plain: str) -> int | Unread:
    """`plain`: the same text in plain words, as meaning.py makes them."""
    flat = words.fold(text)
    if found := OUT_OF_TEN.fullmatch(flat.strip(AROUND)):
        return _bounded(float(found[1]))
    if DATE_OR_PHONE.search(flat):
        return Unread.NO_NUMBER
    said = _out_of_ten().sub("", plain).split()
    numbers = [number for word in said if (number := value(word)) is not None]
    others = {word for word in said if value(word) is None}
    if not numbers or not others <= _set("beside_a_score") | _set("between_numbers"):
        return Unread.NO_NUMBER
    if len(numbers) > 1 or is_odd(text) or not others <= _set("beside_a_score"):
        return Unread.UNCLEAR
    return _bounded(numbers[0])


def is_odd(text: str) -> bool:
    """A minus, a fraction, a "more than": it is not simply the number that stands in it. `<3` is a heart."""
    return ODD.match(words.fold(text)) is not None


def _bounded(number: float) -> int | Unread:
    return int(number) if number in range(WORST + 1) else Unread.UNCLEAR


def value(word: str) -> float | None:
    """Of one plain word; 11 and more are numbers too, though no score."""
    if word.isdecimal():
        return float(word) if len(word) < 3 else 1_000.0  # 007 is nobody's pain
    return words.known().numbers.get(word)


@cache
def _set(key: str) -> frozenset[str]:
    return words.known().set(key)


@cache
def _out_of_ten() -> re.Pattern[str]:
    return re.compile(rf" (?:{'|'.join(_set('out_of_ten'))})$")
