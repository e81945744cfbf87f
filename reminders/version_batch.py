"""Moves a batch of plans to a version, or previews it: all at once, then one by one if one fails."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import OperationalError

from patients.models import StaffMember
from reminders.plan.models import ProtocolVersion, Reminder, VersionMove
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.planning import STUMBLES
from reminders.plan.reasons import Reason
from reminders.plan.row_diff import Changes
from reminders.plan.values import ChangeKind
from reminders.plan_changes import Decided, Wish, decide_all, rehearse

Done = TypeVar("Done")
LEFT_OUT = (ReminderStatus.CANCELLED, ReminderStatus.SKIPPED)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a move does to messages. `missed`: their new day has passed. `doubled`: sent, and would be again: never."""

    moved: int = 0
    added: int = 0
    dropped: int = 0
    missed: int = 0
    doubled: int = 0

    def __add__(self, other: "Effect") -> "Effect":
        return Effect(*(mine + its for mine, its in zip(astuple(self), astuple(other), strict=True)))


def move(surgeries: Collection[int], of: VersionMove, *, now: datetime) -> dict[int, Decided | str]:
    """Move a batch of plans. Returns a sentence for each that was not possible; of those nothing was changed."""
    wish = Wish(ChangeKind.VERSION, version=of.version)
    return _each(surgeries, lambda some: decide_all(some, wish, why=of.why, by=of.by, now=now, move=of))


def preview(
    surgeries: Collection[int], version: ProtocolVersion, *, by: StaffMember, now: datetime
) -> dict[int, Effect | str]:
    """Preview a move by doing it and rolling back. Returns a sentence for each that is not possible."""
    wish = Wish(ChangeKind.VERSION, version=version)

    def act(some: Collection[int]) -> dict[int, Effect | ValidationError]:
        told = decide_all(some, wish, why="looked at first", by=by, now=now)
        effects = _effects({key: one.changes for key, one in told.items() if isinstance(one, Decided)})
        return {key: one for key, one in told.items() if isinstance(one, ValidationError)} | effects

    return _each(surgeries, lambda some: rehearse(lambda: act(some)))


def _each(
    surgeries: Collection[int], act: Callable[[Collection[int]], Mapping[int, Done | ValidationError]]
) -> dict[int, Done | str]:
    """One patient's trouble costs nobody else: what stumbled with others is tried again alone."""
    try:
        told = act(surgeries)
    except (*STUMBLES, ValidationError, OperationalError) as error:  # the last: two who wait for each other
        if len(surgeries) > 1:
            return {key: one for surgery in surgeries for key, one in _each([surgery], act).items()}
        if isinstance(error, OperationalError):
            raise
        return dict.fromkeys(surgeries, _said(error))
    return {key: _said(one) if isinstance(one, ValidationError) else one for key, one in told.items()}


def _said(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    return f"The program failed on this plan ({type(error).__name__}). Nothing of it was changed."


def _effects(changes: Mapping[int, Changes]) -> dict[int, Effect]:
    again = [change.row.pk for one in changes.values() for change in one.changed if _goes(change.row)]
    sent = Reminder.objects.filter(pk__in=again, deliveries__attempt_count__gt=0).order_by().distinct()
    doubled = Counter(surgery for surgery, _ in sent.values_list("surgery", "pk"))
    return {surgery: _effect(one, doubled[surgery]) for surgery, one in changes.items()}


def _effect(changes: Changes, doubled: int) -> Effect:
    was_planned = [change for change in changes.changed if change.was_status == ReminderStatus.PLANNED]
    others = [change.row for change in changes.changed if change.was_status != ReminderStatus.PLANNED] + changes.added
    after = [change.row for change in was_planned]
    return Effect(
        moved=sum(change.moves and _goes(change.row) for change in was_planned),
        added=sum(map(_goes, others)),
        dropped=sum(row.status in LEFT_OUT and row.reason != Reason.PAST for row in after),
        missed=sum(row.reason == Reason.PAST for row in [*after, *changes.added]),
        doubled=doubled,
    )


def _goes(row: Reminder) -> bool:
    return row.status == ReminderStatus.PLANNED
