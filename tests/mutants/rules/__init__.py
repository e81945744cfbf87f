"""Every rule that is taken out, by area. One whose loss would hurt nobody has no place here."""

from tests.mutants.mutant import Mutant
from tests.mutants.rules import (
    access,
    alerts,
    api,
    board,
    check_ins,
    consent,
    delivery,
    enrolment,
    imports,
    plan,
    plan_changes,
    replies,
    sequences,
    signing,
    visit_rules,
)

EVERY: dict[str, list[Mutant]] = {
    "access": access.MUTANTS,
    "alerts": alerts.MUTANTS,
    "api": api.MUTANTS,
    "board": board.MUTANTS,
    "check-ins": check_ins.MUTANTS,
    "consent": consent.MUTANTS,
    "delivery": delivery.MUTANTS,
    "enrolment": enrolment.MUTANTS,
    "imports": imports.MUTANTS,
    "plan": plan.MUTANTS,
    "plan changes": plan_changes.MUTANTS,
    "replies": replies.MUTANTS,
    "sequences": sequences.MUTANTS,
    "signing": signing.MUTANTS,
    "visits": visit_rules.MUTANTS,
}
