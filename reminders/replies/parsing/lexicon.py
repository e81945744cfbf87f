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
PARTS = re.compile(r"\(([^)]*)\)|\[([^\]]*)\]|(\S+)")
MENDED = 6  # letters: of a shorter word a slip is often another word
NAMED = re.compile(r"@(\w+)")
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
        phrases = list(phrases)
        loose = [expression(p) for p in phrases if not p.startswith("=")]
        alone = [expression(p.lstrip("= ")) for p in phrases if p.startswith("=")]
        ends = "|".join([*loose, *(rf"\A{each}\Z" for each in alone)])
        return cls(re.compile(rf"(?<!\S)(?:{ends or '(?!)'})"), re.compile("|".join(loose + alone) or "(?!)"))

    def within(self, clause: str) -> bool:
        return self.anywhere.search(clause) is not None

    def is_all_of(self, clause: str) -> bool:
        return self.whole.fullmatch(clause) is not None


def expression(phrase: str) -> str:
    """`a/b` is either, `a_b` two words between slashes, `(a b)` may be missing, `[a/b]` are any number of these,
    `..` is up to three words, `a & b` are both of them anywhere in the clause, in any order.
    """
    if " & " in phrase:
        return r"\A" + "".join(rf"(?=(?:\S+ )*?{expression(each)})" for each in phrase.split(" & ")) + r"(?:\S+ )+"
    found = ""
    for optional, any_number, word in PARTS.findall(fold(phrase)):
        words = "".join(_either(each) for each in (optional or any_number or word).split())
        many = f"(?:{words})*" if any_number else f"(?:{words})?" if optional else words
        found += GAP if word == ".." else many
    return found


def _either(words: str) -> str:
    return f"(?:{'|'.join(re.escape(w.replace('_', ' ')) for w in words.split('/'))}) "


class Lexicon:
    """All files together; a key that a language leaves out has nothing in it."""

    def __init__(self, files: Iterable[Mapping[str, Any]]) -> None:
        self.files = list(files)
        self.same = {fold(k): fold(str(v)) for file in self.files for k, v in file.get("same", {}).items()}
        self.numbers = {fold(k): float(v) for file in self.files for k, v in file.get("numbers", {}).items()}
        self.symbols = self._all("symbols")
        self.signs = {code: Patterns.of(self._of_sign(code, "said")) for code in self._sign_codes()}
        self.unless = {code: Patterns.of(self._of_sign(code, "unless")) for code in self._sign_codes()}
        self.typos = _typos(self._sign_words(), but=self.set("no_typos"))
        self.together = {code: sign for file in self.files for code, sign in file.get("together", {}).items()}
        both = [
            (code, sign) for file in self.files for key in ("signs", "together") for code, sign in _items(file, key)
        ]
        self.urgency = {code: str(sign["urgency"]) for code, sign in both if "urgency" in sign}
        self.names = {code: str(sign["name"]) for code, sign in both if "name" in sign}

    def _sign_codes(self) -> list[str]:
        return list(dict.fromkeys(code for file in self.files for code, _ in _items(file, "signs")))

    def _of_sign(self, code: str, key: str) -> list[str]:
        """`@name` in a phrase stands for any of the words under `named` in its own file."""
        phrases = [(file, p) for file in self.files for p in file.get("signs", {}).get(code, {}).get(key, [])]
        return [_spelt_out(phrase, file) for file, phrase in phrases]

    def _sign_words(self) -> set[str]:
        """The single words that signs are made of."""
        phrases = [phrase for code in self._sign_codes() for phrase in self._of_sign(code, "said")]
        return {word for phrase in phrases for word in re.findall(r"[a-z]+", fold(phrase))}

    def mended(self, clause: str) -> str:
        """With the slips of the finger put right in words that signs are made of: bleding, swolen, insicion."""
        return "".join(f"{self.typos.get(word, word)} " for word in clause.split())

    def _all(self, key: str) -> list[str]:
        return [_spelt_out(str(word), file) for file in self.files for word in file.get(key, [])]

    def set(self, key: str) -> frozenset[str]:
        return frozenset(fold(word) for word in self._all(key))

    def patterns(self, key: str) -> Patterns:
        return Patterns.of(self._all(key))


def _typos(words: set[str], *, but: frozenset[str]) -> dict[str, str]:
    """A letter left out or doubled, or two exchanged, behind the first one of a long word; never a known word."""
    found: dict[str, str] = {}
    for word in sorted(words):
        if len(word) >= MENDED:
            found |= dict.fromkeys(_slipped(word) - words - but, word)
    return found


def _slipped(word: str) -> set[str]:
    places = range(1, len(word))
    left_out = {word[:n] + word[n + 1 :] for n in places}
    doubled = {word[:n] + word[n - 1] + word[n:] for n in places}
    exchanged = {word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in places[:-1]}
    return left_out | doubled | exchanged


def _items(file: Mapping[str, Any], key: str) -> Iterable[tuple[str, Any]]:
    """A key that is there and has nothing under it is a key that is not there."""
    return (file.get(key) or {}).items()


def _spelt_out(phrase: str, file: Mapping[str, Any]) -> str:
    named = file.get("named", {})
    return NAMED.sub(lambda found: "/".join(str(word).replace(" ", "_") for word in named[found[1]]), phrase)


@cache
def known() -> Lexicon:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return Lexicon(yaml.load(path.read_bytes(), Loader=loader) for path in sorted((HERE / "words").glob("*.yaml")))  # noqa: S506
