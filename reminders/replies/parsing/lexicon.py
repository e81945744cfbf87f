"""The words replies are understood by, and a text in the forms they are looked for in. Pure.

One YAML file for each language, all of them looked through at once. A text is normalized before anything reads it.
"""

import re
import unicodedata
from base64 import b64decode
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
LONG = 9  # letters: from here on two slips still leave no doubt
DIGITS = {str(n): float(n) for n in range(100)} | {f"0{n}": float(n) for n in range(10)}  # 007 is nobody's pain
COMMANDS = ("confirm", "cannot_come", "new_time", "call_me")  # the whole text is one of these
NAMED = re.compile(r"@(\w+)")
INSIDE_A_WORD = re.compile(r"(?<=\w)['’‘`´ʼ](?=\w)")  # can't is one word
BETWEEN_CLAUSES = re.compile(r"[.,;:!?¡¿…()\[\]\n\r\"“”«»]+|\s[-–—]+\s|[—]")
CODED = re.compile(r"(?=.*=\Z|.{60})[A-Za-z0-9+/]{6,}={0,2}")


@dataclass(frozen=True, slots=True)
class Clause:
    """Plain words with a blank after each; `spoken` has the polite ones too, as a Spanish `si` may be an if."""

    plain: str
    spoken: str


@dataclass(frozen=True, slots=True)
class NormalizedText:
    """One text, in each form in which something is looked for in it.

    `text`: as it came. `folded`: small letters without accents; `degrees`: the same, where º is a degree and no o.
    `plain`: words with a blank between them, without punctuation, short forms written out, no "please".
    `once`: the same, where one word said twice is one word. `clauses`: what stands between commas, full stops and the
    like, with plain words in it; `mended`: these with slips put right in words that signs are made of.
    `spoken`: each clause with its polite words, also one that has no others: "ok", "sí".
    `is_slip`: all of it is a mistyped word that stops; `is_near_stop`: one letter from `stop`, perhaps another word.
    `decoded`: what it holds in base64, as carriers have been seen to hand on texts; a STOP in it is still a STOP.
    """

    text: str
    folded: str
    degrees: str
    plain: str
    once: str
    clauses: tuple[Clause, ...]
    mended: tuple[Clause, ...]
    spoken: tuple[str, ...]
    is_slip: bool
    is_near_stop: bool
    decoded: "NormalizedText | None" = None


def normalize(*texts: str) -> list[NormalizedText]:
    """Each text in every form in which something is looked for in it. What is coded inside a coded one stays so."""
    return [_normalized(text, decoded=_decoded(text)) for text in texts]


def fold(text: str) -> str:
    """Small letters without accents, invisible signs or apostrophes; full-width and Arabic digits become 0 to 9."""
    flat = unicodedata.normalize("NFKD", text.replace("🔟", "10")).casefold()
    kept = "".join(c for c in flat if unicodedata.category(c) not in ("Mn", "Me", "Cf", "Cc") or c.isspace())
    digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in kept)
    return INSIDE_A_WORD.sub("", digits)


@dataclass(frozen=True, slots=True)
class Patterns:
    """Phrases as expressions over words with a blank after each: `anywhere` in a clause, or the `whole` of it."""

    anywhere: re.Pattern[str]
    whole: re.Pattern[str]

    @classmethod
    def of(cls, phrases: Iterable[str]) -> "Patterns":
        """Compile phrases; one that begins with `=` must be the whole clause."""
        phrases = list(phrases)
        loose = [expression(p) for p in phrases if not p.startswith("=")]
        alone = [expression(p.lstrip("= ")) for p in phrases if p.startswith("=")]
        ends = "|".join([*loose, *(rf"\A{each}\Z" for each in alone)])
        return cls(re.compile(rf"(?<!\S)(?:{ends or '(?!)'})"), re.compile("|".join(loose + alone) or "(?!)"))


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
        self.values = DIGITS | self.numbers  # 11 and more are numbers too, though no score
        self.symbols = self._all("symbols")
        self.commands = frozenset(fold(word) for key in COMMANDS for word in self._all(key))
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
        """The words under a key, folded, of all languages."""
        return frozenset(fold(word) for word in self._all(key))

    def patterns(self, key: str) -> Patterns:
        """The phrases under a key, compiled, of all languages."""
        return Patterns.of(self._all(key))


def _typos(words: set[str], *, but: frozenset[str]) -> dict[str, str]:
    """A letter left out or doubled, or two exchanged, behind the first one of a long word; never a known word."""
    found: dict[str, str] = {}
    for word in sorted(words):
        if len(word) >= MENDED:
            found |= dict.fromkeys(_slipped(word) - words - but, word)
    return found


