"""What is checked on entry, and the sentence for what is wrong."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError

from patients import validators


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Madrid", "UTC", "Pacific/Kiritimati"])
def test_any_iana_zone_is_welcome(zone: str) -> None:
    validators.time_zone(zone)


@pytest.mark.parametrize("language", ["en", "es", "es-MX", "zh-Hant-TW", "es-419", "fil"])
def test_any_language_tag_is_welcome(language: str) -> None:
    validators.language(language)


@pytest.mark.parametrize(
    ("check", "value", "said"),
    [
        (validators.time_zone, "EST5", "IANA name such as America/New_York"),
        (validators.time_zone, "EST", "Use the city: America/New_York, or America/Panama"),
        (validators.time_zone, "MST", "America/Denver, or America/Phoenix"),
        (validators.time_zone, "HST", "Pacific/Honolulu"),
        (validators.time_zone, "PST8PDT", "America/Los_Angeles"),
        (validators.time_zone, "GMT", "Europe/London"),
        (validators.time_zone, "Etc/GMT+5", "an offset has no summer time"),
        (validators.time_zone, "Eastern Standard Time", "Use the city: America/New_York"),
        (validators.time_zone, "New York", "IANA name"),
        (validators.time_zone, "america/new_york", "IANA name"),
        (validators.time_zone, "../etc/passwd", "IANA name"),
        (validators.time_zone, "localtime", "IANA name"),
        (validators.time_zone, "Factory", "IANA name"),
        (validators.language, "English", "BCP 47 such as en, es or es-MX"),
        (validators.language, "en_US", "BCP 47"),
        (validators.language, "EN", "BCP 47"),
        (validators.language, "en\n", "BCP 47"),
        (validators.languages, [], "at least one language"),
        (validators.languages, "en", "at least one language"),
        (validators.languages, ["en", "Spanish"], "BCP 47"),
        (validators.weekdays, [0, 7], "0 for Monday to 6 for Sunday"),
        (validators.weekdays, ["Monday"], "0 for Monday"),
        (validators.weekdays, "0,1", "0 for Monday"),
    ],
)
def test_what_is_wrong_is_refused_with_what_would_be_right(
    check: Callable[[object], None], value: object, said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        check(value)
