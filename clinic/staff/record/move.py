"""What moving the day of surgery would change, said before it is done."""

from collections.abc import Sized
from dataclasses import dataclass, field
from itertools import groupby
from zoneinfo import ZoneInfo

from clinic.staff import words
from reminders.plan.compare import Change, Changes
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import SENTENCES, Reason


@dataclass(frozen=True, slots=True)
class Line:
    title: str
    was: str
    becomes: str


@dataclass(slots=True)
class Group:
    heading: str
    lines: list[Line] = field(default_factory=list)


Titles = dict[int, str]  # step -> title


def groups(changes: Changes, titles: Titles, zone: ZoneInfo) -> list[Group]:
    """First what moves, then what is dropped (by reason), what comes back, and what is new."""
    planned = [c for c in changes.changed if c.was_status == ReminderStatus.PLANNED]
    moved = [c for c in planned if _is_planned(c) and c.moves]
    dropped = sorted((c for c in planned if not _is_planned(c)), key=lambda c: c.row.reason)
    back = [c for c in changes.changed if c.was_status != ReminderStatus.PLANNED and _is_planned(c)]
    new = [row for row in changes.added if row.status == ReminderStatus.PLANNED]
    found = [Group(_heading(moved, "moves", "move"), [_line(c, titles, zone) for c in moved])]
    for reason, some in groupby(dropped, key=lambda c: c.row.reason):
        lost = list(some)
        heading = f"{_heading(lost, 'is dropped', 'are dropped')}: {_because(reason)}"
        found.append(Group(heading, [_line(c, titles, zone) for c in lost]))
    found.append(Group(_heading(back, "comes back", "come back"), [_line(c, titles, zone) for c in back]))
    added = [Line(titles[row.step_id], "", words.moment(row.due_at, zone)) for row in new]
    found.append(Group(_heading(added, "is new", "are new"), added))
    return [group for group in found if group.lines]


def _is_planned(change: Change) -> bool:
    return change.row.status == ReminderStatus.PLANNED


def _heading(several: Sized, one: str, many: str) -> str:
    number = len(several)
    return f"{words.count(number, 'message')} {one if number == 1 else many}"


def _because(reason: str) -> str:
    sentence = "The day would have passed." if reason == Reason.PAST else SENTENCES[Reason(reason)]
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def _line(change: Change, titles: Titles, zone: ZoneInfo) -> Line:
    becomes = words.moment(change.row.due_at, zone) if _is_planned(change) else ""
    return Line(titles[change.row.step_id], words.moment(change.was_due_at, zone), becomes)
