from datetime import date

import pytest

from clinic.exchange import cells
from clinic.exchange.cells import BadCell


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        (" A-1 ", "A-1"),
        ("'00123", "00123"),
        ('="00123"', "00123"),
        ("123.0", "123"),
        ("12.5", "12.5"),
        ("A\u00a01", "A 1"),
    ],
)
def test_a_number_is_read_under_what_the_spreadsheet_made_of_it(cell, read):
    assert cells.code(cell) == read


@pytest.mark.parametrize("cell", ["1.23457E+11", "1,23457E+11", "=A1", "@SUM(A1)", "#REF!", "#N/A", "#####", "-A1"])
def test_a_number_the_spreadsheet_destroyed_is_refused(cell):
    with pytest.raises(BadCell):
        cells.code(cell)


@pytest.mark.parametrize(
    ("cell", "read"), [("'t Hooft", "'t Hooft"), (" Ana  María ", "Ana María"), ("O'Neill", "O'Neill")]
)
def test_names_keep_what_belongs_to_them(cell, read):
    assert cells.words(cell) == read


@pytest.mark.parametrize("cell", ['=CONCAT("A";"B")', "JosÃ©", "#NAME?"])
def test_a_name_that_is_none_is_refused(cell):
    with pytest.raises(BadCell):
        cells.words(cell)


@pytest.mark.parametrize(
    ("cell", "order", "read"),
    [
        ("1965-04-02", "", date(1965, 4, 2)),
        ("1965-4-2", "", date(1965, 4, 2)),
        ("1965-04-02T00:00:00", "", date(1965, 4, 2)),
        ("1965-04-02 00:00:00", "", date(1965, 4, 2)),
        ("25/03/1965", "", date(1965, 3, 25)),
        ("03/25/1965", "", date(1965, 3, 25)),
        ("04/04/1965", "", date(1965, 4, 4)),
        ("25.3.1965", "", date(1965, 3, 25)),
        ("03/04/1965", "mdy", date(1965, 3, 4)),
        ("03/04/1965", "dmy", date(1965, 4, 3)),
        ("2024-02-29", "", date(2024, 2, 29)),
        ("1965/04/02", "", date(1965, 4, 2)),
        ("1965.4.2", "", date(1965, 4, 2)),
        ("02-Apr-1965", "", date(1965, 4, 2)),
        ("2 April 1965", "", date(1965, 4, 2)),
        ("April 2, 1965", "", date(1965, 4, 2)),
        ("2 de abril de 1965", "", date(1965, 4, 2)),
        ("02-ENE-1965", "", date(1965, 1, 2)),
        ("19650402", "", date(1965, 4, 2)),
        ("25/03/1965 0:00", "", date(1965, 3, 25)),
    ],
)
def test_dates_are_read_as_meant(cell, order, read):
    assert cells.day(cell, order=order) == read


@pytest.mark.parametrize(
    ("cell", "order", "says"),
    [
        ("03/04/1965", "", "two ways"),
        ("25/03/1965", "mdy", "no such day"),
        ("2023-02-29", "", "no such day"),
        ("4/2/65", "", "four digits"),
        ("23834", "", "day number"),
        ("=TODAY()", "", "formula"),
        ("yesterday", "", "not a date"),
        ("1965", "", "a year alone"),
        ("02-Apr-65", "", "four digits"),
        ("31-Apr-1965", "", "no such day"),
        ("2/Foo/1965", "", "not a date"),
    ],
)
def test_a_date_that_could_be_misread_is_refused(cell, order, says):
    with pytest.raises(BadCell, match=says):
        cells.day(cell, order=order)


@pytest.mark.parametrize(
    ("tag", "read"), [("en", "en"), ("EN_us", "en-US"), ("zh-hans-cn", "zh-Hans-CN"), ("", ""), ("English", "english")]
)
def test_a_language_is_written_the_usual_way(tag, read):
    assert cells.language(tag) == read
