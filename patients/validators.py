"""What is checked on entry: time zones, languages, countries, weekdays."""

import re
from datetime import date
from typing import Any
from zoneinfo import available_timezones

import phonenumbers
from django.core.exceptions import ValidationError

from patients import public_holidays, zone_names

BCP47 = re.compile(r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$")
ZONES = frozenset(available_timezones()) - {"localtime", "Factory"}  # this machine's own, and "not set"
COUNTRIES = frozenset(phonenumbers.SUPPORTED_REGIONS)


def time_zone(value: str) -> None:
    """Raise ValidationError unless this is IANA's name of a place's zone. `EST` and `GMT+5` have no summer time."""
    if city := zone_names.city_for(value):
        raise ValidationError(
            "“%(value)s” does not say when the clocks change. Use the city: %(city)s.",
            params={"value": value, "city": city},
        )
    if value not in ZONES:
        raise ValidationError(
            "“%(value)s” is not a time zone. Use an IANA name such as America/New_York.", params={"value": value}
        )


def language(value: str) -> None:
    """Raise ValidationError unless this is a BCP 47 language tag."""
    if not BCP47.fullmatch(value):
        raise ValidationError(
            "“%(value)s” is not a language tag. Use BCP 47 such as en, es or es-MX.", params={"value": value}
        )


def languages(value: object) -> None:
    """Raise ValidationError unless this is a list of BCP 47 tags with at least one."""
    if not isinstance(value, list) or not value:
        raise ValidationError("List at least one language, the clinic's own first, such as [“en”, “es”].")
    for tag in value:
        language(str(tag))


def weekdays(value: object) -> None:
    """Raise ValidationError unless these are numbers from 0 (Monday) to 6."""
    if not isinstance(value, list) or any(day not in range(7) for day in value):
        raise ValidationError("List weekdays as numbers, 0 for Monday to 6 for Sunday.")


def country(value: str) -> None:
    """Raise ValidationError unless this is an ISO 3166 country of two letters."""
    if value not in COUNTRIES:
        raise ValidationError(
            "“%(value)s” is not a country. Use two ISO 3166 letters such as US.", params={"value": value}
        )


def region(value: str, country: str) -> None:
    """Raise ValidationError unless the country has this region, by its ISO 3166-2 code without the country."""
    known = public_holidays.regions(country)
    if value and value not in known:
        listed = f"Choose one of: {', '.join(known)}." if known else "Leave it empty: no region has days of its own."
        raise ValidationError({"region": f"“{value}” is not a region of {country}. {listed}"})


def holiday_kinds(value: object, country: str) -> None:
    """Raise ValidationError unless these are kinds of holidays; one of another country counts for nothing."""
    known = ", ".join(public_holidays.kinds(country))
    if not isinstance(value, list) or not value or not all(isinstance(kind, str) for kind in value):
        raise ValidationError({"holiday_kinds": f"Choose at least one kind of holidays: {known}."})


def countries(value: object) -> None:
    """Raise ValidationError unless this is a list of ISO 3166 countries; it may be empty."""
    if not isinstance(value, list):
        raise ValidationError("List countries as two ISO 3166 letters each, such as [“US”, “CA”].")
    for code in value:
        country(str(code))


def conditions(value: object) -> None:
    """Raise ValidationError unless these are known conditions."""
    known = ("diabetes", "smoking", "osteoporosis")
    if not isinstance(value, list) or not set(map(str, value)) <= set(known):
        raise ValidationError("List known conditions only: diabetes, smoking, osteoporosis.")


def currency(value: str) -> None:
    """Raise ValidationError unless this looks like an ISO 4217 currency."""
    if not re.fullmatch(r"[A-Z]{3}", value):
        raise ValidationError("“%(value)s” is not a currency. Use ISO 4217 such as USD.", params={"value": value})


def expected_pain(value: object) -> None:
    """[[day, lowest, highest], …] with rising days and 0 <= lowest <= highest <= 10."""
    rows: list[Any] = value if isinstance(value, list) else [None]
    if not all(_is_band(row) for row in rows) or [row[0] for row in rows] != sorted({row[0] for row in rows}):
        raise ValidationError("Give rows of day, lowest and highest pain from 0 to 10, by rising day: [[1, 4, 7], …].")


def _is_band(row: object) -> bool:
    if not isinstance(row, list) or len(row) != 3 or not all(isinstance(one, int) for one in row):
        return False
    day, lowest, highest = row
    return bool(day >= 0 and 0 <= lowest <= highest <= 10)


EARLIEST, LATEST = 1900, 2199  # years in which a plan and each hour of a day can be worked out in every zone


def year(day: date) -> None:
    """Raise ValidationError for a day, or a moment, whose year can only be mistyped."""
    if not EARLIEST <= day.year <= LATEST:
        raise ValidationError(f"The year {day.year} cannot be meant. Write one such as 2026.")
