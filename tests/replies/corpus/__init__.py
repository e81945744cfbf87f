"""The phrases replies are judged by, and `python -m tests.replies.corpus`: what is made of them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from reminders.replies.parsing.utterance import Utterance
from tests.replies.reading import meaning


@dataclass(frozen=True)
class Phrase:
    """`means` and `asked`: what must be understood without and with an open question."""

    text: str
    means: str
    asked: str
    file: str


@cache
def phrases() -> list[Phrase]:
    return list(_read())


def _read() -> Iterator[Phrase]:
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        for group in yaml.safe_load(path.read_text()):
            for text in group["texts"]:
                yield Phrase(text, group["means"], group.get("asked", group["means"]), path.stem)


def said(found: Utterance) -> str:
    """`stop everywhere`, `refusal urgent`, `score 7`: a meaning in the corpus's own words."""
    number = "" if found.score is None else str(found.score)
    urgent = "urgent" if found.urgent and found.intent != "urgent" else ""
    return " ".join(filter(None, [found.intent, "everywhere" if found.everywhere else "", urgent, number]))


def table() -> str:
    """Rows: what it should be; beside it how many phrases, and what else was made of some of them."""
    lines = [f"{'should be':<18}{'phrases':>8}{'right':>7}  else"]
    for asked in (False, True):
        made: dict[str, Counter[str]] = {}
        for phrase in phrases():
            wanted = phrase.asked if asked else phrase.means
            made.setdefault(wanted, Counter())[said(meaning(phrase.text, score_expected=asked))] += 1
        lines.append("with an open question:" if asked else "with no open question:")
        for wanted, counts in sorted(made.items()):
            others = ", ".join(f"{n} {word}" for word, n in counts.items() if word != wanted)
            lines.append(f"{wanted:<18}{counts.total():>8}{counts[wanted]:>7}  {others}")
    return "\n".join(lines)
