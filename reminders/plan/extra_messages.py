"""Messages a surgeon added to the protocol's own: a step's words on other days as well. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from reminders.plan.phase_calendar import Course
from reminders.plan.placement import Placed, decided
from reminders.plan.shifts import Shift
from reminders.plan.values import Anchor, ChangeKind, Decision, Facts, ProtocolSpec, StepSpec

ADDED = 1_000_000  # their occurrence numbers begin here and follow the calendar: no repeat of a step comes that far


def can_be_added(step: StepSpec) -> bool:
    """Words about a visit follow that visit."""
    return step.anchor != Anchor.VISIT and not step.check_up


def added(planned: Iterable[Placed], protocol: ProtocolSpec, facts: Facts, course: Course) -> Iterator[Placed]:
    """On a day on which the plan says something of that kind anyway, that is enough."""
    steps = {step.code: step for step in protocol.steps if can_be_added(step)}
    said = {(one.step.kind, one.day) for one in planned if not one.held}
    wanted = [one for one in facts.decisions if one.kind == ChangeKind.ADD and one.step in steps]
    for step, day in sorted({(one.step, day) for one in wanted for day in days(one)}):
        placed = Placed(steps[step], ADDED + day.toordinal(), day, shifts=(Shift.ADDED,), nature=steps[step].nature)
        if (placed.step.kind, day) not in said:
            yield decided(placed, protocol, facts, course)


def days(decision: Decision) -> Iterator[date]:
    """The days an added message is sent on: once, or repeated up to the last day."""
    day = decision.starts
    yield day
    while decision.days > 0 and decision.ends and (day := day + timedelta(days=decision.days)) <= decision.ends:
        yield day
