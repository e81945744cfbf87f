"""What was decided about one plan, in a sentence for whoever reads the plan later."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from patients.models import Surgery
from reminders.plan import notice_steps
from reminders.plan.facts import decisions_of
from reminders.plan.load_protocol import spec_of
from reminders.plan.models import PlanChange, ProtocolVersion
from reminders.plan.pace import Proposal, ProposalShare
from reminders.plan.phase_calendar import Course
from reminders.plan.therapy_start import TherapyDay, therapy_day
from reminders.plan.values import ChangeKind, Decision, Factor, Proposes


@dataclass(frozen=True, slots=True)
class Names:
    """Codes to titles. What another version called by that code keeps its code. `therapy`: of the last order."""

    phases: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, str] = field(default_factory=dict)
    therapy: TherapyDay | None = None
    check_ups: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, version: ProtocolVersion) -> "Names":
        """The titles of one version's phases, steps and check-ups."""
        steps = dict(version.steps.values_list("code", "title"))
        check_ups = {one.code: str(one) for one in version.check_ups.all()}
        return cls({phase.code: str(phase) for phase in version.phases.all()}, steps, check_ups=check_ups)

    @classmethod
    def of_plan(
        cls, surgery: Surgery, version: ProtocolVersion, decisions: Sequence[Decision] | None = None
    ) -> "Names":
        """The same for one plan, whose holds may put the day of an order off. `decisions`: where they were read."""
        known = decisions_of(surgery) if decisions is None else decisions
        course = Course(surgery.date, spec_of(version).phases, known)
        return replace(cls.of(version), therapy=therapy_day(known, course))

    def phase(self, code: str) -> str:
        """The phase's title, else its code."""
        return self.phases.get(code, code)

    def step(self, code: str) -> str:
        """The step's title, else its code."""
        return self.steps.get(code, code)

    def check_up(self, code: str) -> str:
        """The check-up's title, else its code."""
        return self.check_ups.get(code, code)


def told(change: PlanChange, names: Names) -> str:
    """Without its full stop: who, when and why follow."""
    return SAID[ChangeKind(change.kind)](change, names)


def proposed(proposal: Proposal) -> str:
    """What accepting it would do."""
    match proposal.proposes:
        case Proposes.PACE:
            return f"A pace of {proposal.amount} % for the phases that have not begun"
        case Proposes.CHECK_INS:
            return f"An extra check-in every {proposal.amount} days, for four weeks"
        case Proposes.NUDGE:
            return "A nudge tomorrow: the last question is sent again"
        case Proposes.NEXT_PHASE:
            return "The next phase begins tomorrow"
    return "A call from the clinic"


def weighed(proposal: Proposal) -> str:
    """Which factor gave which amount, and which of them counts; empty where no amount is proposed."""
    if proposal.amount is None or not proposal.shares:
        return ""
    gives = "; ".join(f"{FACTORS[one.factor]} gives {_amount(proposal, one)} ({one.reason})" for one in proposal.shares)
    if len(proposal.shares) == 1:
        return f"{gives[:1].upper()}{gives[1:]}."
    return f"{gives[:1].upper()}{gives[1:]}. {WINS[proposal.proposes]}"


FACTORS = {
    Factor.TYPE_OF_SURGERY: "type of surgery",
    Factor.OVERALL_HEALTH: "overall health",
    Factor.AGE: "age",
    Factor.POST_OP_CARE: "post-op care",
}
WINS = {
    Proposes.PACE: "The largest counts; they are never added.",
    Proposes.CHECK_INS: "The closest counts; they are never added.",
}


def _amount(proposal: Proposal, share: ProposalShare) -> str:
    return f"{share.amount} %" if proposal.proposes == Proposes.PACE else f"every {share.amount} days"


def in_days(days: int) -> str:
    """`3 days later` or `1 day earlier`."""
    number = "1 day" if abs(days) == 1 else f"{abs(days)} days"
    return f"{number} later" if days > 0 else f"{number} earlier"


def in_pace(percent: int) -> str:
    """`Slower: 125 %`, `Quicker: 80 %`, or the protocol's own pace."""
    if percent == 100:
        return "The protocol's own pace: 100 %"
    return f"{'Slower' if percent > 100 else 'Quicker'}: {percent} %"


def _hold(change: PlanChange, names: Names) -> str:
    if change.ends is None:
        return f"Held from {_day(change.starts)} until somebody releases it"
    return f"Held from {_day(change.starts)} until {_day(change.ends)}"


def _one(change: PlanChange, names: Names) -> str:
    title = f"“{names.step(change.step)}”"
    return title if change.occurrence is not None else f"{title}, every one of them,"


def _notice(change: PlanChange, names: Names) -> str:
    return f"“{notice_steps.wording()[change.to]['title']}”, about “{names.check_up(change.check_up)}”,"


def _add(change: PlanChange, names: Names) -> str:
    title = f"“{names.step(change.step)}”"
    if change.ends is None:
        return f"{title} comes on {_day(change.starts)} as well"
    every = "every day" if change.days == 1 else f"every {change.days} days"
    return f"{title} comes {every} as well, from {_day(change.starts)} to {_day(change.ends)}"


def _order(change: PlanChange, names: Names) -> str:
    if change.phase:
        return f"Physical therapy from “{names.phase(change.phase)}”"
    day = names.therapy
    if day is None or day.ordered != change.starts or day.begins == day.ordered:
        return f"Physical therapy from {_day(change.starts)}"
    when = f"from {_day(day.begins)}" if day.begins else "once the plan is released"
    return f"Physical therapy {when}: the plan is held on {_day(change.starts)}, the day it was ordered for"


def _date(change: PlanChange, names: Names) -> str:
    return f"Day of surgery moved from {_day(date.fromisoformat(change.was))} to {_day(date.fromisoformat(change.to))}"


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"


SAID: dict[ChangeKind, Callable[[PlanChange, Names], str]] = {
    ChangeKind.HOLD: _hold,
    ChangeKind.SHIFT: lambda one, names: f"“{names.phase(one.phase)}” begins {in_days(one.days)}",
    ChangeKind.PACE: lambda one, names: in_pace(one.percent),
    ChangeKind.SKIP: lambda one, names: f"{_notice(one, names) if one.check_up else _one(one, names)} is left out",
    ChangeKind.DELAY: lambda one, names: f"{_one(one, names)} comes {in_days(one.days)}",
    ChangeKind.REPLACE: lambda one, names: f"{_one(one, names)} says “{names.step(one.to)}” instead",
    ChangeKind.ADD: _add,
    ChangeKind.ORDER_PT: _order,
    ChangeKind.DATE: _date,
    ChangeKind.VERSION: lambda one, names: f"Moved from {one.was_version} to {one.version}",
    ChangeKind.CHECK_UP: lambda one, names: f"The window of “{names.check_up(one.check_up)}” lies {in_days(one.days)}",
}
