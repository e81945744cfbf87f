"""Repeats without end that a change of plan put beyond the days that are laid out: nothing is lost. Pure."""

from collections.abc import Iterable

from reminders.plan.extra_messages import ADDED
from reminders.plan.values import Anchor, ProtocolSpec, Wanted


def endless(protocol: ProtocolSpec) -> set[str]:
    """The codes of steps that come again and again without end."""
    rounds = {visit.code for visit in protocol.visits if visit.repeat_days}
    return {
        step.code
        for step in protocol.steps
        if (step.repeat_days and step.repeat_count is None)
        or (step.anchor == Anchor.CHECK_UP_WINDOW and step.check_up in rounds)
    }


def last_ones(protocol: ProtocolSpec, wanted: Iterable[Wanted]) -> dict[str, int]:
    """Of each of those steps the highest occurrence that is laid out; what a surgeon added is not counted."""
    codes, found = endless(protocol), dict[str, int]()
    for one in wanted:
        if one.step in codes and one.occurrence < ADDED:
            found[one.step] = max(found.get(one.step, 0), one.occurrence)
    return found


def is_further_on(step: str, occurrence: int, last: dict[str, int]) -> bool:
    """Whether it comes after the last one that is laid out."""
    return step in last and last[step] < occurrence < ADDED
