"""Finds whose text it is when several patients share a phone. Pure.

JM 5 · jm: 5 · J.M. 5 · JM5 · 5 JM      is J.M.'s, and says 5
JM 5, AR 3 · 5 · JM · am I too early?   is nobody's: the only open question takes it, else a person reads it

Only beside an answer, or beside a STOP, are they taken for a name: utterance.py looks at what else is said.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from patients.initials import compact

BETWEEN = r"[\s.:,;()]*"  # a minus is not among them: it belongs to the number


@dataclass(frozen=True, slots=True)
class NamedPatient:
    """`text`: what is said beside the initials."""

    patient: int
    text: str


def read(text: str, tags: Mapping[int, str]) -> NamedPatient | None:
    """Find the patient whose initials stand first or last; None: nobody's, or of several. `tags`: by patient."""
    patterns = {patient: _pattern(compact(tag)) for patient, tag in tags.items() if tag}
    found = {patient: rest for patient, pattern in patterns.items() if (rest := _without(text, pattern))}
    return NamedPatient(*found.popitem()) if len(found) == 1 else None


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
