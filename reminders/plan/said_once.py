"""Two plans of one patient both run: what they would say twice, or otherwise than each other, the later one says. Pure.

The plan of the earlier operation gives way, from the later one's day 0 on: docs/adr/0036-a-further-operation.md.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from reminders.plan.phase_calendar import Course
from reminders.plan.placement import Placed
from reminders.plan.reasons import Reason
from reminders.plan.shifts import Shift
from reminders.plan.values import Anchor, Facts, ProtocolSpec, StepSpec, VisitFact, WantedVisit
from reminders.plan.visit_keys import visit_of

WEEK, WOUND = timedelta(days=7), timedelta(days=28)
RESTS = {  # what the body may do and when: of two operations the later one's counts, as its wound is the fresher
    "walk_today", "avoid_heavy_lifting", "pain_medicine", "start_pt", "ask_about_pt", "strengthening", "phase_change",
    "listen_to_body", "return_to_work", "maintenance",
}  # fmt: skip
ASKS = {"check_in", "outcome_questions"}
BY_SURGEON = {Shift.DELAY, Shift.PT, Shift.ADDED}


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """One plan as it is being laid out: each message on its last day and hour, and the visits it calls for.

    `rows` and `visits` of a plan that has ended are empty: only what it sent counts.
    """

    protocol: ProtocolSpec
    facts: Facts
    course: Course
    rows: Sequence[Placed] = ()
    visits: Sequence[WantedVisit] = ()


def said_once(drafts: Sequence[PlanDraft]) -> list[PlanDraft]:
    """The same plans, in the same order, without what a later operation of the same patient says or asks as well."""
    return [_beside(draft, _later(draft, drafts)) for draft in drafts]


def _later(draft: PlanDraft, drafts: Sequence[PlanDraft]) -> list[PlanDraft]:
    mine = draft.facts
    return [
        other
        for other in drafts
        if other.rows and other.facts.person == mine.person and mine.person and other.facts.day0 > mine.day0
    ]


def _beside(draft: PlanDraft, later: Sequence[PlanDraft]) -> PlanDraft:
    if not later or not draft.rows:
        return draft
    asked = [visit for visit in draft.visits if not _is_asked_by(visit, draft, later)]
    gone = {(visit.code, visit.occurrence) for visit in draft.visits} - {(one.code, one.occurrence) for one in asked}
    rows = [_judged(row, gone, later) for row in draft.rows]
    return replace(draft, rows=rows, visits=asked)


def _is_asked_by(visit: WantedVisit, draft: PlanDraft, later: Sequence[PlanDraft]) -> bool:
    """The same visit of a later plan may be on its days, and nobody has booked it or settled it.

    The early ones look at this operation's own wound: the other must then be open on this one's best day.
    """
    key = visit.code, visit.occurrence
    if any(_is_taken(one) for one in draft.facts.visits if (one.code, one.occurrence) == key):
        return False
    same = (other for plan in later for other in plan.visits if other.code == visit.code)
    if visit.opens < draft.facts.day0 + WOUND:
        return any(other.opens <= visit.target <= other.closes for other in same)
    return any(other.opens <= visit.closes and visit.opens <= other.closes for other in same)


def _is_taken(visit: VisitFact) -> bool:
    return visit.state != "due" or visit.bookings > 0


def _judged(row: Placed, gone: Collection[tuple[str, int]], later: Sequence[PlanDraft]) -> Placed:
    is_said = not row.held and any(_says(plan, row, gone) for plan in later)
    return replace(row, held=Reason.SAID_BY_LATER) if is_said else row


def _says(plan: PlanDraft, row: Placed, gone: Collection[tuple[str, int]]) -> bool:
    """Whether the later plan says it. What a surgeon decided about one message of the earlier plan is left as it is."""
    said = row.said or row.step
    if said.about_a_visit:
        is_gone = row.step.anchor != Anchor.VISIT and _visit_of(row) in gone
        return is_gone or any(_same_words(other, row) for other in plan.rows)
    if row.day < plan.facts.day0 or row.said is not None or BY_SURGEON & {*row.shifts}:
        return False
    if said.kind in RESTS and _is_recovering(plan, row.day):
        return True
    return said.kind in RESTS | ASKS and any(_near(day, row.day, step) for day, step in _days_of(plan, said.kind))


def _same_words(other: Placed, row: Placed) -> bool:
    """Both ask on one day to book the like visit, or remind of visits at one time: the words name no operation."""
    mine, theirs = row.step, other.step
    if other.held or other.day != row.day:
        return False
    if mine.anchor != Anchor.VISIT:
        return (theirs.kind, theirs.anchor, theirs.check_up) == (mine.kind, mine.anchor, mine.check_up)
    if row.visit is None or other.visit is None or mine.offset_days > 0:
        return False
    alike = (theirs.kind, theirs.anchor, theirs.offset_days) == (mine.kind, mine.anchor, mine.offset_days)
    return alike and other.visit.booked_for == row.visit.booked_for


def _visit_of(row: Placed) -> tuple[str, int]:
    by_window = row.step.anchor == Anchor.CHECK_UP_WINDOW
    return row.step.check_up, visit_of(row.occurrence)[0] if by_window else 0


def _is_recovering(plan: PlanDraft, day: date) -> bool:
    """Until the phase without end begins: from then on both plans speak of keeping well."""
    last = plan.protocol.phases[-1] if plan.protocol.phases else None
    begins = plan.course.begins(last.code) if last else None
    return begins is None or day < begins or plan.course.is_standing(day)


def _days_of(plan: PlanDraft, kind: str) -> Iterator[tuple[date, StepSpec]]:
    """When the later plan says the like; it may still move while it is useful."""
    for row in plan.rows:
        if not row.held and (row.said or row.step).kind == kind:
            yield row.day, row.step


def _near(day: date, other: date, step: StepSpec) -> bool:
    return day - WEEK <= other <= day + WEEK + timedelta(days=step.useful_days)
