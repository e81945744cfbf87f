"""The phrases signs are judged by: which class each has, and what is made of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from reminders.replies.parsing import redflags
from tests.replies.reading import meaning

NONE = "none"


@dataclass(frozen=True)
class Sign:
    text: str
    wanted: str  # E, D or none
    file: str

    @property
    def heard(self) -> str:
        return redflags.level(meaning(self.text).signs) or NONE


@cache
def signs() -> list[Sign]:
    return list(_read())


def _read() -> Iterator[Sign]:
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        for wanted, texts in yaml.safe_load(path.read_text()).items():
            yield from (Sign(text, wanted, path.stem) for text in texts)


def _right(file: str) -> str:
    """`E 37 of 74 · D 2 of 2 · none 18 of 39`"""
    own = [sign for sign in signs() if sign.file == file]
    wanted = {level: [sign for sign in own if sign.wanted == level] for level in ("E", "D", NONE)}
    right = {level: sum(sign.heard == level for sign in found) for level, found in wanted.items() if found}
    return " · ".join(f"{level} {number} of {len(wanted[level])}" for level, number in right.items())


def false_alarms() -> list[Sign]:
    """Heard as more than they are: in class E where D was meant, or at all where nothing was."""
    weight = [NONE, "D", "E"]
    return [sign for sign in signs() if weight.index(sign.heard) > weight.index(sign.wanted)]


def missed() -> list[Sign]:
    weight = [NONE, "D", "E"]
    return [sign for sign in signs() if weight.index(sign.heard) < weight.index(sign.wanted)]


def table() -> str:
    lines = [f"{'class':<8}{'phrases':>8}{'right':>7}  else"]
    for wanted in ("E", "D", NONE):
        heard = Counter(sign.heard for sign in signs() if sign.wanted == wanted)
        others = ", ".join(f"{number} heard as {other}" for other, number in heard.items() if other != wanted)
        lines.append(f"{wanted:<8}{heard.total():>8}{heard[wanted]:>7}  {others}")
    lines += ["by set:", *(f"  {name:<16}{_right(name)}" for name in dict.fromkeys(sign.file for sign in signs()))]
    for title, found in (("missed", missed()), ("false alarms", false_alarms())):
        lines.append(f"{title}: {len(found)}")
        lines += [f"  {sign.wanted} heard as {sign.heard}: {sign.text}" for sign in found]
    return "\n".join(lines)
