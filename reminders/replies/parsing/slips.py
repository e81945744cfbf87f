"""Slips of the finger. Pure. Careful: `step`, `shop` and `top` are near `stop` and mean something else."""

import re
from collections.abc import Iterable

LONG = 9  # from here on two slips still leave no doubt


def is_slip(word: str, *, of: Iterable[str], unless: Iterable[str]) -> bool:
    """Two neighbours exchanged (stpo), a letter doubled (stopp) or held down (stoooop); two edits in a long word."""
    if " " in word or word in unless:
        return False
    return any(_slipped(word, target) for target in of)


def is_near(word: str, target: str) -> bool:
    """One edit away: perhaps a slip, perhaps another word. Somebody should look."""
    return " " not in word and len(word) >= 3 and distance(word, target) == 1


def _slipped(word: str, target: str) -> bool:
    if re.sub(r"(.)\1{2,}", r"\1", word) == target:
        return True
    if len(target) >= LONG:
        return distance(word, target) <= 2
    return word in {_exchanged(target, n) for n in range(len(target) - 1)} | {
        _doubled(target, n) for n in range(len(target))
    }


def _exchanged(word: str, at: int) -> str:
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _doubled(word: str, at: int) -> str:
    return word[: at + 1] + word[at:]


def distance(one: str, other: str) -> int:
    """Edits between them (Damerau-Levenshtein); more than a few letters apart is far."""
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], last[j - 2] + 1)
    return row[-1]
