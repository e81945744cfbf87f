"""What was decided about one plan, for the record: the decisions in force, and whether the plan stands still."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from clinic.staff import formats
from clinic.staff.record.plan_forms import WHOLE_PLAN, Act, Hold, MoveToVersion, Release, Undo
from patients.models import Surgery
from reminders.plan.change_words import Names, told
from reminders.plan.facts import decision_of
from reminders.plan.models import PlanChange
from reminders.plan.phase_calendar import Course
from reminders.plan.values import ChangeKind

GOES_ON = "Check-ins, warnings and visits go on."


@dataclass(frozen=True, slots=True)
class DecisionRow:
    what: str
    why: str
    who: str
    undo: Undo


@dataclass(frozen=True, slots=True)
class Decisions:
    """`held`: empty unless the plan stands still or is going to. `acts`: what can be done to the whole plan."""

    held: str
    rows: list[DecisionRow]
    acts: list[Act]


def decisions_of(surgery: Surgery, course: Course, *, waiting: int, may_decide: bool, today: date) -> Decisions:
    """`waiting`: how many messages the hold keeps back."""
    changes = list(
        PlanChange.objects.filter(surgery=surgery)
        .in_force()
        .select_related("by", "ended_by", "version__protocol", "was_version__protocol")
    )
    names = Names.of_plan(surgery, surgery.care_plan.version, [decision_of(change) for change in changes])
    rows = [_row(change, names, surgery, today) for change in reversed(changes)]
    return Decisions(_held(changes, waiting, today), rows, _acts(surgery, course, changes, today) if may_decide else [])


def _row(change: PlanChange, names: Names, surgery: Surgery, today: date) -> DecisionRow:
    zone = surgery.site.zone
    who = f"{change.by or 'the plan'}, {formats.moment(change.at, zone)}"
    if change.ended_at:
        who += f"; released by {change.ended_by}, {formats.moment(change.ended_at, zone)}"
    return DecisionRow(told(change, names), change.why, who, Undo(surgery=surgery, today=today, about=change.pk))


def _held(changes: Iterable[PlanChange], waiting: int, today: date) -> str:
    holds = [one for one in changes if one.kind == ChangeKind.HOLD and (one.ends is None or one.ends > today)]
    if not holds:
        return ""
    hold, said = holds[0], f"{holds[0].why.rstrip('.')}."
    if hold.ends:
        return f"Held from {_day(hold.starts)} until {_day(hold.ends)}: {said} {GOES_ON}"
    begun = "since" if hold.starts <= today else "from"
    waits = f" {formats.count(waiting, 'message')} {'waits' if waiting == 1 else 'wait'}." if waiting else ""
    return f"Held {begun} {_day(hold.starts)}: {said}{waits} {GOES_ON}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _acts(surgery: Surgery, course: Course, changes: Iterable[PlanChange], today: date) -> list[Act]:
    """What would be refused anyway is not offered: two open holds, or a version when there is no other."""
    is_held = any(one.kind == ChangeKind.HOLD and one.ends is None for one in changes)
    first: Act = (Release if is_held else Hold)(surgery=surgery, today=today)
    others = [act(surgery=surgery, today=today, course=course) for act in WHOLE_PLAN]
    return [first, *(act for act in others if not isinstance(act, MoveToVersion) or act.others.exists())]
