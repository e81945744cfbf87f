"""How many messages a phone or mailbox gets in a day and a week; what is too much is merged, moved, left out. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from reminders.plan.reasons import Reason
from reminders.plan.values import Budget, Condition, StepSpec

DAY, WEEK = timedelta(days=1), 7
Key = tuple[str | int, ...]
ORDERS = {Condition.PT_ORDERED, Condition.PT_ORDERED_EARLY}


class Rank(IntEnum):
    """Priority within the limits. Sent messages, visits, warnings and surgeons' decisions always keep their day.

    Check-ins and what is said because therapy was ordered keep to the daily limit only: a full week must not drop them.
    """

    LEFT = 0
    FIRST = 1
    CHECK_IN = 2
    ORDERED = 3
    OUTCOME = 4
    REST = 5


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One message on its local day. `later`: what other days serve it, read once at most; `order`: the protocol's.

    `to`: the phones or mailboxes that get it, where they are known; `person`: whom it is about.
    """

    key: Key
    channel: str
    day: date
    rank: Rank
    later: Iterable[date] = ()
    kind: str = ""
    order: int = 0
    to: tuple[str, ...] = ()
    person: int = 0

    @property
    def boxes(self) -> tuple[str, ...]:
        """What is counted: each phone or mailbox, else the channel."""
        return self.to or (self.channel,)


@dataclass(frozen=True, slots=True)
class BudgetVerdict:
    """`reason`: why it is left out; without one it goes on `day`, which is another than it was placed on."""

    day: date
    reason: Reason = Reason.NONE


def rank(step: StepSpec) -> Rank:
    """Who keeps their day when a limit is reached: visits and warnings before check-ins, and so on."""
    if step.warning or step.about_a_visit:
        return Rank.FIRST
    if step.kind == "check_in":
        return Rank.CHECK_IN
    if step.condition in ORDERS:
        return Rank.ORDERED
    return Rank.OUTCOME if step.kind == "outcome_questions" else Rank.REST


def keep_within(budget: Budget, rows: Iterable[BudgetRow]) -> dict[Key, BudgetVerdict]:
    """What does not stay as it was placed. The same rows in any order: the same answer.

    What was placed and has left since, given back with rank LEFT, changes nothing for the others.
    """
    diary = Diary(budget)
    found: dict[Key, BudgetVerdict] = {}
    for row in sorted(rows, key=lambda row: (row.rank, row.day, row.order, row.key)):
        verdict = diary.enter(row)
        if verdict.reason or verdict.day != row.day:
            found[row.key] = verdict
    return found


class Diary:
    """What has its place already: those before in rank never give way to those after."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.counts: Counter[tuple[str, date]] = Counter()
        self.kinds: set[tuple[int, str, date, str]] = set()

    def enter(self, row: BudgetRow) -> BudgetVerdict:
        """On its own day; else with one of its kind that stands there; else on the next free day that serves it."""
        if row.rank <= Rank.FIRST or self._is_free(row, row.day):
            return self._write(row, row.day)
        if all((row.person, box, row.day, row.kind) in self.kinds for box in row.boxes):
            return BudgetVerdict(row.day, Reason.MERGED)
        day = next((day for day in row.later if self._is_free(row, day)), None)
        return BudgetVerdict(row.day, Reason.BUDGET) if day is None else self._write(row, day)

    def _write(self, row: BudgetRow, day: date) -> BudgetVerdict:
        for box in row.boxes:
            self.counts[box, day] += 1
            self.kinds.add((row.person, box, day, row.kind))
        return BudgetVerdict(day)

    def _is_free(self, row: BudgetRow, day: date) -> bool:
        if any(self.counts[box, day] >= self.budget.a_day for box in row.boxes):
            return False
        return row.rank <= Rank.ORDERED or all(self._busiest_week(box, day) < self.budget.a_week for box in row.boxes)

    def _busiest_week(self, box: str, day: date) -> int:
        """Of all the 7 days in a row that this day lies in."""
        around = [self.counts[box, day + ahead * DAY] for ahead in range(1 - WEEK, WEEK)]
        return max(sum(around[first : first + WEEK]) for first in range(WEEK))
