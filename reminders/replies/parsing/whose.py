"""Whose a text is that comes from a phone of several patients. Pure.

JM 5 · jm: 5 · J.M. 5 · JM5 · 5 JM      is J.M.'s, and says 5
JM 5, AR 3 · 5 · JM · am I too early?   is nobody's: the only open question takes it, else a person reads it

Only beside an answer, or beside a STOP, are initials taken for a name: elsewhere they may be a word.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from patients.initials import compact
from reminders.replies.parsing.meaning import Intent, meaning
from reminders.replies.parsing.questionnaire import looks_like_an_answer

ABOUT_THE_NUMBER = (Intent.STOP, Intent.START, Intent.HELP)
BETWEEN = r"[\s.:,;()]*"  # a minus is not among them: it belongs to the number


@dataclass(frozen=True, slots=True)
class SharedPhone:
    """Who is cared for behind it. `tags`: by patient, as our texts name them; `several`: more than one person."""

    tags: Mapping[int, str] = field(default_factory=dict)
    several: bool = False


@dataclass(frozen=True, slots=True)
class NamedPatient:
    """`patient`: None where nobody is named, or not clearly; then `text` is all of it."""

    text: str
    patient: int | None = None


def read(text: str, phone: SharedPhone) -> NamedPatient:
    if not phone.several:
        return NamedPatient(text)
    patterns = {patient: _pattern(compact(tag)) for patient, tag in phone.tags.items() if tag}
    found = {patient: rest for patient, pattern in patterns.items() if (rest := _without(text, pattern))}
    if len(found) != 1:
        return NamedPatient(text)
    [(patient, rest)] = found.items()
    means_something = looks_like_an_answer(rest) or meaning(rest).intent in ABOUT_THE_NUMBER
    return NamedPatient(rest, patient) if means_something else NamedPatient(text)


def _pattern(tag: str) -> str:
    letters = tag.rstrip("0123456789")
    digits = tag.removeprefix(letters)
    return BETWEEN.join([*map(re.escape, letters), *([digits] if digits else [])])


def _without(text: str, pattern: str) -> str:
    """The rest; empty where the text neither begins nor ends with it, or is nothing else."""
    end = r"(?!\d)" if pattern[-1].isdigit() else r"(?![^\W\d])"  # JM5 is JM and 5, JMB is neither
    flags = re.IGNORECASE | re.DOTALL
    first = re.fullmatch(rf"[\s(]*{pattern}{end}{BETWEEN}(.+)", text, flags)
    last = re.fullmatch(rf"(.*[^\w-])[(]?{pattern}{BETWEEN}", text, flags)
    return (first or last or [""] * 2)[1].strip()
