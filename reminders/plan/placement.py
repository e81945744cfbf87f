"""Which day each message falls on: the protocol's days on this patient's course, and what was decided. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from itertools import count

from reminders.plan.phase_calendar import Course
from reminders.plan.reasons import Reason
from reminders.plan.shifts import Shift
from reminders.plan.values import (
    Anchor,
    ChangeKind,
    Decision,
    Facts,
    Nature,
    ProtocolSpec,
    StepSpec,
    VisitFact,
    VisitSpec,
)
from reminders.plan.visit_keys import key_of, visit_of

OVER = "over"  # its window had closed before the enrolment, and nobody booked it here
DAY = timedelta(days=1)
BY_HAND = {Shift.DELAY, Shift.CHECK_UP}  # put off beside the course: no phase that is over leaves it out


@dataclass(frozen=True, slots=True)
class Placed:
    """One message on its day. `number`: the protocol's day, if it hangs on one; `at`: its hour, if not the step's.

    `nature`: by which course it goes; before a check-up's window that of the check-up.
    """

    step: StepSpec
    occurrence: int
    day: date
    number: int | None = None
    visit: VisitFact | None = None
    said: StepSpec | None = None
    held: Reason = Reason.NONE
    shifts: tuple[Shift, ...] = ()
    at: time | None = None
    moved_from: date | None = None  # as in `Wanted`
    nature: Nature = Nature.ACTIVITY

    @property
    def key(self) -> tuple[str, int]:
        """What tells one reminder of a plan from another."""
        return self.step.code, self.occurrence


@dataclass(frozen=True, slots=True)
class StepBase:
    """What a step hangs on: a day of the protocol, or the day of a booked visit; and its first occurrence number."""

    number: int | None = None
    day: date | None = None
    occurrence: int = 0
    visit: VisitFact | None = None


def place(protocol: ProtocolSpec, facts: Facts, course: Course) -> Iterator[Placed]:
    """Every message the protocol calls for, with what was decided about it."""
    for step in protocol.steps:
        yield from (decided(placed, protocol, facts, course) for placed in _placed(step, protocol, facts, course))


def visit_openings(spec: VisitSpec, facts: Facts, course: Course) -> Iterator[tuple[int, int]]:
    """Occurrence and first day of the window, as the protocol's day, over the rolling horizon."""
    course = course.of(spec.nature)
    yield 0, spec.first_day
    if spec.repeat_days:
        for number in count(1):
            first = spec.first_day + number * spec.repeat_days
            if course.day(first) > facts.until:
                return
            yield number, first


def moved_by_hand(check_up: str, occurrence: int, facts: Facts) -> timedelta:
    """How much later a surgeon put the window of one check-up, whatever its nature."""
    about = (one for one in facts.decisions if one.kind == ChangeKind.CHECK_UP and one.check_up == check_up)
    return sum(one.days for one in about if one.occurrence in (None, occurrence)) * DAY


def was_over(spec: VisitSpec, occurrence: int, facts: Facts) -> bool:
    """Windows that had closed before the enrolment belong to the time before Aftercare."""
    last_day = spec.last_day + occurrence * (spec.repeat_days or 0)
    return facts.day0 + last_day * DAY < facts.enrolled_on


def _placed(step: StepSpec, protocol: ProtocolSpec, facts: Facts, course: Course) -> Iterator[Placed]:
    nature = _nature(step, protocol)
    course = course.of(nature)
    for base in _bases(step, protocol, facts, course):
        if base.number is None:
            day = (base.day or facts.day0) + step.offset_days * DAY
            yield Placed(step, base.occurrence, day, visit=base.visit, nature=nature)
            continue
        for occurrence, number in _repeats(step, base.number, facts, course):
            day, shifts = _day(step, base.number, number, course), course.shifts(number)
            if step.anchor == Anchor.CHECK_UP_WINDOW and (
                by_hand := moved_by_hand(step.check_up, visit_of(base.occurrence)[0], facts)
            ):
                day, shifts = day + by_hand, (*shifts, Shift.CHECK_UP)
            day = max(day, facts.day0)  # nothing clinical before the operation
            yield Placed(step, base.occurrence + occurrence, day, number, base.visit, shifts=shifts, nature=nature)


def _nature(step: StepSpec, protocol: ProtocolSpec) -> Nature:
    """Before a window it goes where the window goes."""
    if step.anchor == Anchor.CHECK_UP_WINDOW:
        return next(visit.nature for visit in protocol.visits if visit.code == step.check_up)
    return step.nature


