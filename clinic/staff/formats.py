"""Moments, days and states as staff read them. Pure but for Django's table of languages."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import get_language_info

NAMED_HERE = {"zh": "Chinese"}  # Django names only its scripts


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
    """`Spanish` for es; the tag itself where nobody knows a name."""
    for known in (tag.lower(), tag.split("-")[0].lower()):
        if known in NAMED_HERE:
            return NAMED_HERE[known]
        try:
            return str(get_language_info(known)["name"])
        except KeyError:
            continue
    return tag


def count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one}" if number == 1 else f"{number} {many or one + 's'}"


def span(first: int, last: int | None) -> str:
    if last is None:
        return f"from day {first}"
    return f"day {first}" if first == last else f"days {first} to {last}"
