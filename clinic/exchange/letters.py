"""In which encoding names make sense: José read with another alphabet's table becomes JosŽ or Jos‚. Pure."""

import unicodedata
from collections.abc import Collection
from typing import NamedTuple

from clinic.exchange.import_rows import OtherEncoding


class NamedEncoding(NamedTuple):
    """`codec`: as Python and `--encoding` call it; `title`: as programs that save files call it."""

    codec: str
    title: str


KNOWN = [  # between two that explain the names equally well, the first
    NamedEncoding("cp1252", "Windows-1252 (Western European)"),
    NamedEncoding("mac_roman", "Mac Roman (Macintosh)"),
    NamedEncoding("cp1250", "Windows-1250 (Central European)"),
    NamedEncoding("iso8859-2", "ISO 8859-2 (Central European)"),
    NamedEncoding("cp1251", "Windows-1251 (Cyrillic)"),
    NamedEncoding("koi8-r", "KOI8-R (Cyrillic)"),
    NamedEncoding("cp1253", "Windows-1253 (Greek)"),
    NamedEncoding("cp1254", "Windows-1254 (Turkish)"),
    NamedEncoding("cp850", "DOS 850 (Western European)"),
    NamedEncoding("cp866", "DOS 866 (Cyrillic)"),
]
VOWELS = set("aeiouyаеёиоуыэюяіїєαεηιουωάέήίόύώ")
BETWEEN = set(" -.,'’‘`´·ʼ()") | {"\u00a0"}


def refuse_other_alphabet(names: Collection[bytes], line: int) -> None:
    """Raise OtherEncoding where another encoding than Windows-1252 explains these names better. `line`: of the first.

    `names`: those with a byte beyond ASCII.
    """
    best = likely(names)
    if best is not None and best.codec != "cp1252":
        raise OtherEncoding(
            f"Names in this file hold letters that no name has (first in line {line}). It was probably saved as"
            f" {best.title}: import it with the encoding {best.codec} (--encoding {best.codec}), or save it again as"
            " “CSV UTF-8”. Nothing was imported. If the names are right, say --encoding cp1252.",
            best.codec,
        )


def likely(names: Collection[bytes]) -> NamedEncoding | None:
    """The encoding in which most of these look like names; None where they do in none."""
    if not names:
        return None
    scored = [(sum(_sense(name, one.codec) for name in names), one) for one in KNOWN]
    score, best = max(scored, key=lambda pair: pair[0])
    return best if score else None


def _sense(name: bytes, codec: str) -> float:
    """1 for what could be a name; less where its letters are unusual; 0 where no name is written so."""
    try:
        words = "".join(" " if sign in " -.()" else sign for sign in name.decode(codec)).split()
    except UnicodeDecodeError:
        return 0
    return min(map(_of_word, words), default=0)


def _of_word(word: str) -> float:
    letters = [sign for sign in word if sign.isalpha()]
    if len(letters) + sum(map(_may_stand_between, word)) < len(word) or _breaks_off(word):
        return 0
    if len({_script(sign) for sign in letters}) > 1 or _jumps(word):
        return 0
    if len(letters) > 2 and _script(letters[0]) == "LATIN" and not any(sign.isascii() for sign in letters):
        return 0
    return _usual(word, letters)


def _may_stand_between(sign: str) -> bool:
    return sign in BETWEEN or sign == "–" or sign.isdigit() or unicodedata.combining(sign) > 0


def _breaks_off(word: str) -> bool:
    """A dash joins two names; within one, it was a letter."""
    return any(word[at + 1 : at + 2].islower() for at, sign in enumerate(word) if sign == "–")


def _script(sign: str) -> str:
    return unicodedata.name(sign, "").partition(" ")[0]


def _jumps(word: str) -> bool:
    """A capital with an accent, or of another alphabet, inside a word of small letters."""
    around = zip(word, word[1:], [*word[2:], ""], strict=False)
    return any(
        sign.isupper() and not sign.isascii() and (before.islower() or (before.isupper() and after.islower()))
        for before, sign, after in around
    )


def _usual(word: str, letters: list[str]) -> float:
    plain = [unicodedata.normalize("NFD", sign.lower())[0] for sign in letters]
    share = sum(sign in VOWELS for sign in plain) / max(1, len(plain))
    sure = 1.0 if 0.2 <= share <= 0.8 or len(plain) < 4 else 0.6
    inside = any(a.islower() and b == "’" and c.islower() for a, b, c in zip(word, word[1:], word[2:], strict=False))
    return sure - 0.3 * inside