def _day(step: StepSpec, anchored: int, number: int, course: Course) -> date:
    """Days before a phase begins are counted on the calendar, so that they stay beside that phase when it moves."""
    if step.anchor == Anchor.PHASE_START and number < anchored:
        return course.day(anchored) - (anchored - number) * DAY
    return course.day(number)


def _repeats(step: StepSpec, number: int, facts: Facts, course: Course) -> Iterator[tuple[int, int]]:
    """Without a count: over the rolling horizon, but at least once."""
    first = max(number + step.offset_days, 0)
    yield 0, first
    if step.repeat_days:
        for again in range(1, step.repeat_count) if step.repeat_count else count(1):
            following = first + again * step.repeat_days
            if step.repeat_count is None and course.day(following) > facts.until:
                return
            yield again, following


def _bases(step: StepSpec, protocol: ProtocolSpec, facts: Facts, course: Course) -> Iterator[StepBase]:
    match step.anchor:
        case Anchor.SURGERY:
            yield StepBase(0, visit=_visit(step.check_up, 0, protocol, facts))
        case Anchor.PHASE_START | Anchor.PHASE_END:
            phase = next(p for p in protocol.phases if p.code == step.phase)
            number = phase.first_day if step.anchor == Anchor.PHASE_START else phase.last_day
            if number is not None:
                yield StepBase(number, visit=_visit(step.check_up, 0, protocol, facts))
        case Anchor.CHECK_UP_WINDOW:
            spec = next(v for v in protocol.visits if v.code == step.check_up)
            for occurrence, first in visit_openings(spec, facts, course):
                visit = _visit(step.check_up, occurrence, protocol, facts)
                yield StepBase(first, occurrence=key_of(occurrence, 0), visit=visit)
        case Anchor.VISIT:
            for visit in facts.visits:
                if visit.code == step.check_up and visit.booked_for:
                    day = visit.booked_for.astimezone(facts.site_zone).date()
                    yield StepBase(day=day, occurrence=key_of(visit.occurrence, visit.bookings), visit=visit)


def _visit(code: str, occurrence: int, protocol: ProtocolSpec, facts: Facts) -> VisitFact | None:
    """What is known of the visit a step speaks of. One that was over before Aftercare is not asked for."""
    known = next((v for v in facts.visits if (v.code, v.occurrence) == (code, occurrence)), None)
    spec = next((v for v in protocol.visits if v.code == code), None)
    if spec and was_over(spec, occurrence, facts) and (known is None or (known.state == "due" and not known.bookings)):
        return VisitFact(code, occurrence, OVER, None, 0)
    return known


# What was decided ---------------------------------------------------------------------------------------------------


def decided(placed: Placed, protocol: ProtocolSpec, facts: Facts, course: Course) -> Placed:
    """The message after all decisions about its step: replaced, put off, left out."""
    about = [one for one in facts.decisions if one.step == placed.step.code]
    about = [one for one in about if one.occurrence in (None, placed.occurrence)]
    placed = _delayed(_replaced(placed, about, protocol), about)
    held = _left_out(placed, about, course)
    return replace(placed, held=held) if held else placed


def _replaced(placed: Placed, about: list[Decision], protocol: ProtocolSpec) -> Placed:
    """Words of a step that this version does not have cannot be said: then its own are."""
    wanted = [one.to for one in about if one.kind == ChangeKind.REPLACE]
    said = next((step for step in protocol.steps if wanted and step.code == wanted[-1]), None)
    return replace(placed, said=said) if said else placed


def _delayed(placed: Placed, about: list[Decision]) -> Placed:
    days = sum(one.days for one in about if one.kind == ChangeKind.DELAY)
    return replace(placed, day=placed.day + days * DAY, shifts=(*placed.shifts, Shift.DELAY)) if days else placed


def _left_out(placed: Placed, about: list[Decision], course: Course) -> Reason:
    """What is safety, and a word about a booked visit, goes while the plan is held. What was added does not wait."""
    course = course.of(placed.nature)
    if any(one.kind == ChangeKind.SKIP for one in about):
        return Reason.LEFT_OUT
    if Shift.ADDED in placed.shifts:
        return Reason.NONE if course.runs_on(placed.day) else Reason.PLAN_HELD
    if placed.number is None:
        return Reason.NONE
    if course.is_standing(placed.day):
        return Reason.PLAN_HELD
    is_over = not BY_HAND & {*placed.shifts} and course.is_over(placed.number, placed.day)
    return Reason.PHASE_OVER if is_over else Reason.NONE
