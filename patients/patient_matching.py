"""Whether a person is registered at a site already, perhaps under another patient number.

Four things make somebody a candidate: the same name, phone number or e-mail address together with the same date of
birth, or nearly the same patient number. Names are compared without case, accents, punctuation and the order of their
parts; numbers without case, separators and leading zeros. Candidates are for a person to decide about: twins who share
their mother's phone are two patients.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple, TypeVar

from django.db.models import CharField, Q
from django.db.models.functions import Cast

from patients.birth_dates import BirthDate, Known
from patients.characters import compacted
from patients.models import Contact, Patient, Site
from patients.name_folding import plain

K = TypeVar("K", bound=Hashable)
LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


class Likeness(StrEnum):
    """Why somebody is a candidate, the strongest first."""

    NAME = "same_name_and_birth_date"
    PHONE = "same_phone_and_birth_date"
    EMAIL = "same_email_and_birth_date"
    NUMBER = "nearly_the_same_number"
    YEAR = "same_name_and_year_of_birth"

    @property
    def in_words(self) -> str:
        return WORDS[self]


BY_ADDRESS = {Likeness.PHONE, Likeness.EMAIL}
WORDS = {
    Likeness.NAME: "same name and date of birth",
    Likeness.PHONE: "same phone number and date of birth",
    Likeness.EMAIL: "same e-mail address and date of birth",
    Likeness.NUMBER: "nearly the same patient number",
    Likeness.YEAR: "same name, and perhaps the same date of birth",
}


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Who is about to be registered. `addresses`: phones in E.164 and mailboxes in one spelling, a caregiver's too."""

    number: str
    given_name: str
    family_name: str
    birth_date: date
    addresses: Sequence[str] = ()
    birth_known: str = Known.DAY


class PersonMark(NamedTuple):
    """`kind`: name, address or number; a name or an address counts only with the date of birth."""

    kind: str
    key: str
    birth_date: date | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who is registered at the site. At least one reason, the strongest first."""

    patient: Patient
    why: tuple[Likeness, ...]

    @property
    def in_words(self) -> str:
        return ", ".join(like.in_words for like in self.why)


def like_numbers(one: str, other: str) -> bool:
    """`00123` and `123`, `a-7` and `A 7`: the same but for case, separators and leading zeros."""
    return not _number_keys(one).isdisjoint(_number_keys(other))


def like_names(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Two (given, family) names: `José Peña-Ruiz` and `PENA RUIZ, Jose` are alike, also where they are swapped."""
    return not _name_keys(*one).isdisjoint(_name_keys(*other))


def marks(person: PersonFacts) -> dict[PersonMark, Likeness]:
    """All by which somebody is recognized, each with what it would say: who shares one with another is alike."""
    names = _name_keys(person.given_name, person.family_name)
    found = {PersonMark("name", key, person.birth_date): Likeness.NAME for key in names}
    found |= {PersonMark("address", one, person.birth_date): _of_address(one) for one in person.addresses}
    return found | {PersonMark("number", key): Likeness.NUMBER for key in _number_keys(person.number)}


def _of_address(address: str) -> Likeness:
    return Likeness.EMAIL if "@" in address else Likeness.PHONE


def _number_keys(number: str) -> set[str]:
    """Zeros lead a number where its separators are taken as such, and where they are left out."""
    low = number.lower()
    return {
        "".join(filter(str.isalnum, LEADING_ZEROS.sub("", low))),
        LEADING_ZEROS.sub("", "".join(filter(str.isalnum, low))),
    } - {""}


def _name_keys(given: str, family: str) -> set[str]:
    """Run together, as `O'Brien` is also `O Brien`; either name first; and its parts in the order of the alphabet."""
    first, last = plain(given), plain(family)
    parts = sorted("".join(filter(str.isalnum, part)) for part in f"{first} {last}".replace("-", " ").split())
    together = ["".join(filter(str.isalnum, name)) for name in (first + last, last + first)]
    return {*together, "".join(parts)} - {""}


def candidates(site: Site, person: PersonFacts) -> list[Candidate]:
    """Who at this site may be this person, the likeliest first; never who has this very number. Two queries."""
    return candidates_of_many(site, {None: person})[None]


