"""Moments, days and states as staff read them. Pure but for the labels it is handed."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

LANGUAGES = {"en": "English", "es": "Spanish", "fr": "French", "de": "German", "pt": "Portuguese", "zh": "Chinese"}


@dataclass(frozen=True, slots=True)
class Pill:
    """A word and its tone: good, warn, bad or neutral, as staff.css knows them."""

    word: str
    tone: str = "neutral"


def day(value: date) -> str:
    return f"{value:%a} {value.day} {value:%b %Y}"


def moment(value: datetime, zone: ZoneInfo) -> str:
    local = value.astimezone(zone)
    return f"{day(local.date())}, {local:%H:%M}"


def language(tag: str) -> str:
    """English for en, and the bare tag for a language that has no name here."""
    return LANGUAGES.get(tag.split("-")[0], tag)


def count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one}" if number == 1 else f"{number} {many or one + 's'}"


def span(first: int, last: int | None) -> str:
    if last is None:
        return f"from day {first}"
    return f"day {first}" if first == last else f"days {first} to {last}"
