"""Two texts laid over each other, word by word. Pure."""

from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True)
class TextPiece:
    """How: `kept`, `gone` or `new`."""

    how: str
    words: str


def pieces(was: str, now: str) -> tuple[TextPiece, ...]:
    """Word by word, with the spaces and new lines between them."""
    old, new = _split(was), _split(now)
    found: list[TextPiece] = []
    for how, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if how == "equal":
            found.append(TextPiece("kept", "".join(old[a:b])))
            continue
        found += [TextPiece("gone", "".join(old[a:b]))] if b > a else []
        found += [TextPiece("new", "".join(new[c:d]))] if d > c else []
    return tuple(found)


def _split(text: str) -> list[str]:
    return [piece for line in text.splitlines(keepends=True) for piece in line.replace(" ", " \0").split("\0") if piece]
