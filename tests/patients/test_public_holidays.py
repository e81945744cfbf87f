"""A site's public holidays are those of its region, in its own language, whatever the language of the process."""

import holidays
import pytest

from patients import public_holidays

YEARS = range(2026, 2036)
PLACES = [
    ("US", "NY"), ("US", "HI"), ("GB", "ENG"), ("GB", "SCT"), ("CA", "ON"), ("CA", "QC"), ("ES", "MD"), ("ES", "CT"),
    ("DE", "BY"), ("DE", "BE"), ("AU", "NSW"), ("BR", "SP"), ("CH", "ZH"), ("AR", "B"), ("IT", "BZ"), ("MX", ""),
]  # fmt: skip


@pytest.mark.parametrize(("country", "region"), PLACES)
def test_ten_years_of_days_are_the_librarys_own(country: str, region: str):
    own = holidays.country_holidays(country, subdiv=region or None, years=YEARS)

    found = public_holidays.days(country, YEARS, region=region, of=["public"], language="en")

    assert list(found) == sorted(own)


@pytest.mark.parametrize(
    ("country", "region", "alone", "with_region"), [("GB", "ENG", 7, 9), ("CA", "ON", 5, 10), ("ES", "MD", 8, 12)]
)
def test_a_country_alone_lacks_days_of_its_regions(country: str, region: str, alone: int, with_region: int):
    def number(region: str) -> int:
        return len(public_holidays.days(country, [2026], region=region, of=["public"], language="en"))

    assert (number(""), number(region)) == (alone, with_region)


@pytest.mark.parametrize(
    ("country", "language", "name"),
    [
        ("US", "en", "New Year's Day"),
        ("US", "es", "New Year's Day"),  # the package has no Spanish for it
        ("MX", "es-MX", "Año Nuevo"),
        ("MX", "en", "New Year's Day"),
        ("CA", "fr-CA", "Jour de l'an"),
        ("GB", "en-GB", "New Year's Day"),
    ],
)
def test_names_are_in_the_sites_language_where_there_are_any(monkeypatch, country: str, language: str, name: str):
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de")

    found = public_holidays.days(country, [2027], region="", of=["public"], language=language)

    assert next(iter(found.values())) == name


def test_optional_kinds_count_where_a_site_wants_them():
    usual = public_holidays.days("CA", [2026], region="ON", of=["public"], language="en")
    more = public_holidays.days("CA", [2026], region="ON", of=["public", "optional"], language="en")

    assert public_holidays.kinds("CA") == ("public", "government", "optional")
    assert set(more) > set(usual)


def test_what_is_not_known_has_no_days():
    assert public_holidays.days("XX", [2026], region="", of=["public"], language="en") == {}
    assert public_holidays.regions("XX") == {}
    assert public_holidays.regions("US")["NY"] == "New York"


def test_two_holidays_on_a_day_keep_a_name_that_fits():
    assert len(public_holidays.shortened("A very long name of a day; " * 5)) <= public_holidays.LONGEST
