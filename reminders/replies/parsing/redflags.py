"""Signs that must not wait, found in words: which, how urgent, what staff call them. Pure; the lists: words/*.yaml.

Asymmetric on purpose. A sign of class E is dropped only where a whole clause denies it. One of class D is dropped also
where the clause asks what to do in such a case, or tells of one that is over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from reminders.replies.parsing import lexicon, temperature

EMERGENCY, SAME_DAY = "E", "D"
ADDED = {EMERGENCY: "added_emergency", SAME_DAY: "added"}  # heard by a phrase that the clinic wrote itself
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
class Clause:
    """Plain words with a blank after each; `spoken` has the polite ones too, as a Spanish `si` may be an if."""

    plain: str
    spoken: str

    def is_all_of(self, key: str) -> bool:
        return _list(key).is_all_of(self.plain) or _list(key).is_all_of(self.spoken)


def signs(clauses: Iterable[Clause], text: str) -> tuple[str, ...]:
    """Codes, the most urgent first. `text`: as it came, for a temperature with its decimal point."""
    there = [clause for clause in map(_mended, clauses) if not clause.is_all_of("calm")]
    present = [_bare(clause) for clause in there]
    pressing = [_bare(clause) for clause in there if not clause.is_all_of("calm_same_day")]
    whole = "| ".join(present)  # lets `a & b` find its halves in two clauses; no other phrase reaches over a bar
    where = {EMERGENCY: [*present, whole], SAME_DAY: pressing}
    heard = {code for code in lexicon.known().signs if _is_heard(code, where[lexicon.known().urgency[code]])}
    if temperature.is_fever(text):
        heard.add("fever")
    heard |= {code for code, sign in lexicon.known().together.items() if all(heard & set(one) for one in sign["all"])}
    return tuple(sorted(heard, key=lambda code: (not _is(code, EMERGENCY), list(lexicon.known().urgency).index(code))))


def added(clauses: Iterable[Clause], phrases: Iterable[Added]) -> tuple[str, ...]:
    """What a clinic's own phrases find, whatever else the clause says."""
    said = [clause.plain for clause in clauses]
    found = {ADDED[each.level] for each in phrases if any(_own(each.phrase).within(clause) for clause in said)}
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
    own = _own(phrase)
    return not own.within("") and not own.within("x y z ") and bool(lexicon.fold(phrase).strip(" =.&/()[]"))


def _is_heard(code: str, clauses: list[str]) -> bool:
    said, unless = lexicon.known().signs[code], lexicon.known().unless[code]
    return any(said.within(unless.anywhere.sub("| ", clause)) for clause in clauses)


def _is(code: str, urgency: str) -> bool:
    return code == ADDED[urgency] or lexicon.known().urgency.get(code) == urgency


def _mended(clause: Clause) -> Clause:
    return Clause(lexicon.known().mended(clause.plain), lexicon.known().mended(clause.spoken))


@cache
def _list(key: str) -> lexicon.Patterns:
    return lexicon.known().patterns(key)


def _bare(clause: Clause) -> str:
    return _list("harmless").anywhere.sub("| ", clause.plain)


@cache
def _own(phrase: str) -> lexicon.Patterns:
    return lexicon.Patterns.of([phrase])
