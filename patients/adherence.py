"""How well a plan is kept: check-ins answered, therapy sessions attended, visits kept, of those asked so far. Pure.

What is still open counts nowhere: a question that may yet be answered, a session or a visit nobody has marked.
"""

from collections.abc import Iterable
from dataclasses import dataclass

ATTENDED, MISSED = "attended", "missed"


@dataclass(frozen=True, slots=True)
class AdherencePart:
    done: int = 0
    asked: int = 0


@dataclass(frozen=True, slots=True)
class Adherence:
    check_ins: AdherencePart
    sessions: AdherencePart
    visits: AdherencePart

    @property
    def all(self) -> AdherencePart:
        """Check-ins, sessions and visits added up."""
        parts = (self.check_ins, self.sessions, self.visits)
        return AdherencePart(sum(part.done for part in parts), sum(part.asked for part in parts))

    @property
    def percent(self) -> int | None:
        """Percent of what was asked; None while nothing was asked."""
        return round(100 * self.all.done / self.all.asked) if self.all.asked else None


def adherence(
    *, check_ins: Iterable[tuple[bool, bool]], sessions: Iterable[str], visits: Iterable[tuple[str, bool]]
) -> Adherence:
    """`check_ins`: (answered, closed). `sessions`: states. `visits`: (state, whether its window has closed).

    A check-in counts as answered with its first answer. A visit nobody booked is missed once its window has closed.
    """
    asked = [answered for answered, closed in check_ins if answered or closed]
    marked = [state for state in sessions if state in (ATTENDED, MISSED)]
    due = [state for state, closed in visits if state in (ATTENDED, MISSED) or (state == "due" and closed)]
    return Adherence(
        AdherencePart(sum(asked), len(asked)),
        AdherencePart(marked.count(ATTENDED), len(marked)),
        AdherencePart(due.count(ATTENDED), len(due)),
    )
