"""Phone numbers as people and spreadsheets write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.phones import InvalidPhone, can_be_texted, e164, spoken


@pytest.mark.parametrize(
    "typed",
    [
        "+12025550123",
        "2025550123",
        "12025550123",
        "(202) 555-0123",
        "202.555.0123",
        " +1 202 555 0123 ",
        "2025550123.0",  # a spreadsheet's number
        "'2025550123",  # a spreadsheet's text
        '="2025550123"',  # a spreadsheet's formula
        "tel:+1-202-555-0123",
        "202\ufe0f-555\ufe0f-0123",  # variation selectors, from a PDF: the library alone says it is no number
        "2\ufe0f\u20e302-555-0123",  # a digit drawn as a key
        "\u202d202\u200b555\u00ad0123\u202c",
        "\ufeff２０２ 555 0123",
        "202\u202f555\u20070123\u200e",  # spaces that typesetters put between digits
        "202-555-0123 (h)",
    ],
)
def test_a_number_is_understood_as_people_and_spreadsheets_write_it(typed: str) -> None:
    assert e164(typed, region="US") == "+12025550123"


def test_a_number_without_a_country_is_read_in_the_clinics_region() -> None:
    assert e164("020 7946 0018", region="GB") == "+442079460018"
    assert e164("+44 20 7946 0018", region="US") == "+442079460018"
    assert e164("+44 (0)20 7946 0018", region="US") == "+442079460018"
    assert e164("55 1234 5678", region="MX") == "+525512345678"  # a valid number in New Jersey, too


@pytest.mark.parametrize("typed", ["1 55 1234 5678", "01 55 1234 5678", "044 55 1234 5678", "5215512345678"])
def test_a_mexican_clinic_is_told_which_digits_are_dialled_no_more(typed: str) -> None:
    with pytest.raises(InvalidPhone, match="Mexico dropped them"):
        e164(typed, region="MX")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "write it like"),
        ("call my daughter", "write it like"),
        ("555-0123", "check the area code"),
        ("+1 202 555 01", "check the area code"),
        ("202-555-0123-9999", "check the area code"),
        ("1.20256E+10", "format the column as text"),
        ("1.20256e+10", "format the column as text"),
        ("202-555-0123 ext. 7", "extension"),
        ("+1 202-555-0123 (mobile)", "words behind the number"),
        ("202-555-0123 Ana's", "words behind the number"),
        ("+49 30 1234567 Ana", "words behind the number"),  # valid for the library, which dials 1234567262
        ("202-555-0123 / 202-555-0124", "more than one number"),
        ("202-555-0123; 202-555-0124", "more than one number"),
        ("+52 1 55 1234 5678", "Mexico dropped them"),
        ("+52 044 55 1234 5678", "Mexico dropped them"),
        ("+34 (0)612 34 56 78", r"Leave out the \(0\)"),
        ("+1 (0) 202 555 0123", r"Leave out the \(0\)"),
        ("0034 612 34 56 78", r"Write \+ in place of 00"),
    ],
)
def test_what_is_not_a_number_is_refused_with_a_way_out(typed: str, said: str) -> None:
    with pytest.raises(InvalidPhone, match=said):
        e164(typed, region="US")


@pytest.mark.parametrize("typed", ["555-0188", "1.20256E+10", "+1 202 555 01 99999"])
def test_the_sentence_never_repeats_the_number(typed: str) -> None:
    with pytest.raises(InvalidPhone) as refused:
        e164(typed, region="US")

    assert typed not in str(refused.value)


@given(st.text(max_size=40))
def test_whatever_is_typed_gives_a_number_or_a_sentence(typed: str) -> None:
    answer = answer_to(typed)

    assert answer.endswith(".") or answer_to(answer) == answer


def answer_to(typed: str) -> str:
    try:
        return e164(typed, region="US")
    except InvalidPhone as refused:
        return str(refused)


@pytest.mark.parametrize(
    ("number", "textable"),
    [("+12025550123", True), ("+18005550199", False), ("+442079460018", False), ("+447400123456", True)],
)
def test_numbers_known_to_be_no_mobile_are_not_texted(number: str, textable: bool) -> None:
    assert can_be_texted(number) is textable


def test_a_number_is_shown_as_people_read_it() -> None:
    assert spoken("+12025550123") == "+1 202-555-0123"
