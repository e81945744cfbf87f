"""What somebody typed to find a patient, in terms that each must fit. Pure: no database, no clock.

A term may be a part of a name, a patient number, digits of a phone, a date of birth or its year; what it may be is all
tried, as `04-02-1965` is a day to one clinic and a patient number to another.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from patients import characters, name_folding

MONTHS = {  # by their first three letters, in English and Spanish
    "jan": 1, "ene": 1, "feb": 2, "mar": 3, "apr": 4, "abr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "ago": 8,
    "sep": 9, "set": 9, "oct": 10, "nov": 11, "dec": 12, "dic": 12,
}  # fmt: skip
IN_A_NUMBER = re.compile(r"(?<=[\d)])[\s().-]+(?=[\d(])")  # what people put between the digits of a phone number
MONTH = rf"(?P<month>(?:{'|'.join(MONTHS)})[a-z]*)\.?"
BETWEEN = r"(?:\s*[-/.,]\s*|\s+(?:de\s+|of\s+)?|)"
DATES = [
    re.compile(r"(?<![\w/.-])(?P<y>\d{4})[-/.](?P<a>\d{1,2})[-/.](?P<b>\d{1,2})(?![\w/-])"),
    re.compile(r"(?<![\w/.-])(?P<y>(?:19|20)\d{2})(?P<a>\d{2})(?P<b>\d{2})(?![\w/-])"),
    re.compile(r"(?<![\w/.-])(?P<a>\d{1,2})\s?[-/.]\s?(?P<b>\d{1,2})\s?[-/.]\s?(?P<y>\d{4}|\d{2})(?![\w/-])"),
    re.compile(rf"(?<![\w/.-])(?P<d>\d{{1,2}})(?:st|nd|rd|th|º)?{BETWEEN}{MONTH}{BETWEEN}(?P<y>\d{{4}}|\d{{2}})(?!\w)"),
    re.compile(rf"(?<!\w){MONTH}\s*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s*(?:,\s*|\s)(?P<y>\d{{4}}|\d{{2}})(?!\w)"),
]
YEAR = re.compile(r"19\d\d|2[01]\d\d")
FEWEST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """`names`: the parts of a name that it may be, all of which must fit. `digits`: of a phone, without signs."""

    typed: str
    names: tuple[str, ...] = ()
    digits: str = ""
    days: tuple[date, ...] = ()
    year: int | None = None


def terms(typed: str) -> list[SearchTerm]:
    """In the order in which they were typed; none where there is nothing to look for."""
    text = _low(typed)
    found: list[SearchTerm] = []
    for pattern in DATES:
        text, more = _dates_taken(text, pattern)
        found += more
    rest = IN_A_NUMBER.sub("", text).replace(",", " ")
    return found + [term for word in rest.split() if (term := _term(word))]


def _low(typed: str) -> str:
    """Case and accents do not matter in a month either."""
    return name_folding.plain(unicodedata.normalize("NFKC", characters.visible(typed)))


def _dates_taken(text: str, pattern: re.Pattern[str]) -> tuple[str, list[SearchTerm]]:
    found: list[SearchTerm] = []

    def taken(match: re.Match[str]) -> str:
        days = tuple(dict.fromkeys(_days(match)))
        if not days:
            return match[0]
        found.append(SearchTerm(match[0], digits=match[0] if match[0].isdigit() else "", days=days))
        return " "

    return pattern.sub(taken, text), found


def _days(match: re.Match[str]) -> Iterator[date]:
    """Both readings where day and month can be either, and both centuries of a year of two digits."""
    parts = match.groupdict()
    years = [int(parts["y"])] if len(parts["y"]) == 4 else [1900 + int(parts["y"]), 2000 + int(parts["y"])]
    if "month" in parts:
        orders = [(MONTHS[parts["month"][:3]], int(parts["d"]))]
    else:
        orders = [(int(parts["a"]), int(parts["b"])), (int(parts["b"]), int(parts["a"]))]
    for year in years:
        for month, day in orders[:1] if parts["y"] == match[0][:4] else orders:
            try:
                yield date(year, month, day)
            except ValueError:
                continue


def _term(word: str) -> SearchTerm | None:
    names = tuple(name_folding.parts(word))
    if not names:
        return None
    if any(map(str.isalpha, word)):
        return SearchTerm(word, names)
    year = int(word) if YEAR.fullmatch(word) else None
    return SearchTerm(word, digits=_phone_digits(word), year=year)


def _phone_digits(typed: str) -> str:
    """Empty where it can be no part of a phone. A whole number loses the zeros that are dialled before it."""
    digits = "".join(filter(str.isdigit, typed))
    if len(digits) < FEWEST_DIGITS or any(map(str.isalpha, typed)):
        return ""
    return digits.lstrip("0") if len(digits) > 8 else digits
