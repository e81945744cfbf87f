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
FEW = 1_000
INSIDE = 3  # letters from which on a part is found inside a word, too


def matching(patients: Any, typed: str) -> Any:
    """Those of `patients` that fit. A number that was merged into another one finds both patients."""
    asked = terms(typed)
    if not asked:
        return patients.none()
    numbers = Numbers(patients, [typed, *(term.typed for term in asked)])
    found = _fitting(patients, asked, numbers, typed, slips=False)
    keys = _first(found)
    if not keys and any(map(_may_slip, asked)):
        found = _fitting(patients, asked, numbers, typed, slips=True)
        keys = _first(found)
    return found if len(keys) > FEW else patients.filter(pk__in=keys)  # what the caller asks next costs little


def _first(found: People) -> list[int]:
    keys = found.order_by().prefetch_related(None).values_list("pk", flat=True)
    return list(keys[: FEW + 1])


def _fitting(patients: People, asked: list[SearchTerm], numbers: "Numbers", typed: str, *, slips: bool) -> People:
    found = patients
    for term in asked:
        found = found.filter(pk__in=_fits(patients, term, numbers, slips=slips))
    whole = numbers.of(typed)
    return patients.filter(Q(pk__in=found.values("pk")) | Q(pk__in=whole)) if whole else found


def _fits(patients: People, term: SearchTerm, numbers: "Numbers", *, slips: bool) -> People:
    """Keys. Each alternative is found by an index of its own; with OR, both databases would read every row."""
    everybody = patients.model._default_manager.order_by()
    found: list[People] = []
    if known := numbers.of(term.typed):
        found.append(everybody.filter(pk__in=known).values("pk"))
    if term.names:
        named = _with_words(term.names, slips=slips)
        few = list(named.values_list("patient", flat=True)[: FEW + 1])  # a list of keys is looked up, not joined
        found.append(named if len(few) > FEW else everybody.filter(pk__in=few).values("pk"))
    if term.digits:
        contacts = patients.model._meta.get_field("contacts").related_model._default_manager.order_by()
        found.append(contacts.filter(phone__contains=term.digits).values("patient"))
    if term.days:
        days = Q(birth_date__in=term.days) | _partly_known(term.days)
        found.append(patients.order_by().filter(days).values("pk"))
    if term.year:
        of_year = (date(term.year, 1, 1), date(term.year, 12, 31))
        found.append(patients.order_by().filter(birth_date__range=of_year).values("pk"))
    first, *others = found or [everybody.none().values("pk")]
    return first.union(*others) if others else first


def _partly_known(days: Iterable[date]) -> Q:
    """Of some people only the month or the year is known."""
    firsts, years = {day.replace(day=1) for day in days}, {day.replace(month=1, day=1) for day in days}
    return Q(birth_known="month", birth_date__in=firsts) | Q(birth_known="year", birth_date__in=years)


def _with_words(names: Iterable[str], *, slips: bool) -> People:
    """Who has all of these parts of a name, as `pena-ruiz` has two."""
    found = PatientWord.objects.order_by()
    first, *others = [found.filter(word__in=_words_like(name, slips=slips)).values("patient") for name in names]
    for other in others:
        first = first.filter(patient__in=other)
    return first


def _words_like(name: str, *, slips: bool) -> Any:
    """Words that begin with it; only where none does, those that have it inside."""
    for fit in (Q(word__startswith=name), Q(word__contains=name)):
        if words := set(SearchWord.objects.filter(fit).values_list("word", flat=True)[: MANY_WORDS + 1]):
            break
        if len(name) < INSIDE:
            break
    if len(words) > MANY_WORDS:
        return SearchWord.objects.filter(fit).values("word")
    return words | (_slipped(name) if slips else {name})


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
