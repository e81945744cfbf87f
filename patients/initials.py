"""Whom a message is about, where one phone serves several: initials, and as little more as tells them apart. Pure.

J.M. · A.R.         initials
Ja.M. · Jo.M.       two letters of the first name, where initials are the same
Su.                 two letters of the only name: Y, N or S alone would pass for an answer
J.M. 4 · J.M. 21    the day of birth without month and year, where those are the same too: father and son

Two rows of one name and one date of birth are one person. Others who are still alike get no tag: a person calls them.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

IS_A_WORD = {  # it would pass for an answer, or a carrier would take it for a STOP or a START
    "NO", "OK", "SI", "UN", "YA", "DIX", "DOS", "END", "FIN", "NON", "ONE", "OUI", "QIT", "SIX", "STO", "STP", "TEN",
    "TWO", "UNO", "YEP", "YES", "YUP",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    patient: int
    given: str
    family: str
    born: date
    birth_known: str = "day"

    @property
    def who(self) -> tuple[str, str, date]:
        """Identifies a person on a shared phone: names without case, and the birth date."""
        return self.given.casefold().strip(), self.family.casefold().strip(), self.born


def tags(people: Iterable[Person]) -> dict[int, str]:
    """By patient, all told apart in the same way; empty where nothing does."""
    known = list(people)
    for way in WAYS:
        found = {person.patient: way(person) for person in known}
        named = {person.who: found[person.patient] for person in known}
        told = {tag if len(tag) > 1 else "" for tag in map(compact, named.values())}
        if len(told) == len(named) and not told & {"", *IS_A_WORD}:
            return found
    return dict.fromkeys((person.patient for person in known), "")


def are_several(people: Iterable[Person]) -> bool:
    """True if the rows are of more than one person; one person may have several rows."""
    return len({person.who for person in people}) > 1


def initials(person: Person, letters: int = 1) -> str:
    """`A.R.` for Ana Ruiz; with two `letters`, `An.R.`. Empty for a name without letters."""
    given, family = _letters(person.given), _letters(person.family)
    given, family = (given or family)[:letters], family[:1] if given else ""
    return "".join(f"{part.capitalize()}." for part in (given, family) if part)


def compact(tag: str) -> str:
    """As people write it in an answer: JM, JAM, JM4."""
    return "".join(character for character in tag if character.isalnum()).upper()


WAYS: tuple[Callable[[Person], str], ...] = (
    initials,
    lambda person: initials(person, letters=2),
    lambda person: f"{initials(person)} {person.born.day}".strip() if person.birth_known == "day" else "",
)


def _letters(name: str) -> str:
    """Without accents: one Á would turn a whole text into UCS-2, two parts instead of one."""
    return "".join(character for character in unicodedata.normalize("NFD", name) if character.isalpha())
