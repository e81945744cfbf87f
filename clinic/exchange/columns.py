"""Which column of a file holds which field: by name, by synonym, or as somebody at the clinic said. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

IGNORED = ""  # what a column is mapped to that is not read


@dataclass(frozen=True, slots=True)
class Columns:
    """`synonyms`: other names of a field, each as `spelt` writes it. A field listed first is asked first."""

    needed: Sequence[str]
    optional: Sequence[str] = ()
    synonyms: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def known(self) -> list[str]:
        """All fields."""
        return [*self.needed, *self.optional]


def spelt(name: str) -> str:
    """A column's name in one spelling: `Date of  Birth`, `date-of-birth` and `DATE_OF_BIRTH` are the same."""
    plain = unicodedata.normalize("NFC", name).replace("\u00a0", " ").strip().strip("'\ufeff").lower()
    return re.sub(r"[\s_./-]+", "_", plain).strip("_#:*")


def matched(header: Sequence[str], columns: Columns, told: Mapping[str, str]) -> list[str]:
    """The field of each column, else its own name. `told`: a field by a column's name, IGNORED for one to leave out.

    What was told comes first, then a field's own name, then its synonyms in their order; a field is given once by
    synonym, so that of `mobile` and `home_phone` only the better one is read.
    """
    names = [spelt(cell) for cell in header]
    said = {spelt(name): wanted for name, wanted in told.items()}
    found = [_told(name, said, columns) for name in names]
    taken = {name for name in found if name in columns.known}
    for wanted, synonyms in columns.synonyms.items():
        if wanted in taken:
            continue
        at = next((names.index(one) for one in synonyms if one in names and _is_free(one, said, columns)), None)
        if at is not None:
            found[at] = wanted
            taken.add(wanted)
    return found


def _told(name: str, said: Mapping[str, str], columns: Columns) -> str:
    if name in said:
        return said[name] or f"{name} (left out)"
    return name if name not in said.values() or name not in columns.known else f"{name} (left out)"


def _is_free(name: str, said: Mapping[str, str], columns: Columns) -> bool:
    return name not in said and name not in columns.known


def unknown_fields(told: Mapping[str, str], columns: Columns) -> list[str]:
    """Fields somebody named that there are not."""
    return sorted({wanted for wanted in told.values() if wanted and wanted not in columns.known})


def read_map(words: Iterable[str]) -> dict[str, str]:
    """`Cell=phone` and `Notes=` as a mapping; raises ValueError for what has no equals sign."""
    told = {}
    for word in words:
        column, sign, wanted = word.partition("=")
        if not sign or not column.strip():
            raise ValueError(word)
        told[spelt(column)] = wanted.strip().lower()
    return told
