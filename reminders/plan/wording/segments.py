"""Texts as a phone network counts them, and as plain as it wants them. Pure."""

from typing import NamedTuple
from unicodedata import combining, normalize

# GSM 03.38. Characters of the second row cost two: the network sends an escape before them.
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")
GSM = GSM_BASIC | GSM_EXTENDED
ROOM = {"GSM-7": (160, 153), "UCS-2": (70, 67)}  # alone, and as one of several

PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′´`", "'"),
        **dict.fromkeys("“”„‟″", '"'),
        **dict.fromkeys("‐‑‒–—―−•", "-"),
        **dict.fromkeys("\t\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f", " "),
        **dict.fromkeys("\u00ad\u200b\u2060\ufeff", ""),
        "…": "...",
    }
)


class SegmentCount(NamedTuple):
    encoding: str
    characters: int
    parts: int


def parts(text: str) -> SegmentCount:
    """How a phone network will cut the text. One character outside GSM-7 makes all of them dearer."""
    encoding = "GSM-7" if GSM.issuperset(text) else "UCS-2"
    alone, together = ROOM[encoding]
    total = len(text) + _doubles(text, encoding)
    if total <= alone:
        return SegmentCount(encoding, total, min(total, 1))
    return SegmentCount(encoding, total, _packed([_size(character, encoding) for character in text], together))


def _doubles(text: str, encoding: str) -> int:
    if encoding == "GSM-7":
        return sum(text.count(character) for character in GSM_EXTENDED)
    return sum(ord(character) > 0xFFFF for character in text)


def _size(character: str, encoding: str) -> int:
    if encoding == "GSM-7":
        return 2 if character in GSM_EXTENDED else 1
    return 2 if ord(character) > 0xFFFF else 1


def _packed(sizes: list[int], room: int) -> int:
    """A character of size two never straddles the border of two parts."""
    count, used = 1, 0
    for size in sizes:
        if used + size > room:
            count, used = count + 1, 0
        used += size
    return count


def plain_letters(value: str) -> str:
    """Of a name or an address in a text: letters that would double its price lose their accents."""
    return "".join(one if one in GSM else _without_accent(one) for one in value)


def _without_accent(letter: str) -> str:
    base = "".join(part for part in normalize("NFKD", letter) if not combining(part))
    return base if GSM.issuperset(base) else letter


def downgrade(text: str) -> str:
    """Typographic marks as a phone's plain ones. Letters keep their accents: they carry meaning."""
    return text.translate(PLAIN)
