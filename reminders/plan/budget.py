"""How many messages one patient gets in a day and in a week; what is too much is merged, moved or left out. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from reminders.plan.reasons import Reason
from reminders.plan.values import StepSpec

DAY, WEEK = timedelta(days=1), 7
QUESTIONS = {"check_in", "outcome_questions"}


@dataclass(frozen=True, slots=True)
class Placed:
    """One message on its local day. `rank`: 0 comes first; `order`: the protocol's; `last`: of use until then.

    `last` is the last useful day that lies in the same phase: nothing is moved past it.
    """

    key: tuple[str, int]
    channel: str
    day: date
    last: date
    rank: int
    kind: str = ""
    order: int = 0


@dataclass(frozen=True, slots=True)
class Budget:
    """Per channel, within a local day and within any 7 days."""

    a_day: int
    a_week: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason`: why it is left out; without one it goes on `day`, which is another than it was placed on."""

    day: date
    reason: Reason = Reason.NONE


def rank(step: StepSpec) -> int:
    """Visits and warnings, then questions, then the rest."""
    if step.warning or step.about_a_visit:
        return 0
    return 1 if step.kind in QUESTIONS else 2


def keep_within(budget: Budget, rows: Iterable[Placed]) -> dict[tuple[str, int], Verdict]:
    """What does not stay as it was placed. The same rows in any order: the same answer."""
    diary = Diary(budget)
    found: dict[tuple[str, int], Verdict] = {}
    for row in sorted(rows, key=lambda row: (row.rank, row.day, row.order, row.key)):
        verdict = diary.enter(row)
        if verdict != Verdict(row.day):
            found[row.key] = verdict
    return found


class Diary:
    """What has its place already: those before in rank never give way to those after."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.kinds: dict[tuple[str, date], list[str]] = {}

    def enter(self, row: Placed) -> Verdict:
        """On its own day; else with one of its kind that stands there; else on the next free day that serves it."""
        if not self._is_free(row.channel, row.day) and row.kind in self.kinds.get((row.channel, row.day), []):
            return Verdict(row.day, Reason.MERGED)
        day = next((day for day in _days(row) if self._is_free(row.channel, day)), None)
        if day is None:
            return Verdict(row.day, Reason.BUDGET)
        self.kinds.setdefault((row.channel, day), []).append(row.kind)
        return Verdict(day)

    def _is_free(self, channel: str, day: date) -> bool:
        counts = [self._count(channel, day + ahead * DAY) for ahead in range(1 - WEEK, WEEK)]
        weeks = (sum(counts[first : first + WEEK]) for first in range(WEEK))  # every 7 days this day lies in
        return counts[WEEK - 1] < self.budget.a_day and max(weeks) < self.budget.a_week

    def _count(self, channel: str, day: date) -> int:
        return len(self.kinds.get((channel, day), []))


def _days(row: Placed) -> Iterator[date]:
    """Its own day at least."""
    yield row.day
    yield from (row.day + ahead * DAY for ahead in range(1, (row.last - row.day).days + 1))
