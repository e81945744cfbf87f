"""Keeps the words that patients are found by. Patient.save, bulk_create and update call it; raw SQL must do so."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from patients import name_folding
from patients.models.search import PatientWord, SearchWord

CHUNK = 2_000
Row = tuple[int, str, str]


def write(rows: Iterable[Row], *, new: bool = False) -> None:
    """`rows`: (key, given name, family name). `new`: none of them has words yet, so none is looked for."""
    people = list(rows)
    wanted = {(word, key) for key, given, family in people for word in name_folding.words_of(given, family)}
    if not new:
        wanted -= _kept({key for key, _, _ in people}, wanted)
    _write_words({word for word, _ in wanted})
    pairs = [PatientWord(word=word, patient_id=key) for word, key in sorted(wanted)]
    PatientWord.objects.bulk_create(pairs, ignore_conflicts=True)


def _write_words(words: set[str]) -> None:
    """Those nobody has yet. In one order, so that two transactions which bring the same words do not deadlock."""
    known = set(SearchWord.objects.filter(word__in=words).values_list("word", flat=True))
    missing = [_word(word) for word in sorted(words - known)]
    SearchWord.objects.bulk_create(missing, ignore_conflicts=True)


def _word(word: str) -> SearchWord:
    first, second = name_folding.halves(word)
    return SearchWord(word=word, first_half=first, second_half=second)


def _kept(keys: set[int], wanted: set[tuple[str, int]]) -> set[tuple[str, int]]:
    """Those that are there already. What is no word of theirs any more is deleted."""
    there = {(one.word, one.patient_id): one.pk for one in PatientWord.objects.filter(patient__in=keys)}
    gone = [pk for pair, pk in there.items() if pair not in wanted]
    if gone:
        PatientWord.objects.filter(pk__in=gone).delete()
    return wanted & there.keys()


def write_again(patients: "QuerySet[Any]") -> None:
    """For patients whose names were changed in the database."""
    rows = list(patients.order_by("pk").values_list("pk", "given_name", "family_name"))
    for start in range(0, len(rows), CHUNK):
        write(rows[start : start + CHUNK])
