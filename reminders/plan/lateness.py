"""Late messages: which are still sent, and which are left out. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from reminders.plan.reasons import Reason
from reminders.plan.values import LateRule


@dataclass(frozen=True, slots=True)
class DueMessage:
    """One message of one plan. `phase`: the first day of its phase; `waits`: it has not left yet.

    `of_visit`: it hangs on a booked visit, so no phase overtakes it. `over`: it is of no use any more.
    """

    key: int
    due_at: datetime
    phase: int
    kind: str = ""
    rule: LateRule = LateRule.UNTIL
    of_visit: bool = False
    waits: bool = True
    over: bool = False


def left_out(rows: Sequence[DueMessage], *, leaves: datetime, zone: ZoneInfo) -> dict[int, Reason]:
    """`rows`: what one plan has to say, or said, up to the end of the day on which it would leave.

    A day on which nothing is late is as the plan laid it out, even where it has two phases.
    """
    return dict(_judged(rows, leaves, zone))


def is_late(due_at: datetime, leaves: datetime, zone: ZoneInfo) -> bool:
    """Whether its own local day is over."""
    return due_at.astimezone(zone).date() < leaves.astimezone(zone).date()


def _judged(rows: Sequence[DueMessage], leaves: datetime, zone: ZoneInfo) -> Iterator[tuple[int, Reason]]:
    clinical = [row for row in rows if not row.of_visit]
    newest = max((row.phase for row in clinical), default=0)
    catching_up = any(row.waits and not row.over and is_late(row.due_at, leaves, zone) for row in clinical)
    for row in rows:
        if not row.waits:
            continue
        if row.rule == LateRule.NEXT and any(_replaces(other, row, leaves) for other in rows):
            yield row.key, Reason.OVERTAKEN
        elif row.rule == LateRule.SKIP and is_late(row.due_at, leaves, zone):
            yield row.key, Reason.LATE
        elif catching_up and not row.of_visit and row.phase < newest:
            yield row.key, Reason.OVERTAKEN


def _replaces(other: DueMessage, row: DueMessage, leaves: datetime) -> bool:
    return other.kind == row.kind and row.due_at < other.due_at <= leaves and not other.over
