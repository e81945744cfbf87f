"""Protocol + facts of one surgery in, the whole recovery out. Pure: no database, no clock."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from reminders.plan import therapy_start
from reminders.plan.budget_days import within_budget
from reminders.plan.extra_messages import added
from reminders.plan.local_time import in_window, moment, next_staffed
from reminders.plan.phase_calendar import Course
from reminders.plan.placement import OVER, Placed, moved_by_hand, place, visit_openings, was_over
from reminders.plan.reasons import Reason
from reminders.plan.said_once import PlanDraft, said_once
from reminders.plan.shifts import Shift
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
    channel_of,
)
from reminders.plan.visit_notices import notices, repeats_a_notice

SETTLED = {"booked", "confirmed", "attended", "not_needed", "cancelled", OVER}
COMING = {"booked", "confirmed"}


def lay_out(protocol: ProtocolSpec, facts: Facts) -> Layout:
    """Every reminder, earliest first, and every check-up. Same protocol and facts, same layout."""
    return lay_out_together([drafted(protocol, facts)])[0]


def lay_out_together(drafts: Sequence[PlanDraft]) -> list[Layout]:
    """The same of each plan: those of one patient say once what is the same, and their messages count together, with
    those of everybody who shares a phone or a mailbox.

    Plans that share neither do not touch each other. The order decides between equals: the plan given first.
    """
    once = said_once(drafts)
    return [_layout(draft, rows) for draft, rows in zip(once, within_budget(once), strict=True)]


def drafted(protocol: ProtocolSpec, facts: Facts) -> PlanDraft:
    """One plan by itself, before what others say and how many messages count."""
    course = Course(facts.day0, protocol.phases, facts.decisions)
    placed = [_conditioned(one, facts) for one in place(protocol, facts, course)]
    planned = therapy_start.ordered(placed, facts.decisions, course)
    more = [_conditioned(one, facts) for one in added(planned, protocol, facts, course)]
    timed = [_while_it_runs(_timed(one, facts, course), facts) for one in (*planned, *more)]
    visits = [visit for spec in protocol.visits for visit in _visits(spec, facts, course)]
    visits = [visit for visit in visits if facts.ends_on is None or visit.opens < facts.ends_on]
    return PlanDraft(protocol, facts, course, timed, visits)


def ended(protocol: ProtocolSpec, facts: Facts) -> PlanDraft:
    """A plan that says nothing any more but of visits that still take place: what it sent counts."""
    return PlanDraft(protocol, facts, Course(facts.day0, protocol.phases, facts.decisions))


def _layout(draft: PlanDraft, rows: Sequence[Placed]) -> Layout:
    reminders = [*(_wanted(one, draft.facts) for one in rows), *notices(draft.facts)]
    return Layout(sorted(reminders, key=lambda w: (w.due_at, w.step, w.occurrence)), [*draft.visits])


def _visits(spec: VisitSpec, facts: Facts, course: Course) -> Iterator[WantedVisit]:
    """Where a phase was put forward, its days may come before the last ones of the phase before."""
    course = course.of(spec.nature)
    for occurrence, first in visit_openings(spec, facts, course):
        if not was_over(spec, occurrence, facts):
            target, last = (first + day - spec.first_day for day in (spec.target_day, spec.last_day))
            days = sorted(course.day(number) for number in (first, target, last))
            by_hand = moved_by_hand(spec.code, occurrence, facts)
            yield WantedVisit(spec.code, occurrence, *(day + by_hand for day in days))


def _while_it_runs(placed: Placed, facts: Facts) -> Placed:
    is_over = facts.ends_on is not None and placed.day >= facts.ends_on
    return replace(placed, held=Reason.PLAN_ENDED) if is_over and not placed.held else placed


def _conditioned(placed: Placed, facts: Facts) -> Placed:
    """What the visit's state or the step's condition says comes first: it holds whatever else was decided."""
    held = _held(placed.step, placed.visit, facts)
    return replace(placed, held=held) if held else placed


def _timed(placed: Placed, facts: Facts, course: Course) -> Placed:
    """On its last day and hour; what would come after the visit it speaks of is too late."""
    placed = _waited(placed, facts, course)
    end = _end(placed.step, placed.visit)
    due_at = _due_at(placed, facts)
    if placed.held:
        return placed
    if end is not None and end <= due_at:
        return replace(placed, held=Reason.EXPIRED)
    useful_until = _useful_until(placed.step, placed.moved_from or placed.day, due_at, facts)
    repeats = repeats_a_notice(placed.step, placed.visit, due_at, useful_until, facts)
    return replace(placed, held=Reason.MERGED) if repeats else placed


def _due_at(placed: Placed, facts: Facts) -> datetime:
    return moment(placed.day, placed.at or placed.step.at, facts.zone)


def _wanted(placed: Placed, facts: Facts) -> Wanted:
    step, due_at = placed.step, _due_at(placed, facts)
    end = _end(step, placed.visit)
    useful_until = _useful_until(step, placed.moved_from or placed.day, due_at, facts)
    on_time = due_at.astimezone(facts.zone).time() == (placed.at or step.at)
    return Wanted(
        step=step.code,
        occurrence=placed.occurrence,
        due_at=due_at,
        useful_until=useful_until if end is None or end <= due_at else min(useful_until, end),
        held=placed.held,
        said=placed.said.code if placed.said else "",
        shifts=placed.shifts if on_time else (*placed.shifts, Shift.CLOCKS),
        channel=channel_of(placed.said or step, facts.channels),
        moved_from=placed.moved_from,
    )


def _waited(placed: Placed, facts: Facts, course: Course) -> Placed:
    """Quiet hours and closed days may have moved it into a hold: then it waits for the hold as well."""
    hour, course = _hour(placed, facts), course.of(placed.nature)
    if placed.number is None or placed.held:
        return hour
    if course.is_standing(hour.day):
        return replace(hour, held=Reason.PLAN_HELD)
    after = course.after_pause(hour.day)
    if after == hour.day:
        return hour
    shifts = tuple(dict.fromkeys((*placed.shifts, Shift.HOLD)))
    return _hour(replace(placed, day=after, shifts=shifts), facts)


def _hour(placed: Placed, facts: Facts) -> Placed:
    """Inside the window; then, where somebody must answer the phone, on a day the clinic is open."""
    step, shifts = placed.step, placed.shifts
    day, at = in_window(placed.day, step.at, opens=facts.opens, closes=facts.closes)
    if (day, at) != (placed.day, step.at):
        shifts = (*shifts, Shift.QUIET)
    if step.staffed_days_only:  # after the window, which may have moved it to a Saturday
        staffed = next_staffed(day, weekdays=facts.staffed_weekdays, closed=facts.closed_days)
        day, shifts = staffed, shifts if staffed == day else (*shifts, Shift.CLOSED)
    return placed if shifts == placed.shifts else replace(placed, day=day, at=at, shifts=shifts)


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
