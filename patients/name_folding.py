"""Names as they are compared: without case, accents, apostrophes and order. Pure.

`Álvarez`, `ALVAREZ` and `alvarez` are one word, and so are `O’Brien` and `obrien`.
"""

import re
import unicodedata

from patients import characters

SPELT_OUT = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"})
APOSTROPHES = re.compile("['‘’‛ʼʹ`´′＇ʻ]")
PARTS = re.compile(r"[\W_]+")
SHORTEST_WITH_SLIP = 4  # of what is typed; in shorter words a slip makes another name


def plain(name: str) -> str:
    """In lower case and without accents; signs stay."""
    apart = unicodedata.normalize("NFKD", name.casefold().translate(SPELT_OUT))
    return "".join(character for character in apart if not unicodedata.combining(character)).translate(SPELT_OUT)


def parts(text: str) -> list[str]:
    """`Peña-Ruiz, José` is pena, ruiz, jose; an apostrophe parts nothing."""
    seen = APOSTROPHES.sub("", plain(characters.visible(text)))
    return [part for part in PARTS.split(seen) if part]


def words_of(*names: str) -> set[str]:
    """What a person is found by: each part of each name, and each name run together, as in `delacruz`."""
    found: set[str] = set()
    for name in names:
        of_name = parts(name)
        found |= {*of_name, "".join(of_name)}
    return found - {""}


def halves(word: str) -> tuple[str, str]:
    """A word with one slip in it still has one of these: nothing shorter than three letters is kept by them."""
    middle = len(word) // 2
    return (word[:middle], word[middle:]) if len(word) > 2 else ("", "")


def halves_if_slipped(typed: str) -> tuple[set[str], set[str]]:
    """Each first and second half that a word may have from which `typed` is one slip away."""
    first, second = set[str](), set[str]()
    for length in (len(typed) - 1, len(typed), len(typed) + 1):
        middle = length // 2
        first.add(typed[:middle])
        second.add(typed[middle - length :])
    middle = len(typed) // 2
    swapped = typed[: middle - 1] + typed[middle] + typed[middle - 1] + typed[middle + 1 :]
    return first | {swapped[:middle]}, second | {swapped[middle:]}


def is_one_slip(typed: str, word: str) -> bool:
    """One letter too many, too few, another one, or two side by side swapped."""
    if abs(len(typed) - len(word)) > 1 or typed == word:
        return False
    start = next((n for n, (a, b) in enumerate(zip(typed, word, strict=False)) if a != b), min(len(typed), len(word)))
    rest, other = typed[start:], word[start:]
    if len(rest) == len(other):
        return rest[1:] == other[1:] or (rest[:2] == other[1::-1] and rest[2:] == other[2:])
    return rest[1:] == other if len(rest) > len(other) else rest == other[1:]
