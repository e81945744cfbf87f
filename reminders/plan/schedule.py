"""Protocol + facts of one surgery in, the whole recovery out. Pure: no database, no clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from reminders.plan.moments import in_window, moment, next_staffed
from reminders.plan.reasons import Reason
from reminders.plan.values import (
    Anchor,
    Condition,
    Facts,
    Layout,
    ProtocolSpec,
    StepSpec,
    VisitFact,
    VisitSpec,
    Wanted,
    WantedVisit,
)

PER_VISIT = 100  # occurrence numbers kept for each visit: its repeats, or its bookings
OVER = "over"  # its window had closed before the enrolment, and nobody booked it here
SETTLED = {"booked", "confirmed", "attended", "cancelled", OVER}
COMING = {"booked", "confirmed"}


@dataclass(frozen=True, slots=True)
class Base:
    """The day a step hangs on, the first occurrence number there, and the visit it speaks of."""

    day: date
    occurrence: int = 0
    visit: VisitFact | None = None


def lay_out(protocol: ProtocolSpec, facts: Facts) -> Layout:
    """Every reminder, earliest first, and every check-up. Same protocol and facts, same layout."""
    reminders = [wanted for step in protocol.steps for wanted in _reminders(step, protocol, facts)]
    visits = [visit for spec in protocol.visits for visit in _visits(spec, facts)]
    return Layout(sorted(reminders, key=lambda w: (w.due_at, w.step, w.occurrence)), visits)


def _visits(spec: VisitSpec, facts: Facts) -> Iterator[WantedVisit]:
    """Windows that had closed before the enrolment belong to the time before Aftercare."""
    for occurrence, opens in _visit_openings(spec, facts):
        target = opens + timedelta(days=spec.target_day - spec.first_day)
        closes = opens + timedelta(days=spec.last_day - spec.first_day)
        if not _over(spec, occurrence, facts):
            yield WantedVisit(spec.code, occurrence, opens, target, closes)


def _visit_openings(spec: VisitSpec, facts: Facts) -> Iterator[tuple[int, date]]:
    first = facts.day0 + timedelta(days=spec.first_day)
    yield 0, first
    if spec.repeat_days:
        for number in count(1):
            opens = first + timedelta(days=number * spec.repeat_days)
            if opens > facts.until:
                return
            yield number, opens


def _over(spec: VisitSpec, occurrence: int, facts: Facts) -> bool:
    last_day = spec.last_day + occurrence * (spec.repeat_days or 0)
    return facts.day0 + timedelta(days=last_day) < facts.enrolled_on


def _reminders(step: StepSpec, protocol: ProtocolSpec, facts: Facts) -> Iterator[Wanted]:
    for base in _bases(step, protocol, facts):
        for occurrence, day in _repeats(step, base, facts):
            yield _wanted(step, occurrence, day, base.visit, facts)


def _bases(step: StepSpec, protocol: ProtocolSpec, facts: Facts) -> Iterator[Base]:
    match step.anchor:
        case Anchor.SURGERY:
            yield Base(facts.day0, visit=_visit(step.check_up, 0, protocol, facts))
        case Anchor.PHASE_START | Anchor.PHASE_END:
            phase = next(p for p in protocol.phases if p.code == step.phase)
            number = phase.first_day if step.anchor == Anchor.PHASE_START else phase.last_day
            if number is not None:
                visit = _visit(step.check_up, 0, protocol, facts)
                yield Base(facts.day0 + timedelta(days=number), visit=visit)
        case Anchor.CHECK_UP_WINDOW:
            spec = next(v for v in protocol.visits if v.code == step.check_up)
            for visit_number, opens in _visit_openings(spec, facts):
                visit = _visit(step.check_up, visit_number, protocol, facts)
                yield Base(opens, visit_number * PER_VISIT, visit)
        case Anchor.VISIT:
            for visit in facts.visits:
                if visit.code == step.check_up and visit.booked_for:
                    day = visit.booked_for.astimezone(facts.site_zone).date()
                    yield Base(day, visit.occurrence * PER_VISIT + visit.bookings, visit)


def _repeats(step: StepSpec, base: Base, facts: Facts) -> Iterator[tuple[int, date]]:
    """Without a count: over the rolling horizon, but at least once."""
    first = base.day + timedelta(days=step.offset_days)
    if step.anchor != Anchor.VISIT:
        first = max(first, facts.day0)  # nothing clinical before the operation
    yield base.occurrence, first
    if step.repeat_days:
        for number in range(1, step.repeat_count) if step.repeat_count else count(1):
            day = first + timedelta(days=number * step.repeat_days)
            if step.repeat_count is None and day > facts.until:
                return
            yield base.occurrence + number, day


def _wanted(step: StepSpec, occurrence: int, day: date, visit: VisitFact | None, facts: Facts) -> Wanted:
    day, at = in_window(day, step.at, opens=facts.opens, closes=facts.closes)
    if step.staffed_days_only:  # after the window, which may have moved it to a Saturday
        day = next_staffed(day, weekdays=facts.staffed_weekdays, closed=facts.closed_days)
    due_at = moment(day, at, facts.zone)
    end = _end(step, visit)
    too_late = end is not None and end <= due_at
    useful_until = _useful_until(step, day, due_at, facts)
    return Wanted(
        step=step.code,
        occurrence=occurrence,
        due_at=due_at,
        useful_until=useful_until if end is None or too_late else min(useful_until, end),
        held=_held(step, visit, facts) or (Reason.EXPIRED if too_late else Reason.NONE),
        channel=next((channel for channel in step.channels if channel in facts.channels), ""),
    )


def _useful_until(step: StepSpec, day: date, due_at: datetime, facts: Facts) -> datetime:
    """Until the window closes on the last useful day. Where the clocks skip the whole window: an hour."""
    closes = moment(day + timedelta(days=step.useful_days), facts.closes, facts.zone)
    return closes if closes > due_at else due_at + timedelta(hours=1)


def _end(step: StepSpec, visit: VisitFact | None) -> datetime | None:
    """A word before a visit ends with the visit; far from the clinic its local hour may come too late."""
    before_it = step.anchor == Anchor.VISIT and step.offset_days <= 0
    return visit.booked_for if before_it and visit else None


def _held(step: StepSpec, visit: VisitFact | None, facts: Facts) -> Reason:
    if step.anchor == Anchor.VISIT:
        held = visit is not None and visit.state not in _states_for(step)
    else:
        held = visit is not None and visit.state in SETTLED
    return Reason.VISIT_SETTLED if held else unmet(step.condition, facts.physical_therapy, facts.job)


def _states_for(step: StepSpec) -> set[str]:
    return COMING if step.offset_days <= 0 else COMING | {"attended"}


def unmet(condition: Condition, physical_therapy: str, job: str) -> Reason:
    """Why a step's condition does not hold; Reason.NONE when it does."""
    ordered = physical_therapy in {"ordered", "ordered_early"}
    match condition:
        case Condition.ALWAYS:
            return Reason.NONE
        case Condition.PT_ORDERED_EARLY:
            return Reason.NONE if physical_therapy == "ordered_early" else Reason.PT_NOT_ORDERED
        case Condition.PT_ORDERED:
            return Reason.NONE if ordered else Reason.PT_NOT_ORDERED
        case Condition.PT_NOT_DECLINED:
            return Reason.PT_DECLINED if physical_therapy == "declined" else Reason.NONE
        case _:
            return Reason.NONE if condition == f"job_{job}" else Reason.OTHER_JOB


def _visit(code: str, occurrence: int, protocol: ProtocolSpec, facts: Facts) -> VisitFact | None:
    """What is known of the visit a step speaks of. One that was over before Aftercare is not asked for."""
    known = next((v for v in facts.visits if (v.code, v.occurrence) == (code, occurrence)), None)
    spec = next((v for v in protocol.visits if v.code == code), None)
    if spec and _over(spec, occurrence, facts) and (known is None or (known.state == "due" and not known.bookings)):
        return VisitFact(code, occurrence, OVER, None, 0)
    return known
