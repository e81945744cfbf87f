"""How many years of school a text asks for. Pure; nothing is looked up, so a draft can be graded while it is typed.

English: Flesch-Kincaid grade (Kincaid et al. 1975). Spanish: Fernández Huerta's reading ease (1959), with words per
sentence as Law (2011) corrected it, read as a grade through the table printed with it. Both count sentences as Flesch
did: a full stop, colon, semicolon, question or exclamation mark ends one, and so does the end of a line.
"""

import re
from collections.abc import Callable
from functools import lru_cache

HIGHEST = 6  # PROTOCOLS, section 6
KEPT = 2000  # grades: a version is judged again after each edit, and most of its texts are as they were
TOO_LITTLE = 4  # words: a formula for pages says nothing of `Good morning.`
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
SENTENCE_END = re.compile(r"[.!?:;…]+(?=[\s\"'”’)]|$)|\n+")
OPT_OUT = re.compile(r"(?:\b(?:Reply|Text|Responda|Envíe)\s+)?\bSTOP\b[^.!?\n]*[.!?]?")  # the carrier's words, not ours
EASE_TO_GRADE = [(90, 4), (80, 5), (70, 6), (60, 8), (50, 10), (30, 13)]  # below that: 16


@lru_cache(KEPT)
def grade(template: str, language: str) -> float | None:
    """None where the language has no formula here, or there is nothing to read."""
    formula = FORMULAS.get(language.split("-")[0].lower())
    sentences = [words for part in SENTENCE_END.split(_read_aloud(template)) if (words := WORD.findall(part))]
    words = [word for sentence in sentences for word in sentence]
    if formula is None or len(words) < TOO_LITTLE:
        return None
    count, syllables = formula
    return count(len(words) / len(sentences), sum(map(syllables, words)) / len(words))


def _read_aloud(template: str) -> str:
    """Without what every text carries; a name or a number in the sentence is read as one short word."""
    text = OPT_OUT.sub("", template).replace("{clinic}: ", "").replace("{link}", "")
    lines = [line for line in text.splitlines() if re.sub(r"\{\w+\}", "", line).strip(" ,.")]
    return re.sub(r"\{\w+\}", "us", "\n".join(lines))


def _kincaid(words: float, syllables: float) -> float:
    return max(0.0, round(0.39 * words + 11.8 * syllables - 15.59, 1))


def _huerta(words: float, syllables: float) -> float:
    ease = 206.84 - 60 * syllables - 1.02 * words
    return float(next((grade for least, grade in EASE_TO_GRADE if ease >= least), 16))


def english_syllables(word: str) -> int:
    """By spelling: groups of vowels, without the e that is not heard."""
    word = re.sub(r"['’]s?$", "", word.lower())
    heard = re.sub(r"(?<![aeiouy])e$|(?<![tdaeiouy])ed$|(?<![aeiouyscgxz])(?<!sh)es$", "", word)
    if word.endswith("le") and len(word) > 2 and word[-3] not in "aeiouy":
        heard = word
    apart = re.findall(r"(?<![tcsgx])i[aou]|(?<!p)eo|ie(?=t)|uou|[yeo]i(?=ng)|crea|(?<=r)ea$", heard)
    return max(1, len(re.findall(r"[aeiouy]+", heard)) + len(apart))


def spanish_syllables(word: str) -> int:
    """Two strong vowels are two syllables; a weak one joins its neighbour unless it carries the accent."""
    runs = re.findall(r"[aeiouáéíóúü]+", re.sub(r"([qg])u(?=[eiéí])", r"\1", word.lower()))
    return max(1, sum(max(1, len(re.findall(r"[aeoáéíóú]", run))) for run in runs))


FORMULAS: dict[str, tuple[Callable[[float, float], float], Callable[[str], int]]] = {
    "en": (_kincaid, english_syllables),
    "es": (_huerta, spanish_syllables),
}
