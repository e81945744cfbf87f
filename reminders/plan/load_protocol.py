"""Reads a protocol version from the tables into the plain values the schedule uses."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from reminders.plan.models import ProtocolVersion
from reminders.plan.models.protocol import VersionState
from reminders.plan.models.step import Step
from reminders.plan.values import Anchor, Condition, LateRule, PhaseSpan, ProtocolSpec, StepSpec, VisitSpec


@dataclass(frozen=True, slots=True)
class Edition:
    """A version, and what its rows are called: the key of each step, the title of each check-up, by their codes."""

    spec: ProtocolSpec
    steps: Mapping[str, int]
    titles: Mapping[str, str]


_signed: OrderedDict[int, Edition] = OrderedDict()  # a signed version never changes, so it can be kept
KEPT = 200


def spec_of(version: ProtocolVersion) -> ProtocolSpec:
    """The version as plain values; a signed one is kept in memory."""
    return edition_of(version).spec


def edition_of(version: ProtocolVersion) -> Edition:
    """The version with what its rows are called; a signed one is kept in memory."""
    if version.state == VersionState.DRAFT:
        return _edition(version)
    if version.pk not in _signed:
        _signed[version.pk] = _edition(version)
        while len(_signed) > KEPT:
            _signed.popitem(last=False)
    return _signed[version.pk]


def forget() -> None:
    """Empty the memory of signed versions; for tests that reset the database."""
    _signed.clear()


def read(version: ProtocolVersion) -> ProtocolSpec:
    """The version as plain values, always read from the tables."""
    return _edition(version).spec


def _edition(version: ProtocolVersion) -> Edition:
    steps = list(version.steps.select_related("phase", "check_up"))
    check_ups = list(version.check_ups.all())
    visits = (VisitSpec(c.code, c.first_day, c.target_day, c.last_day, c.repeat_days, c.own_nature) for c in check_ups)
    spec = ProtocolSpec(
        phases=tuple(PhaseSpan(p.code, p.first_day, p.last_day) for p in version.phases.all()),
        visits=tuple(visits),
        steps=tuple(_step(step) for step in steps),
    )
    return Edition(spec, {step.code: step.pk for step in steps}, {one.code: str(one) for one in check_ups})


def _step(step: Step) -> StepSpec:
    return StepSpec(
        code=step.code,
        anchor=Anchor(step.anchor),
        offset_days=step.offset_days,
        at=step.at,
        phase=step.phase.code,
        check_up=step.check_up.code if step.check_up else "",
        channels=tuple(step.channels),
        condition=Condition(step.condition),
        repeat_days=step.repeat_days,
        repeat_count=step.repeat_count,
        useful_days=step.useful_days,
        staffed_days_only=step.staffed_days_only,
        kind=step.kind,
        warning=step.warning,
        about_a_visit=step.about_a_visit,
        late_rule=LateRule(step.late_rule),
        nature=step.own_nature,
    )
