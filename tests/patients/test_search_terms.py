"""What somebody types to find a patient is understood in the spellings that people use."""

from datetime import date

import pytest

from patients import name_folding
from patients.search_terms import terms

BORN, SWAPPED = date(1965, 4, 2), date(1965, 2, 4)


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("1965-04-02", {BORN}),
        ("19650402", {BORN}),
        ("04/02/1965", {BORN, SWAPPED}),
        ("2.4.1965", {BORN, SWAPPED}),
        ("2-Apr-1965", {BORN}),
        ("02APR1965", {BORN}),
        ("April 2, 1965", {BORN}),
        ("2nd of April 1965", {BORN}),
        ("2 de abril de 1965", {BORN}),
        ("2 abr. 1965", {BORN}),
        ("12/31/65", {date(1965, 12, 31), date(2065, 12, 31)}),
        ("13/13/1965", set()),
        ("202-555-0123", set()),
        ("Mar 3", set()),
    ],
)
def test_a_date_of_birth_is_understood_however_it_is_written(typed, days):
    assert {day for term in terms(typed) for day in term.days} == days


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Ng, Li", ["ng", "li"]),
        ("O’BRIEN", ["obrien"]),
        ("Peña-Ruiz ÁLVAREZ", ["pena", "ruiz", "alvarez"]),
        ("  Łukasz\u200b Żak ", ["lukasz", "zak"]),
        ("Straße", ["strasse"]),
        (" , . ", []),
    ],
)
def test_names_are_compared_without_accents_commas_and_apostrophes(typed, names):
    assert [name for term in terms(typed) for name in term.names] == names


@pytest.mark.parametrize(
    ("typed", "digits"),
    [("(202) 555-0123", "2025550123"), ("0123", "0123"), ("020 7946 0018", "2079460018"), ("12", ""), ("A-777", "")],
)
def test_digits_are_those_of_a_phone(typed, digits):
    assert [term.digits for term in terms(typed)] == [digits]


@pytest.mark.parametrize("word", ["nunez", "ruiz", "alvarez", "li", "ana"])
def test_a_word_with_one_slip_shares_a_half_with_what_was_meant(word):
    letters = "abcdefghijklmnopqrstuvwxyz"
    slips = {word[:n] + word[n + 1 :] for n in range(len(word))}
    slips |= {word[:n] + letter + word[n:] for n in range(len(word) + 1) for letter in letters}
    slips |= {word[:n] + letter + word[n + 1 :] for n in range(len(word)) for letter in letters}
    slips |= {word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in range(len(word) - 1)}

    for slip in slips - {word}:
        assert name_folding.is_one_slip(slip, word), slip
        if len(slip) >= name_folding.SHORTEST_WITH_SLIP and len(word) > 2:
            first, second = name_folding.halves_if_slipped(slip)
            assert name_folding.halves(word)[0] in first or name_folding.halves(word)[1] in second, slip


@pytest.mark.parametrize("other", ["nunez", "nuenz1", "munes", "nezun", ""])
def test_two_slips_are_another_name(other):
    assert not name_folding.is_one_slip(other, "nunez")
