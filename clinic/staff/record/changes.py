"""What a decision would change in one plan, in words, before it is saved."""

from collections.abc import Iterable, Sized
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from clinic.staff import formats
from reminders.plan.models import Step
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import SENTENCES, Reason
from reminders.plan.row_diff import Changes, RowChange


@dataclass(frozen=True, slots=True)
class ChangeLine:
    title: str
    was: str
    becomes: str
    nature: str = ""


@dataclass(slots=True)
class Group:
    heading: str
    lines: list[ChangeLine] = field(default_factory=list)


class StepName(NamedTuple):
    title: str
    nature: str


Titles = dict[int, StepName]  # step -> what it is called
LOST = {  # where "is dropped because …" would be clumsy
    Reason.LEFT_OUT: ("is left out", "are left out"),
    Reason.PLAN_HELD: ("waits until the plan is released", "wait until the plan is released"),
    Reason.MERGED: ("is merged with another of its day", "are merged with others of their day"),
    Reason.BUDGET: ("is over the site's message limit", "are over the site's message limit"),
    Reason.NOT_IN_PLAN: ("is not in the plan any more", "are not in the plan any more"),
}


def titles_of(changes: Changes) -> Titles:
    """A change of version speaks of the steps of both."""
    rows = [*changes.added, *(change.row for change in changes.changed)]
    steps = {row.step_id for row in rows} | {c.was_step_id for c in changes.changed if c.was_step_id}
    found = Step.objects.filter(pk__in=steps).select_related("check_up")
    return {step.pk: StepName(step.title, step.own_nature) for step in found}


def sentence(groups: Iterable[Group]) -> str:
    said = " ".join(f"{group.heading}." for group in groups)
    return f"{said} What was sent stays as it is, and nothing is sent twice." if said else "No message changes."


def groups(changes: Changes, titles: Titles, zone: ZoneInfo) -> list[Group]:
    """What moves, what says something else, what waits or is dropped (by reason), what comes back, what is new."""
    seen = [c for c in changes.changed if c.row.reason != Reason.FURTHER_ON]  # that comes back in time: nothing is lost
    planned = [c for c in seen if c.was_status == ReminderStatus.PLANNED]
    kept = [c for c in planned if _is_planned(c)]
    other = [c for c in kept if _says_another(c, titles)]
    moved = [c for c in kept if c.moves and c not in other]
    lost = sorted((c for c in planned if not _is_planned(c)), key=lambda c: c.row.reason)
    back = [c for c in changes.changed if c.was_status != ReminderStatus.PLANNED and _is_planned(c)]
    recalled = [c for c in changes.changed if c.row.status == ReminderStatus.IN_PROGRESS and c.row.reason]
    new = [row for row in changes.added if row.status == ReminderStatus.PLANNED]
    found = [Group(_heading(moved, "moves", "move"), [_line(c, titles, zone) for c in moved])]
    found.append(Group(_heading(other, "has another text", "have another text"), [_said(c, titles) for c in other]))
    for reason, some in groupby(lost, key=lambda c: Reason(c.row.reason)):
        of_one = list(some)
        found.append(Group(_heading(of_one, *_lost(reason)), [_line(c, titles, zone) for c in of_one]))
    found.append(Group(_heading(back, "comes back", "come back"), [_line(c, titles, zone) for c in back]))
    on_its_way = [_named(titles[c.row.step_id], "", "") for c in recalled]
    found.append(
        Group(_heading(recalled, "is on its way and may still arrive", "are on their way and may arrive"), on_its_way)
    )
    added = [_named(titles[row.step_id], "", formats.moment(row.due_at, zone)) for row in new]
    found.append(Group(_heading(added, "is new", "are new"), added))
    return [group for group in found if group.lines]


def _is_planned(change: RowChange) -> bool:
    return change.row.status == ReminderStatus.PLANNED


def _says_another(change: RowChange, titles: Titles) -> bool:
    """Another version's step of the same title is the same to a reader."""
    was, becomes = change.was_step_id, change.row.step_id
    return was is not None and titles[was].title != titles[becomes].title


def _heading(several: Sized, one: str, many: str) -> str:
    number = len(several)
    return f"{formats.count(number, 'message')} {one if number == 1 else many}"


def _lost(reason: Reason) -> tuple[str, str]:
    because = f"because {_because(reason)}"
    return LOST.get(reason, (f"is dropped {because}", f"are dropped {because}"))


def _because(reason: Reason) -> str:
    if reason == Reason.PAST:
        return "the day would have passed"
    said = SENTENCES[reason].split(":")[0].rstrip(".")
    return said[:1].lower() + said[1:]


def _said(change: RowChange, titles: Titles) -> ChangeLine:
    was, becomes = titles[change.was_step_id or change.row.step_id], titles[change.row.step_id]
    return ChangeLine("", was.title, becomes.title, becomes.nature)


def _line(change: RowChange, titles: Titles, zone: ZoneInfo) -> ChangeLine:
    becomes = formats.moment(change.row.due_at, zone) if _is_planned(change) else ""
    was = formats.moment(change.was_due_at, zone)
    return _named(titles[change.row.step_id], "" if was == becomes else was, becomes)


def _named(name: StepName, was: str, becomes: str) -> ChangeLine:
    return ChangeLine(name.title, was, becomes, name.nature)
