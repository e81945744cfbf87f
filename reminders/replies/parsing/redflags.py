"""Signs that must not wait, found in words: which, how urgent, what staff call them. Pure; the lists: words/*.yaml.

Asymmetric on purpose. A sign of class E is dropped only where a whole clause denies it. One of class D is dropped also
where the clause asks what to do in such a case, or tells of one that is over. A body temperature is a sign in numbers:
38.5, 101, 39 °C. Numbers of other things are left alone.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from reminders.replies.parsing import lexicon
from reminders.replies.parsing.lexicon import Clause, NormalizedText, phrases

EMERGENCY, SAME_DAY = "E", "D"
ADDED = {EMERGENCY: "added_emergency", SAME_DAY: "added"}  # heard by a phrase that the clinic wrote itself
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
UNNAMED = {  # by no word of a patient
    ADDED[EMERGENCY]: "a phrase of the clinic's own, class E",
    ADDED[SAME_DAY]: "a phrase of the clinic's own, class D",
    "two_check_ins_unanswered": "two check-ins unanswered: call and ask",
    "proposed_call": "the plan proposes a call",
}


@dataclass(frozen=True, slots=True)
class Added:
    """A phrase that a clinic adds, written as those in words/en.yaml are. It can only add: none takes a sign away."""

    level: str
    phrase: str


@dataclass(frozen=True, slots=True)
class Signs:
    """Codes, the most urgent first. `added`: what a clinic's own phrases find, whatever else the clause says."""

    heard: tuple[str, ...]
    added: tuple[str, ...] = ()


def read(words: NormalizedText, *, whole: NormalizedText | None = None, own: Iterable[Added] = ()) -> Signs:
    """Find the signs in a text. A clinic's `own` phrases are looked for in the `whole` of it, initials too."""
    return Signs(_heard(words), _added(whole or words, own))


def _heard(words: NormalizedText) -> tuple[str, ...]:
    there = [clause for clause in words.mended if not _is_all_of("calm", clause)]
    present = [_bare(clause) for clause in there]
    pressing = [_bare(clause) for clause in there if not _is_all_of("calm_same_day", clause)]
    bars = "| ".join(present)  # lets `a & b` find its halves in two clauses; no other phrase reaches over a bar
    where = {EMERGENCY: [*present, bars], SAME_DAY: pressing}
    heard = {code for code in lexicon.known().signs if _is_heard(code, where[lexicon.known().urgency[code]])}
    if is_fever(words):
        heard.add("fever")
    heard |= {code for code, sign in lexicon.known().together.items() if all(heard & set(one) for one in sign["all"])}
    return tuple(sorted(heard, key=lambda code: (not _is(code, EMERGENCY), list(lexicon.known().urgency).index(code))))


def _added(whole: NormalizedText, own: Iterable[Added]) -> tuple[str, ...]:
    said = {clause.plain for clause in whole.clauses} | {whole.plain + " "} - {" "}
    found = {ADDED[each.level] for each in own if any(_own(each.phrase).anywhere.search(clause) for clause in said)}
    return tuple(code for code in ADDED.values() if code in found)


def level(signs: Iterable[str]) -> str:
    """The most urgent of them; empty where there is none. A code nobody knows is one of the same day."""
    found = list(signs)
    return EMERGENCY if any(_is(code, EMERGENCY) for code in found) else SAME_DAY if found else ""


def name(code: str) -> str:
    """For staff. An old or foreign code is shown as it is."""
    return lexicon.known().names.get(code) or UNNAMED.get(code) or code.replace("_", " ")


def is_usable(phrase: str) -> bool:
    """False for one that would be heard in every text, or in none."""
    fits = _own(phrase).anywhere.search
    return not fits("") and not fits("x y z ") and bool(lexicon.fold(phrase).strip(" =.&/()[]"))


def _is_heard(code: str, clauses: list[str]) -> bool:
    said, unless = lexicon.known().signs[code], lexicon.known().unless[code]
    return any(said.anywhere.search(unless.anywhere.sub("| ", clause)) for clause in clauses)


def _is(code: str, urgency: str) -> bool:
    return code == ADDED[urgency] or lexicon.known().urgency.get(code) == urgency


def _is_all_of(key: str, clause: Clause) -> bool:
    return any(phrases(key).whole.fullmatch(said) for said in (clause.plain, clause.spoken))


def _bare(clause: Clause) -> str:
    return phrases("harmless").anywhere.sub("| ", clause.plain)


@cache
def _own(phrase: str) -> lexicon.Patterns:
    return lexicon.Patterns.of([phrase])


def is_fever(words: NormalizedText) -> bool:
    """A number of the fever range, with its unit, beside a word for it, with a tenth, or as the whole text."""
    told = words.degrees
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
