"""What the four factors propose for one plan, and why. Pure. It proposes and explains; a surgeon decides.

A rule says: when this fact is so, propose this, in these words. Rules that propose the same make one proposal with all
their reasons; of several paces the slowest is proposed, never their sum; of several rhythms of check-ins the closest.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reminders.plan.values import Comparison, Factor, Proposes

Value = float | str | frozenset[str] | None
Person = Mapping[str, Value]  # a fact's name -> its value; None: not recorded


class ProposalKind(StrEnum):
    NUMBER = "number"
    YES_NO = "yes or no"
    LIST = "list"


FACTS = {
    "levels": (ProposalKind.NUMBER, "levels treated"),
    "fusion": (ProposalKind.YES_NO, "a fusion"),
    "asa_class": (ProposalKind.NUMBER, "ASA class, 1 to 4"),
    "conditions": (ProposalKind.LIST, "diabetes, smoking or osteoporosis"),
    "bmi": (ProposalKind.NUMBER, "the lower end of the BMI band, kg/m²"),
    "age": (ProposalKind.NUMBER, "years, on the day of surgery"),
    "sessions_missed": (ProposalKind.NUMBER, "sessions of physical therapy missed"),
    "check_ins_unanswered": (ProposalKind.NUMBER, "check-ins unanswered, the latest in a row"),
    "visits_missed": (ProposalKind.NUMBER, "visits missed"),
    "visits_attended_today": (ProposalKind.NUMBER, "visits kept today"),
}
FITTING = {
    ProposalKind.NUMBER: {Comparison.AT_LEAST, Comparison.AT_MOST, Comparison.IS},
    ProposalKind.YES_NO: {Comparison.IS},
    ProposalKind.LIST: {Comparison.INCLUDES},
}
AMOUNTS = {  # the least and the most, and what to say of another
    Proposes.PACE: (50, 300, "A pace is between 50 and 300 percent; 100 is the protocol's own."),
    Proposes.CHECK_INS: (2, 30, "Extra check-ins come every 2 to 30 days: give that number as the amount."),
}


@dataclass(frozen=True, slots=True)
class ProposalRule:
    """`amount`: of a pace, percent of the protocol's own lengths; of extra check-ins, days from one to the next.

    `words`: the reason; {value} is the patient's own.
    """

    code: str
    factor: Factor
    fact: str
    test: Comparison
    value: str
    proposes: Proposes
    amount: int | None
    words: str


@dataclass(frozen=True, slots=True)
class ProposalShare:
    """What one rule gives: `amount` as in `ProposalRule`."""

    factor: Factor
    amount: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """`shares`: each rule that speaks for it, in the order of `reasons`."""

    proposes: Proposes
    amount: int | None
    reasons: tuple[str, ...]
    shares: tuple[ProposalShare, ...] = field(default=(), compare=False)

    @property
    def in_words(self) -> str:
        """“67 years; two levels; fusion”."""
        return "; ".join(self.reasons)


def proposals(rules: Iterable[ProposalRule], person: Person) -> list[Proposal]:
    """One for each thing proposed, in the order of `Proposes`, its reasons in the order of the factors."""
    fitting = sorted((rule for rule in rules if fits(rule, person)), key=_place)
    together = {what: [rule for rule in fitting if rule.proposes == what] for what in Proposes}
    return [_proposal(what, same, person) for what, same in together.items() if same]


def _place(rule: ProposalRule) -> tuple[int, str]:
    return list(Factor).index(rule.factor), rule.code


def _proposal(what: Proposes, rules: list[ProposalRule], person: Person) -> Proposal:
    amounts = [rule.amount for rule in rules if rule.amount is not None]
    careful = min if what == Proposes.CHECK_INS else max  # the slowest pace, the closest check-ins
    shares = tuple(ProposalShare(rule.factor, rule.amount, _said(rule, person)) for rule in rules)
    return Proposal(what, careful(amounts, default=None), tuple(one.reason for one in shares), shares)


def fits(rule: ProposalRule, person: Person) -> bool:
    """Whether a rule applies; a fact that is not recorded proposes nothing."""
    value = person.get(rule.fact)
    if value is None:
        return False
    if isinstance(value, frozenset):
        return rule.value in value
    if isinstance(value, str):
        return value == rule.value
    return _compares(rule.test, value, float(rule.value))


def _compares(test: Comparison, value: float, other: float) -> bool:
    match test:
        case Comparison.AT_LEAST:
            return value >= other
        case Comparison.AT_MOST:
            return value <= other
    return value == other


def _said(rule: ProposalRule, person: Person) -> str:
    value = person.get(rule.fact)
    spoken = f"{value:g}" if isinstance(value, int | float) else rule.value
    return rule.words.replace("{value}", spoken)


def faults(rule: ProposalRule) -> Iterator[str]:
    """Why a rule cannot be used, as sentences that say what would be right."""
    if rule.fact not in FACTS:
        yield f"“{rule.fact}” is not a fact that is recorded. Use one of: {', '.join(FACTS)}."
        return
    kind, _ = FACTS[rule.fact]
    if rule.test not in FITTING[kind]:
        yield f"{rule.fact} is a {kind}: compare it with {' or '.join(sorted(FITTING[kind]))}."
    if kind == ProposalKind.NUMBER and not _is_number(rule.value):
        yield f"{rule.fact} is a number: give one such as 2, not “{rule.value}”."
    least, most, said = AMOUNTS.get(rule.proposes, (0, 0, ""))
    if said and not least <= (rule.amount or 0) <= most:
        yield said
    if not rule.words.strip() or rule.words.count("{") != rule.words.count("{value}"):
        yield "Say the reason in a few words; {value} is the only placeholder."


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
