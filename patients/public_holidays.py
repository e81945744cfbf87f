"""Public holidays as the `holidays` package knows them, by country, region and kind. Pure.

A country alone lacks its regions' days: of England's nine GB has seven. Names follow the language of the process where
none is asked for, so one always is. A country that is not known has no holidays.
"""

from collections.abc import Collection, Iterable
from datetime import date
from importlib import metadata

import holidays
from holidays import HolidayBase

PUBLIC = "public"
LONGEST = 80  # letters of a name


def version() -> str:
    """Of the package: another one may know other days."""
    return metadata.version("holidays")


def regions(country: str) -> dict[str, str]:
    """ISO 3166-2 codes without the country, each with its name: `NY`, New York. A few are cities with own days."""
    if (known := _calendar(country)) is None:
        return {}
    names = known.get_subdivision_aliases()
    return {code: (names.get(code) or [code])[0] for code in known.subdivisions}


def kinds(country: str) -> tuple[str, ...]:
    """Which kinds of days there are, `public` first; others are optional, such as `half_day` or `bank`."""
    known = _calendar(country)
    optional = set(known.supported_categories) - {PUBLIC} if known is not None else set()  # empty, so false
    return (PUBLIC, *sorted(optional))


def days(
    country: str, years: Iterable[int], *, region: str = "", of: Collection[str], language: str
) -> dict[date, str]:
    """Each day with its name, in order. `of`: kinds. `language`: a tag such as es-MX, else the nearest there is."""
    known = _calendar(country)
    if known is None:
        return {}
    found = holidays.country_holidays(
        country,
        subdiv=region if region in known.subdivisions else None,
        years=list(years),
        language=spoken(country, language),
        categories=[kind for kind in kinds(country) if kind in of] or [PUBLIC],
    )
    return {day: shortened(name) for day, name in sorted(found.items())}


def spoken(country: str, tag: str) -> str | None:
    """The package's name of a language: this one as spoken there, the same one elsewhere, or the country's own."""
    known = _calendar(country)
    if known is None or not known.supported_languages:
        return None
    base = tag.split("-")[0]
    wanted = [tag.replace("-", "_"), f"{base}_{country}", base]
    same = [name for name in known.supported_languages if name.split("_")[0] == base]
    return next((name for name in [*wanted, *same] if name in known.supported_languages), known.default_language)


def shortened(name: str) -> str:
    """Two holidays on one day share a name, with a semicolon between them."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1].rsplit(";", 1)[0].rstrip() + "…"


def _calendar(country: str) -> HolidayBase | None:
    return holidays.country_holidays(country) if country in holidays.list_supported_countries() else None
