"""Days, hours and the protocol's own texts in the patient's language. Call inside `translation.override`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format, time_format

from clinic.patient.page_texts import Words

LONG_DAY = {"en": "l, F j", "es": r"l j \d\e F"}
LONG_DAY_AND_YEAR = {"en": "l, F j, Y", "es": r"l j \d\e F \d\e Y"}
SHORT_DAY = {"en": "M j", "es": "j M"}
CLOCK = {"en": "g:i A", "es": "H:i"}


def in_language(texts: Mapping[str, Any], *languages: str) -> Any:
    """The text in the first language that has one; else in any language rather than nothing."""
    return next((texts[tag] for tag in languages if texts.get(tag)), next(iter(texts.values()), ""))


def long_day(day: date, language: str) -> str:
    return date_format(day, LONG_DAY[language])


def short_day(day: date, language: str) -> str:
    return date_format(day, SHORT_DAY[language])


def clock_time(at: time, language: str) -> str:
    return time_format(at, CLOCK[language])


def moment(at: datetime, zone: ZoneInfo, language: str, words: Words, *, year: bool = False) -> str:
    """The moment in the clinic's time zone: that is where the patient has to be."""
    local = at.astimezone(zone)
    day = date_format(local.date(), (LONG_DAY_AND_YEAR if year else LONG_DAY)[language])
    return words["at"].format(day=day, time=clock_time(local.time(), language))


def weekdays(days: Sequence[int], words: Words) -> str:
    """`Monday to Friday` for days in a row, else one by one."""
    ordered = sorted(days)
    names = [str(WEEKDAYS[day]) for day in ordered]
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return words["to"].format(first=names[0], last=names[-1])
    return ", ".join(names)


def sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]
