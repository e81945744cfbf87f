"""From rows to the plain values the schedule reads."""

from collections import OrderedDict

from reminders.plan.models import ProtocolVersion
from reminders.plan.models.protocol import VersionState
from reminders.plan.models.step import Step
from reminders.plan.values import Anchor, Condition, LateRule, PhaseSpan, ProtocolSpec, StepSpec, VisitSpec

_signed: OrderedDict[int, ProtocolSpec] = OrderedDict()  # a signed version never changes, so it can be kept
KEPT = 200


def spec_of(version: ProtocolVersion) -> ProtocolSpec:
    if version.state == VersionState.DRAFT:
        return read(version)
    if version.pk not in _signed:
        _signed[version.pk] = read(version)
        while len(_signed) > KEPT:
            _signed.popitem(last=False)
    return _signed[version.pk]


def forget() -> None:
    _signed.clear()


def read(version: ProtocolVersion) -> ProtocolSpec:
    steps = version.steps.select_related("phase", "check_up")
    return ProtocolSpec(
        phases=tuple(PhaseSpan(p.code, p.first_day, p.last_day) for p in version.phases.all()),
        visits=tuple(
            VisitSpec(c.code, c.first_day, c.target_day, c.last_day, c.repeat_days) for c in version.check_ups.all()
        ),
        steps=tuple(_step(step) for step in steps),
    )


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
    )