def candidates_of_many(site: Site, people: Mapping[K, PersonFacts]) -> dict[K, list[Candidate]]:
    """The same for a few hundred people, with as many queries as for one. Every key is in the answer."""
    known = _by_mark(site, people.values())
    found = {key: _among(known, person) for key, person in people.items()}
    rows = {patient.pk: patient for patients in known.values() for patient in patients}
    return {key: _with_partly_known(found[key], person, rows.values()) for key, person in people.items()}


def shares_address(patient: Patient, address: str) -> list[Candidate]:
    """Who else of the same date of birth has this phone (E.164) or mailbox at the site, whatever their name."""
    found = candidates(patient.site, facts_of(patient, [address]))
    return [one for one in found if BY_ADDRESS.intersection(one.why)]


def _among(known: Mapping[PersonMark, list[Patient]], person: PersonFacts) -> list[Candidate]:
    found: dict[int, tuple[Patient, set[Likeness]]] = {}
    for mark, like in marks(person).items():
        for patient in known.get(mark, ()):
            meant = patient.merged_into or patient
            if person.number not in (patient.number, meant.number):
                found.setdefault(meant.pk, (meant, set()))[1].add(like)
    order = list(Likeness).index
    alike = [Candidate(patient, tuple(sorted(why, key=order))) for patient, why in found.values()]
    return sorted(alike, key=lambda one: (order(one.why[0]), one.patient.pk))


def _partly_known(asked: Iterable[PersonFacts]) -> Q:
    """Who may be of the same day as somebody of whom, on either side, only month or year of birth are known."""
    asked = list(asked)
    firsts = {first for one in asked if one.birth_date for first in (one.birth_date.replace(day=1), _new_year(one))}
    fits = Q(birth_date__in=firsts) & ~Q(birth_known=Known.DAY)
    for one in asked:
        if one.birth_known != Known.DAY:
            fits |= Q(birth_date__range=(one.birth_date, BirthDate(one.birth_date, one.birth_known).last))
    return fits


def _new_year(person: PersonFacts) -> date:
    return person.birth_date.replace(month=1, day=1)


def _with_partly_known(found: list[Candidate], person: PersonFacts, partly: Iterable[Patient]) -> list[Candidate]:
    known = {person.number, *(one.patient.number for one in found)}
    born = BirthDate(person.birth_date, person.birth_known)
    names = (person.given_name, person.family_name)
    for patient in partly:
        if Known.DAY == person.birth_known == patient.birth_known:
            continue
        meant = patient.merged_into or patient
        is_alike = born.may_be(patient.born) and like_names(names, (patient.given_name, patient.family_name))
        if is_alike and known.isdisjoint({patient.number, meant.number}):
            found = [*found, Candidate(meant, (Likeness.YEAR,))]
            known.add(meant.number)
    return found


def _by_mark(site: Site, people: Iterable[PersonFacts]) -> dict[PersonMark, list[Patient]]:
    """Whoever of the site may be meant, found by an index."""
    asked = list(people)
    days, numbers = {person.birth_date for person in asked}, {compacted(person.number) for person in asked}
    fits = Q(birth_date__in=days) | Q(compact_number__in=numbers - {""}) | _partly_known(asked)
    rows = Patient.objects.for_site(site).filter(fits)
    addresses = _addresses(site, {address for person in asked for address in person.addresses})
    known: dict[PersonMark, list[Patient]] = defaultdict(list)
    for patient in rows.select_related("merged_into").order_by("pk"):
        for mark in marks(facts_of(patient, addresses.get(patient.pk, ()))):
            known[mark].append(patient)
    return known


def facts_of(patient: Patient, addresses: Collection[str] = ()) -> PersonFacts:
    names = (patient.given_name, patient.family_name)
    return PersonFacts(patient.number, *names, patient.birth_date, tuple(addresses), patient.birth_known)


def _addresses(site: Site, wanted: set[str]) -> dict[int, set[str]]:
    """By patient; of contacts that have ended too, as whose phone it once was is still the same person."""
    found: dict[int, set[str]] = defaultdict(set)
    if wanted:
        mails = {address for address in wanted if "@" in address}
        here = Contact.objects.for_site(site)
        rows = here.filter(Q(phone__in=wanted - mails, email="") | Q(email__in=mails, phone=""))
        plain = rows.annotate(number=Cast("phone", CharField()))  # to parse it costs more
        for patient, number, email in plain.values_list("patient", "number", "email"):
            found[patient].add(number or email)
    return found