def _slipped(word: str) -> set[str]:
    left_out = {word[:n] + word[n + 1 :] for n in range(1, len(word))}
    doubled = {_doubled(word, n) for n in range(len(word) - 1)}
    return left_out | doubled | {_exchanged(word, n) for n in range(1, len(word) - 1)}


def _items(file: Mapping[str, Any], key: str) -> Iterable[tuple[str, Any]]:
    """A key that is there and has nothing under it is a key that is not there."""
    return (file.get(key) or {}).items()


def _spelt_out(phrase: str, file: Mapping[str, Any]) -> str:
    named = file.get("named", {})
    return NAMED.sub(lambda found: "/".join(str(word).replace(" ", "_") for word in named[found[1]]), phrase)


@cache
def known() -> Lexicon:
    """The lexicon of all word files, read once."""
    loader, files = getattr(yaml, "CSafeLoader", yaml.SafeLoader), sorted((HERE / "words").glob("*.yaml"))
    return Lexicon(yaml.load(path.read_bytes(), Loader=loader) for path in files)  # noqa: S506


def _normalized(text: str, *, decoded: str = "") -> NormalizedText:
    folded, plain = fold(text), _plain(text)
    words = plain.split()
    once = words[0] if len(set(words)) == 1 else plain
    every = [_clause(part) for part in BETWEEN_CLAUSES.split(text)]
    clauses = tuple(clause for clause in every if clause.plain != " ")
    return NormalizedText(
        text=text,
        folded=folded,
        degrees=fold(text.replace("º", "°")) if "º" in text else folded,
        plain=plain,
        once=once,
        clauses=clauses,
        mended=tuple(Clause(known().mended(clause.plain), known().mended(clause.spoken)) for clause in clauses),
        spoken=tuple(clause.spoken for clause in every if clause.spoken != " "),
        is_slip=is_slip(once, of=word_set("slips_of"), unless=word_set("not_slips")) or once in word_set("misspelt"),
        is_near_stop=is_near(plain, "stop") and plain not in word_set("not_slips"),
        decoded=_normalized(decoded) if decoded else None,
    )


def _clause(part: str) -> Clause:
    return Clause(_plain(part) + " ", _plain(part, polite=True) + " ")


def _plain(text: str, *, polite: bool = False) -> str:
    """`polite`: with its "please" and "thanks"."""
    spelt = " ".join(re.sub(r"[\W_]+", " ", fold(text)).split())
    if re.fullmatch(r"(?:\w )+\w", spelt) and not any(c.isdigit() for c in spelt):  # s t o p
        spelt = spelt.replace(" ", "")
    spelt = _one_of("same").sub(lambda found: known().same[found[0]], spelt)
    return spelt if polite else " ".join(_one_of("polite").sub(" ", spelt).split())


def _decoded(text: str) -> str:
    if not CODED.fullmatch(text.strip()):
        return ""
    try:
        inner = b64decode(text.strip(), validate=True).decode()
    except ValueError:
        return ""
    return inner if inner.isprintable() else ""


# Slips of the finger in a word that stops. Careful: `step`, `shop` and `top` are near `stop` and mean something else.


def is_slip(word: str, *, of: Iterable[str], unless: Iterable[str]) -> bool:
    """Two neighbours exchanged (stpo), a letter doubled (stopp) or held down (stoooop); two edits in a long word."""
    if " " in word or word in unless:
        return False
    return any(_is_slip_of(word, target) for target in of)


def is_near(word: str, target: str) -> bool:
    """One edit away: perhaps a slip, perhaps another word. Somebody should look."""
    return " " not in word and len(word) >= 3 and distance(word, target) == 1


def _is_slip_of(word: str, target: str) -> bool:
    if re.sub(r"(.)\1{2,}", r"\1", word) == target:
        return True
    if len(target) >= LONG:
        return distance(word, target) <= 2
    exchanged = {_exchanged(target, n) for n in range(len(target) - 1)}
    return word in exchanged | {_doubled(target, n) for n in range(len(target))}


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


@cache
def word_set(key: str) -> frozenset[str]:
    """The words under a key of the known files, folded; worked out once."""
    return known().set(key)


@cache
def phrases(key: str) -> Patterns:
    """The same as compiled phrases."""
    return known().patterns(key)


@cache
def _one_of(key: str) -> re.Pattern[str]:
    """The phrases of a list as whole words, the longest first."""
    said = sorted(known().same if key == "same" else word_set(key), key=len, reverse=True)
    return re.compile(rf"(?<!\S)(?:{'|'.join(map(re.escape, said))})(?!\S)")
