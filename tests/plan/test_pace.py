"""The four factors propose a pace and say why; the surgeon decides."""

from dataclasses import replace

import pytest

from reminders.plan import pace
from reminders.plan.library import pace_rules
from reminders.plan.pace import ProposalRule, Value, faults, proposals
from reminders.plan.values import Comparison, Factor, Proposes

AGE = ProposalRule("age", Factor.AGE, "age", Comparison.AT_LEAST, "65", Proposes.PACE, 115, "{value} years")
LEVELS = ProposalRule(
    "levels", Factor.TYPE_OF_SURGERY, "levels", Comparison.AT_LEAST, "2", Proposes.PACE, 110, "{value} levels"
)
FUSION = ProposalRule("fusion", Factor.TYPE_OF_SURGERY, "fusion", Comparison.IS, "yes", Proposes.PACE, 105, "fusion")
SUGAR = ProposalRule(
    "sugar", Factor.OVERALL_HEALTH, "conditions", Comparison.INCLUDES, "diabetes", Proposes.PACE, 110, "diabetes"
)
SILENT = ProposalRule(
    "silent",
    Factor.POST_OP_CARE,
    "check_ins_unanswered",
    Comparison.AT_LEAST,
    "2",
    Proposes.CALL,
    None,
    "{value} missed",
)


@pytest.mark.parametrize(
    ("rule", "value", "speaks"),
    [
        (AGE, 64, False),
        (AGE, 65, True),
        (AGE, None, False),  # not recorded: nothing is proposed
        (FUSION, "yes", True),
        (FUSION, "no", False),
        (SUGAR, frozenset({"diabetes", "smoking"}), True),
        (SUGAR, frozenset(), False),
        (replace(LEVELS, test=Comparison.AT_MOST), 2, True),
        (replace(LEVELS, test=Comparison.IS), 3, False),
    ],
)
def test_a_rule_speaks_when_its_fact_is_so(rule: ProposalRule, value: Value, speaks: bool) -> None:
    assert pace.fits(rule, {rule.fact: value}) is speaks


def test_one_pace_is_proposed_the_slowest_with_every_reason() -> None:
    [found] = proposals([AGE, LEVELS, FUSION, SUGAR], {"age": 67, "levels": 2, "fusion": "yes"})

    assert (found.proposes, found.amount) == (Proposes.PACE, 115)
    assert found.in_words == "fusion; 2 levels; 67 years"


def test_of_several_rhythms_of_extra_check_ins_the_closest_is_proposed() -> None:
    every_5 = replace(SUGAR, proposes=Proposes.CHECK_INS, amount=5)
    every_4 = replace(AGE, proposes=Proposes.CHECK_INS, amount=4)

    [found] = proposals([every_5, every_4], {"age": 80, "conditions": frozenset({"diabetes"})})

    assert (found.proposes, found.amount, found.in_words) == (Proposes.CHECK_INS, 4, "diabetes; 80 years")


def test_different_things_are_proposed_apart() -> None:
    found = proposals([AGE, SILENT], {"age": 80, "check_ins_unanswered": 3})

    assert [(one.proposes, one.in_words) for one in found] == [("pace", "80 years"), ("call", "3 missed")]


def test_nobody_stands_out_nothing_is_proposed() -> None:
    assert proposals([AGE, SILENT], {"age": 40, "check_ins_unanswered": 0}) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"fact": "mood"}, "not a fact that is recorded"),
        ({"value": "old"}, "age is a number: give one"),
        ({"test": Comparison.INCLUDES}, "compare it with"),
        ({"amount": 0}, "between 50 and 300 percent"),
        ({"amount": None}, "between 50 and 300 percent"),
        ({"proposes": Proposes.CHECK_INS}, "every 2 to 30 days"),
        ({"words": " "}, "Say the reason"),
        ({"words": "{name} is old"}, "only placeholder"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_with_what_would_be_right(wrong: dict[str, object], said: str) -> None:
    assert any(said in fault for fault in faults(replace(AGE, **wrong)))


def test_the_shipped_rules_work_and_cover_the_four_factors() -> None:
    rules = pace_rules()

    assert not [fault for rule in rules for fault in faults(rule)]
    assert {rule.factor for rule in rules} == set(Factor)
    assert len({rule.code for rule in rules}) == len(rules)
