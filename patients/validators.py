"""What is checked on entry: time zones, languages, countries, weekdays."""

import re
from zoneinfo import available_timezones

import phonenumbers
from django.core.exceptions import ValidationError

BCP47 = re.compile(r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$")
ZONES = frozenset(available_timezones()) - {"localtime", "Factory"}  # this machine's own, and "not set"
COUNTRIES = frozenset(phonenumbers.SUPPORTED_REGIONS)


def time_zone(value: str) -> None:
    if value not in ZONES:
        raise ValidationError(
            "“%(value)s” is not a time zone. Use an IANA name such as America/New_York.", params={"value": value}
        )


def language(value: str) -> None:
    if not BCP47.fullmatch(value):
        raise ValidationError(
            "“%(value)s” is not a language tag. Use BCP 47 such as en, es or es-MX.", params={"value": value}
        )


def languages(value: object) -> None:
    if not isinstance(value, list) or not value:
        raise ValidationError("List at least one language, the clinic's own first, such as [“en”, “es”].")
    for tag in value:
        language(str(tag))


def weekdays(value: object) -> None:
    if not isinstance(value, list) or any(day not in range(7) for day in value):
        raise ValidationError("List weekdays as numbers, 0 for Monday to 6 for Sunday.")


def country(value: str) -> None:
    if value not in COUNTRIES:
        raise ValidationError(
            "“%(value)s” is not a country. Use two ISO 3166 letters such as US.", params={"value": value}
        )


def countries(value: object) -> None:
    if not isinstance(value, list):
        raise ValidationError("List countries as two ISO 3166 letters each, such as [“US”, “CA”].")
    for code in value:
        country(str(code))
