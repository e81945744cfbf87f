"""The course of one recovery: on which calendar day each of the protocol's days falls. Pure.

A pace stretches the phases that had not begun, a shift moves one phase and all after it, a hold stops the clock: what
lay on its first day or later comes as many days later as it lasted. Day numbers are the protocol's, days after surgery.
All that is for activity; safety keeps the bare calendar, day 0 plus the number (`Course.of`).
"""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from reminders.plan.shifts import Shift
from reminders.plan.values import ChangeKind, Decision, Nature, PhaseSpan

LONGEST = 36_500  # days: no decision, however odd, leads beyond the calendar


@dataclass(slots=True)
class Leg:
    """One phase as this patient goes through it: `starts` days after day 0, holds not counted."""

    span: PhaseSpan
    starts: int = 0
    percent: int = 100
    later: int = 0

    @property
    def is_endless(self) -> bool:
        """True for the last phase, which has no last day."""
        return self.span.last_day is None

    @property
    def length(self) -> int:
        """In days; of a phase with an end."""
        own = (self.span.last_day or self.span.first_day) - self.span.first_day + 1
        return max(1, round(own * self.percent / 100))

    def place(self, number: int) -> int:
        """Days after day 0. What lies close together may fall on one day when a pace is quick."""
        into = number - self.span.first_day
        if self.is_endless:
            return self.starts + into
        return self.starts + min(round(into * self.percent / 100), self.length - 1)


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands from `starts` on; `days` is None while nobody has released it."""

    starts: date
    days: int | None


class Course:
    """Without decisions it is day 0 plus the number."""

    def __init__(self, day0: date, phases: Iterable[PhaseSpan], decisions: Sequence[Decision] = ()) -> None:
        self.day0 = day0
        self.legs = [Leg(span) for span in sorted(phases, key=lambda span: span.first_day)]
        holds = [one for one in decisions if one.kind == ChangeKind.HOLD]
        self.pauses = [_pause(one, day0) for one in sorted(holds, key=lambda one: one.starts)]
        self._line_up()
        for decision in decisions:
            self._bend(decision)

    def of(self, nature: Nature) -> "Course":
        """The course by which what is of that nature goes."""
        return self._calendar if nature == Nature.SAFETY else self

    @cached_property
    def _calendar(self) -> "Course":
        return Course(self.day0, [leg.span for leg in self.legs])

    def seen_on(self, today: date) -> "Course":
        """As it looks today: a clock that stands runs on tomorrow at the earliest, so no phase begins before."""
        seen = copy(self)
        seen.pauses = [replace(one, days=_so_far(one, today)) if one.days is None else one for one in self.pauses]
        return seen

    def span(self, code: str) -> tuple[int, int | None]:
        """First and last day of a phase for this patient, in calendar days after day 0; the last has no last day."""
        begins, ends = self.begins(code) or self.day0, self.ends(code)
        return (begins - self.day0).days, None if ends is None else (ends - self.day0).days

    def day(self, number: int) -> date:
        """The calendar day of one of the protocol's days."""
        leg = self._leg(number)
        return self._wait(leg.place(number) if leg else number)

    def begins(self, code: str) -> date | None:
        """The phase's first calendar day for this patient; None for an unknown code."""
        return next((self._wait(leg.starts) for leg in self.legs if leg.span.code == code), None)

    def ends(self, code: str) -> date | None:
        """The last day of a phase: the day before the next one begins. None: it has no end."""
        at = next((number for number, leg in enumerate(self.legs) if leg.span.code == code), len(self.legs))
        following = self.legs[at + 1 : at + 2]
        return self._wait(following[0].starts) - timedelta(days=1) if following else None

    def phase_on(self, day: date) -> str:
        """The phase a day lies in; before the operation none."""
        if day < self.day0:
            return ""
        begun = [leg.span.code for leg in self.legs if self._wait(leg.starts) <= day]
        return begun[-1] if begun else self.legs[0].span.code  # held since the operation itself

    def is_standing(self, day: date) -> bool:
        """Whether the clock stands on that day, and nobody knows yet for how long."""
        return any(pause.days is None and day >= pause.starts for pause in self.pauses)

    def after_pause(self, day: date) -> date:
        """A day on which the clock stood comes as much later as it stood; any other is itself."""
        for pause in self.pauses:
            if pause.days and pause.starts <= day < pause.starts + timedelta(days=pause.days):
                day += timedelta(days=pause.days)
        return day

    def next_running(self, day: date) -> date:
        """That day, or where a hold with an end lies over it the first one after the hold."""
        for pause in self.pauses:
            if pause.days and pause.starts <= day < pause.starts + timedelta(days=pause.days):
                day = pause.starts + timedelta(days=pause.days)
        return day

    def runs_on(self, day: date) -> bool:
        """Whether the clock runs on that day: no hold lies over it."""
        return not self.is_standing(day) and self.after_pause(day) == day

    def is_over(self, number: int, day: date) -> bool:
        """Whether a day of the protocol comes too late: its phase gave way to the next one, which was put forward."""
        leg = self._leg(number)
        if leg is None or leg.is_endless or number > (leg.span.last_day or number):
            return False
        following = self.legs[self.legs.index(leg) + 1]
        return day >= self._wait(following.starts)

    def shifts(self, number: int) -> tuple[Shift, ...]:
        """Why this day does not lie where the protocol put it."""
        leg = self._leg(number)
        if leg is None:
            return ()
        before = [one for one in self.legs if one.starts <= leg.starts]
        bare = self.day0 + timedelta(days=leg.place(number))
        found = {
            Shift.PACE: any(one.percent != 100 for one in before),
            Shift.PHASE: any(one.later for one in before),
            Shift.HOLD: self._wait(leg.place(number)) != bare,
        }
        return tuple(shift for shift, is_so in found.items() if is_so)

    def _leg(self, number: int) -> Leg | None:
        return next((leg for leg in reversed(self.legs) if leg.span.first_day <= number), None)

    def _wait(self, place: int) -> date:
        """From days after day 0 to the calendar, every pause on the way waited for."""
        day = self.day0 + timedelta(days=min(place, LONGEST))
        for pause in self.pauses:
            if pause.days and day >= pause.starts:
                day += timedelta(days=pause.days)
        return day

    def _bend(self, decision: Decision) -> None:
        for leg in self.legs:
            if decision.kind == ChangeKind.PACE and self._wait(leg.starts) > decision.starts and not leg.is_endless:
                leg.percent = decision.percent
            if decision.kind == ChangeKind.SHIFT and leg.span.code == decision.phase:
                leg.later += decision.days
        self._line_up()

    def _line_up(self) -> None:
        """Each phase begins when the one before is over, or where it was moved to; never before that one began."""
        for number, leg in enumerate(self.legs):
            if number == 0:
                leg.starts = leg.span.first_day + leg.later
            else:
                before = self.legs[number - 1]
                leg.starts = max(before.starts + before.length + leg.later, before.starts + 1)


def _pause(hold: Decision, day0: date) -> Pause:
    """Before the operation no clock runs that could stand."""
    starts = max(hold.starts, day0)
    return Pause(starts, None if hold.ends is None else max((hold.ends - starts).days, 0))


def _so_far(pause: Pause, today: date) -> int:
    return max((today - pause.starts).days + 1, 0)
