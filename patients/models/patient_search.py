"""Find patients as somebody at a desk types it: parts of names, a number, a phone, a date of birth, in any order.

Every term must fit. First as typed; where that finds nobody, each name with one slip in it. It only narrows the rows it
is given, so whoever may not see a patient does not find them. Nothing here depends on the database: see ADR 47.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from patients import name_folding
from patients.characters import compacted
from patients.models.search import PatientWord, SearchWord
from patients.search_terms import SearchTerm, terms

People = QuerySet[Any]  # of patients, as the reader may see them
MANY_WORDS = 500  # more than these are looked up by the database itself
INSIDE = 3  # letters from which on a part is found inside a word, too


def matching(patients: People, typed: str) -> People:
    """Those of `patients` that fit. A number that was merged into another one finds both patients."""
    asked = terms(typed)
    if not asked:
        return patients.none()
    numbers = Numbers(patients, [typed, *(term.typed for term in asked)])
    found = _fitting(patients, asked, numbers, typed, slips=False)
    if any(map(_may_slip, asked)) and not found.exists():
        return _fitting(patients, asked, numbers, typed, slips=True)
    return found


def _fitting(patients: People, asked: list[SearchTerm], numbers: "Numbers", typed: str, *, slips: bool) -> People:
    every = Q()
    for term in asked:
        every &= _fits(patients, term, numbers, slips=slips)
    whole = numbers.of(typed)
    return patients.filter(every | Q(pk__in=whole) if whole else every)


def _fits(patients: People, term: SearchTerm, numbers: "Numbers", *, slips: bool) -> Q:
    """Each alternative is found by an index of its own; together they are one list of keys."""
    fits = Q(pk__in=numbers.of(term.typed))
    if term.names:
        named = Q()
        for name in term.names:
            named &= Q(pk__in=_with_word(name, slips=slips))
        fits |= named
    if term.digits:
        contacts = patients.model._meta.get_field("contacts").related_model._default_manager
        fits |= Q(pk__in=contacts.filter(phone__contains=term.digits).values("patient"))
    if term.days:
        fits |= Q(birth_date__in=term.days)
    if term.year:
        fits |= Q(birth_date__range=(date(term.year, 1, 1), date(term.year, 12, 31)))
    return fits


def _with_word(name: str, *, slips: bool) -> object:
    fit = Q(word__contains=name) if len(name) >= INSIDE else Q(word__startswith=name)
    words = set(SearchWord.objects.filter(fit).values_list("word", flat=True)[: MANY_WORDS + 1])
    if len(words) > MANY_WORDS:
        return PatientWord.objects.filter(word__in=SearchWord.objects.filter(fit).values("word")).values("patient")
    words |= _slipped(name) if slips else {name}
    return PatientWord.objects.filter(word__in=words).values("patient")


def _may_slip(term: SearchTerm) -> bool:
    return any(len(name) >= name_folding.SHORTEST_WITH_SLIP for name in term.names)


def _slipped(name: str) -> set[str]:
    """The words of names from which this one is one slip away."""
    if len(name) < name_folding.SHORTEST_WITH_SLIP:
        return set()
    first, second = name_folding.halves_if_slipped(name)
    near = SearchWord.objects.filter(Q(first_half__in=first) | Q(second_half__in=second))
    return {word for word in near.values_list("word", flat=True) if name_folding.is_one_slip(name, word)}


class Numbers:
    """Patients by their number, without case and separators: one query for all that was typed."""

    def __init__(self, patients: People, typed: Iterable[str]) -> None:
        self.known: dict[str, set[int]] = {}
        compact = {compacted(one) for one in typed} - {""}
        rows = patients.filter(compact_number__in=compact).values_list("pk", "merged_into", "number")
        for pk, merged_into, number in rows:
            self.known.setdefault(_spelt(number), set()).update({pk, merged_into or pk})

    def of(self, typed: str) -> set[int]:
        return self.known.get(_spelt(typed), set())


def _spelt(number: str) -> str:
    return "".join(filter(str.isalnum, number.casefold()))
