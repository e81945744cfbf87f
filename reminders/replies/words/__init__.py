"""The words replies are understood by: one YAML file for each language, all of them looked through at once. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
GAP = r"(?:\w+ ){0,3}?"
PARTS = re.compile(r"\(([^)]*)\)|(\S+)")
INSIDE_A_WORD = re.compile(r"(?<=\w)['’‘`´ʼ](?=\w)")  # can't is one word


def fold(text: str) -> str:
    """Small letters without accents, invisible signs or apostrophes; full-width and Arabic digits become 0 to 9."""
    flat = unicodedata.normalize("NFKD", text.replace("🔟", "10")).casefold()
    kept = "".join(c for c in flat if unicodedata.category(c) not in ("Mn", "Me", "Cf", "Cc") or c.isspace())
    digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in kept)
    return INSIDE_A_WORD.sub("", digits)


@dataclass(frozen=True, slots=True)
class Patterns:
    """Phrases as one expression over words with a blank after each: `anywhere` in a clause, or as the whole of it."""

    anywhere: re.Pattern[str]
    whole: re.Pattern[str]

    @classmethod
    def of(cls, phrases: Iterable[str]) -> "Patterns":
        loose = [expression(p) for p in phrases if not p.startswith("=")]
        alone = [expression(p.lstrip("= ")) for p in phrases if p.startswith("=")]
        ends = "|".join([*loose, *(rf"\A{each}\Z" for each in alone)])
        return cls(re.compile(rf"(?<!\S)(?:{ends or '(?!)'})"), re.compile("|".join(loose + alone) or "(?!)"))

    def within(self, clause: str) -> bool:
        return self.anywhere.search(clause) is not None

    def is_all_of(self, clause: str) -> bool:
        return self.whole.fullmatch(clause) is not None


def expression(phrase: str) -> str:
    """`a/b` is either, `a_b` two words between slashes, `(a b)` may be missing, `..` is up to three words."""
    found = ""
    for optional, word in PARTS.findall(fold(phrase)):
        words = "".join(_either(each) for each in (optional or word).split())
        found += GAP if word == ".." else f"(?:{words})?" if optional else words
    return found


def _either(words: str) -> str:
    return f"(?:{'|'.join(re.escape(w.replace('_', ' ')) for w in words.split('/'))}) "


class Words:
    """All files together; a key that a language leaves out has nothing in it."""

    def __init__(self, files: Iterable[Mapping[str, Any]]) -> None:
        self.files = list(files)
        self.same = {fold(k): fold(str(v)) for file in self.files for k, v in file.get("same", {}).items()}
        self.numbers = {fold(k): float(v) for file in self.files for k, v in file.get("numbers", {}).items()}
        self.symbols = self._all("symbols")
        self.signs = {
            code: Patterns.of([p for file in self.files for p in file.get("signs", {}).get(code, {}).get("said", [])])
            for code in dict.fromkeys(code for file in self.files for code in file.get("signs", {}))
        }
        self.urgency = {
            code: str(sign["urgency"]) for file in self.files for code, sign in file.get("signs", {}).items()
        }

    def _all(self, key: str) -> list[str]:
        return [str(word) for file in self.files for word in file.get(key, [])]

    def set(self, key: str) -> frozenset[str]:
        return frozenset(fold(word) for word in self._all(key))

    def patterns(self, key: str) -> Patterns:
        return Patterns.of(self._all(key))


@cache
def known() -> Words:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return Words(yaml.load(path.read_bytes(), Loader=loader) for path in sorted(HERE.glob("*.yaml")))  # noqa: S506
