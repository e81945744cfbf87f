"""Blanks: numbers only a surgeon knows, such as `{lifting_limit}`, filled in or struck before a signature. Pure.

A version keeps them as {name: {"value", "why"}}. A value is "" (open), "struck", or a number with its unit, such as
"10 lb". The unit is kept with the number: a site that changes its country later must not turn pounds into kilograms.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

STRUCK = "struck"
Kept = Mapping[str, Mapping[str, str]]

WEIGHTS = ("lb", "kg")
IN_POUNDS = frozenset({"US", "LR", "MM"})  # countries
MEASURED_IN = {  # what a number of a unit is called: one, more
    "en": {
        "minutes": ("minute", "minutes"),
        "hours": ("hour", "hours"),
        "days": ("day", "days"),
        "weeks": ("week", "weeks"),
        "months": ("month", "months"),
    },
    "es": {
        "minutes": ("minuto", "minutos"),
        "hours": ("hora", "horas"),
        "days": ("día", "días"),
        "weeks": ("semana", "semanas"),
        "months": ("mes", "meses"),
    },
}
LONG = ("days", "weeks", "months")


@dataclass(frozen=True, slots=True)
class Blank:
    """`units`: what the number may be in. `example`: for the demo and for measuring a text; not advice."""

    label: str
    units: tuple[str, ...]
    example: str


BLANKS = {
    "lifting_limit": Blank("most that may be lifted", WEIGHTS, "10 lb"),
    "lifting_until": Blank("the lifting limit stays for at least", LONG, "12 weeks"),
    "bending_until": Blank("no bending or twisting for", LONG, "6 weeks"),
    "driving_after": Blank("no driving for", LONG, "2 weeks"),
    "sitting_limit": Blank("longest time to sit at one stretch", ("minutes", "hours"), "30 minutes"),
    "shower_after": Blank("no shower for", ("hours", "days", "weeks"), "48 hours"),
    "bath_after": Blank("no bath or pool for", LONG, "3 weeks"),
    "dressing_for": Blank("the dressing stays on for", ("hours", *LONG), "7 days"),
    "brace_hours": Blank("brace worn each day for", ("hours",), "8 hours"),
    "smoking_until": Blank("no smoking for at least", LONG, "3 months"),
    "anti_inflammatory_until": Blank("no anti-inflammatory medicine for", LONG, "3 months"),
    "constipation_after": Blank("call when there was no bowel movement for", ("hours", "days"), "3 days"),
    "sex_after": Blank("no sex for", LONG, "4 weeks"),
    "flying_after": Blank("no long flight for", LONG, "6 weeks"),
}
NAME = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
NUMBER = re.compile(r"(\d{1,3}(?:\.\d)?) ([a-z]+)")
LEAD = re.compile(r"\{clinic\}: ")  # the sender of a text stays when its first sentence goes
BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])\s+")


def blank_order(name: str) -> tuple[int, str]:
    """As a surgeon is asked for them; PostgreSQL keeps no order of its own."""
    known = list(BLANKS)
    return (known.index(name) if name in BLANKS else len(known), name)


def weight_unit(country: str) -> str:
    """`lb` or `kg`, by ISO 3166 country."""
    return "lb" if country in IN_POUNDS else "kg"


def units_of(name: str, country: str) -> tuple[str, ...]:
    """The units a site may fill this blank in; a weight has only the one its country uses."""
    units = BLANKS[name].units
    return (weight_unit(country),) if units == WEIGHTS else units


def value_of(kept: Kept, name: str) -> str:
    """ "" where it is open."""
    return str(kept.get(name, {}).get("value") or "")


def wrong(name: str, value: str) -> str:
    """What is wrong with a value, as a sentence; "" where it may stand. An open blank is not wrong yet."""
    if name not in BLANKS:
        return f"{{{name}}} is not a blank. Known are: {', '.join(BLANKS)}."
    blank, found = BLANKS[name], NUMBER.fullmatch(value)
    if value in ("", STRUCK) or (found and found[2] in blank.units and float(found[1]) > 0):
        return ""
    return f"{{{name}}} ({blank.label}) is “{value[:40]}”. It must be a number with its unit, such as {blank.example}."


def foreign(name: str, value: str, country: str) -> str:
    """A sentence where a weight is in the unit of another country; "" where it is not."""
    right = units_of(name, country)
    if value in ("", STRUCK) or value.partition(" ")[2] in right:
        return ""
    return f"{{{name}}} ({BLANKS[name].label}) is {value}, and this site writes {right[0]}. Fill it in again."


def names(text: str) -> list[str]:
    """The blanks a text has, in its order, each once."""
    return [name for name in dict.fromkeys(NAME.findall(text)) if name in BLANKS]


def spoken(value: str, language: str) -> str:
    """`2 weeks` is said `2 semanas`; a weight is the same in every language. English where a language is not known."""
    number, _, unit = value.partition(" ")
    words = MEASURED_IN.get(language.split("-")[0].lower(), MEASURED_IN["en"])
    if unit not in words:
        return value
    one, more = words[unit]
    return f"{number} {one if number == '1' else more}"


def fill(text: str, kept: Kept, language: str) -> str:
    """With every value put in, and without the sentences whose blank is struck. An open blank stays as it is."""
    found = {name: value_of(kept, name) for name in names(text)}
    if struck := {name for name, value in found.items() if value == STRUCK}:
        text = _without(text, struck)
    return NAME.sub(lambda one: spoken(found.get(one[1], ""), language) or one[0], text)


def with_lines(text: str) -> str:
    """Each open blank as `____`: for the preview of a draft, which nobody receives."""
    return NAME.sub(lambda found: "____" if found[1] in BLANKS else found[0], text)


def fill_lines(lines: Mapping[str, Iterable[str]], kept: Kept) -> dict[str, list[str]]:
    """A phase's or the questions' lines, per language. A line goes when nothing but its question is left."""
    return {
        language: [filled for line in said if (filled := fill(line, kept, language)) and not _only_asks(line, filled)]
        for language, said in lines.items()
    }


def _only_asks(line: str, filled: str) -> bool:
    return filled != line and filled.endswith("?")


def _without(text: str, struck: set[str]) -> str:
    lines = [_line_without(line, struck) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line for line in lines if line is not None)).strip("\n")


def _line_without(line: str, struck: set[str]) -> str | None:
    """None where the whole line goes."""
    if not struck & set(NAME.findall(line)):
        return line
    lead = LEAD.match(line)
    sentences = BETWEEN_SENTENCES.split(line[lead.end() :] if lead else line)
    kept = " ".join(one for one in sentences if not struck & set(NAME.findall(one)))
    return f"{lead[0] if lead else ''}{kept}" if kept else None


def with_values(kept: Kept, values: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The same blanks with these values; the reasons beside them stay."""
    both = dict.fromkeys([*kept, *values])
    return {name: {"value": values.get(name, value_of(kept, name)), "why": _why(kept, name)} for name in both}


def examples(kept: Kept, country: str = "US") -> dict[str, str]:
    """A value for every blank of a version, for a demo or a test: not advice to anybody."""
    weight = "10 lb" if weight_unit(country) == "lb" else "5 kg"
    return {name: weight if BLANKS[name].units == WEIGHTS else BLANKS[name].example for name in kept}


def _why(kept: Kept, name: str) -> str:
    return str(kept.get(name, {}).get("why") or "")
