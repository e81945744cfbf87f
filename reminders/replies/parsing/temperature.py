"""A body temperature in a text: 38.5, 101, 39 °C. Pure. Numbers of other things are left alone."""

import re

from reminders.replies.parsing.lexicon import fold

FEVER_C, FEVER_F = 38.0, 100.4  # PROTOCOLS: fever of 38 °C or more
HIGHEST_C, HIGHEST_F = 43.0, 110.0  # above it nobody lives to write
NUMBER = re.compile(
    r"(?<![\w./:$#-])(?P<whole>\d{2,3})(?:\s?[.,]\s?(?P<tenths>\d{1,2}))?(?![\d/:%]|[.,]\d)"
    r"(?P<unit>\s*(?:°|º|o(?=\s?[cf]\b)|degrees?|deg|grados|celsius|fahrenheit|[cf]\b))?(?P<scale>\s?[cf]\b)?"
)
SPEAKS_OF_IT = re.compile(
    r"\b(?:temp\w*|tmp|fever\w*|feber|thermometer|fiebre|calentura|termometro|febril|degrees|grados|centigrados)\b"
)
OTHER_THINGS = re.compile(
    r"\b(?:years?|yrs?|anos|lbs?|pounds?|libras|kg|kilos?|mg|ml|miles?|millas|steps|pasos|pulse|pulso|bpm|heart rate"
    r"|weigh\w*|weight|peso|bp|blood pressure|presion|sugar|glucose|azucar|room|street|st|ave|avenue|calle|exit|page"
    r"|dollars|bucks|dolares|copay|minutes|min|minutos|am|pm|times|veces)\b"
)
NOBODYS = re.compile(r"\b(?:weather|outside|afuera|oven|horno|clima|hot tub|jacuzzi)\b")


def is_fever(text: str) -> bool:
    """A number of the fever range, with its unit, beside a word for it, with a tenth, or as the whole text."""
    told = fold(text.replace("º", "°"))
    return not NOBODYS.search(told) and any(
        _is_high(found) and _is_temperature(found, told) for found in NUMBER.finditer(told)
    )


def _is_high(found: re.Match[str]) -> bool:
    value, scale = _value(found), _scale(found)
    celsius = scale != "f" and FEVER_C <= value <= HIGHEST_C
    return celsius or (scale != "c" and FEVER_F <= value <= HIGHEST_F)


def _is_temperature(found: re.Match[str], told: str) -> bool:
    alone = not re.sub(r"[\W_]+", "", told[: found.start()] + told[found.end() :])
    exact = found["tenths"] and not OTHER_THINGS.search(told)
    return bool(found["unit"] or exact or alone or SPEAKS_OF_IT.search(told))


def _value(found: re.Match[str]) -> float:
    return float(f"{found['whole']}.{found['tenths'] or 0}")


def _scale(found: re.Match[str]) -> str:
    """`c`, `f`, or nothing where it was not said."""
    said = ((found["scale"] or "") + (found["unit"] or "")).strip()
    return said[0] if said[:1] in ("c", "f") else ""
