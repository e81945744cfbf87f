"""Initials tell the people on one phone apart, and say no more about them than that takes."""

from datetime import date

import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st

from patients.initials import IS_A_WORD, Person, are_several, compact, tags
from reminders.plan.wording import lists
from reminders.replies.parsing import lexicon

BORN = date(1965, 4, 2)


def people(*names: str, born: tuple[date, ...] = ()) -> list[Person]:
    days = born or (BORN,) * len(names)
    split = [f"{name} ".split(" ", 1) for name in names]
    return [
        Person(n, given, family.strip(), day) for n, ((given, family), day) in enumerate(zip(split, days, strict=True))
    ]


def said(*names: str, born: tuple[date, ...] = ()) -> list[str]:
    return list(tags(people(*names, born=born)).values())


@pytest.mark.parametrize(
    ("names", "tagged"),
    [
        (["Jane Moore"], ["J.M."]),
        (["Jane Moore", "Ana Ruiz"], ["J.M.", "A.R."]),
        (["Jane Moore", "John Miller"], ["Ja.M.", "Jo.M."]),
        (["Jane Moore", "John Miller", "Ana Ruiz"], ["Ja.M.", "Jo.M.", "An.R."]),
        (["Álvaro Ñandú", "Éva O'Brien"], ["A.N.", "E.O."]),
        (["{link} {clinic}", "ana ruiz"], ["L.C.", "A.R."]),
        (["Nora Ortiz"], ["No.O."]),  # N.O. would be an answer
        (["Yuni"], ["Yu."]),
    ],
)
def test_initials_and_one_letter_more_where_they_are_the_same(names, tagged):
    assert said(*names) == tagged


def test_father_and_son_of_one_name_are_told_apart_by_the_day_of_birth_alone():
    assert said("John Moore", "John Moore", born=(date(1950, 1, 4), date(1980, 7, 21))) == ["J.M. 4", "J.M. 21"]


def test_who_cannot_be_told_apart_gets_no_tag():
    assert said("Joan Moore", "John Moore") == ["", ""]


def test_the_same_person_registered_twice_is_one():
    twice = people("Jane Moore", "jane moore")

    assert not are_several(twice)
    assert list(tags(twice).values()) == ["J.M.", "J.M."]


def test_no_tag_passes_for_an_answer_or_for_what_a_carrier_acts_on():
    known = lexicon.known()
    meant = [known.set(key) for key in ("said_yes", "said_no", "stop", "start", "help", "misspelt", "provider_stops")]
    whole = {word.upper() for word in frozenset(known.numbers).union(lists.taken(), *meant)}

    assert {word for word in whole if len(word) in (2, 3) and word.isascii()} <= IS_A_WORD


def test_who_would_be_called_yes_is_called_by_another_day():
    assert said("Yesenia Soto", "Yolanda Saez", born=(date(1950, 1, 4), date(1980, 7, 21))) == ["Y.S. 4", "Y.S. 21"]


NAMES = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=6)


@any_of(st.lists(st.tuples(NAMES, NAMES, st.dates()), min_size=1, max_size=4))
def test_tags_are_all_there_and_all_different_or_none_is(rows):
    known = [Person(n, *row) for n, row in enumerate(rows)]

    found = tags(known)

    told = {compact(found[person.patient]) for person in known}
    assert len(told) == len({person.who for person in known}) or told == {""}
