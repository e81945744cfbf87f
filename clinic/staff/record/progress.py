"""Progress: check-ins beside the expected course, sessions of therapy, and how well the plan is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from clinic.staff import formats
from clinic.staff.formats import Pill
from clinic.staff.record import trend as drawing
from clinic.staff.record.trend import Point, Trend
from patients.adherence import Adherence, AdherencePart
from patients.models import StaffMember, Surgery, TherapySession
from patients.models.therapy import SessionState
from reminders.replies.checkins import adherence
from reminders.replies.models import CheckIn
from reminders.replies.parsing.questionnaire import HIGH

TONES = {SessionState.PLANNED: "neutral", SessionState.ATTENDED: "good", SessionState.MISSED: "bad"}
NOT_YET = "Nothing was asked yet, so there is no adherence figure."


@dataclass(frozen=True, slots=True)
class CheckInRow:
    """One line of the table that says what the drawing shows; an empty word: not answered."""

    day: int
    when: str
    pain: str
    expected: str
    trouble: str
    how: str
    is_high: bool
    has_trouble: bool


@dataclass(frozen=True, slots=True)
class SessionRow:
    pk: int
    when: str
    pill: Pill
    source: str


@dataclass(frozen=True, slots=True)
class ProgressPanel:
    figure: str
    parts: list[str]
    trend: Trend
    check_ins: list[CheckInRow]
    sessions: list[SessionRow]
    may_write: bool


def progress_of(surgery: Surgery, *, staff: StaffMember, now: datetime) -> ProgressPanel:
    check_ins = list(
        CheckIn.objects.for_staff(staff).filter(surgery=surgery).select_related("entered_by").order_by("asked_at", "pk")
    )
    sessions = TherapySession.objects.for_staff(staff).filter(surgery=surgery).order_by("-day")
    expected = surgery.care_plan.version.expected_pain
    today = surgery.day_number(surgery.site.today(now))
    kept = adherence.adherence_of(surgery, now)
    return ProgressPanel(
        figure=_figure(kept),
        parts=_parts(kept),
        trend=drawing.draw([Point(_day(row), row.pain) for row in check_ins], expected, today=today, high=HIGH),
        check_ins=[_row(row, expected) for row in check_ins],
        sessions=[_session(row) for row in sessions],
        may_write=surgery.is_active,
    )


def _figure(kept: Adherence) -> str:
    return NOT_YET if kept.percent is None else f"{kept.percent}% adherence"


def _parts(kept: Adherence) -> list[str]:
    named = {"check-ins answered": kept.check_ins, "sessions attended": kept.sessions, "visits kept": kept.visits}
    return [_part(part, name) for name, part in named.items() if part.asked]


def _part(part: AdherencePart, name: str) -> str:
    return f"{part.done} of {part.asked} {name}"


def _day(row: CheckIn) -> int:
    return row.surgery.day_number(row.surgery.site.today(row.asked_at))


def _row(row: CheckIn, expected: Sequence[Sequence[int]]) -> CheckInRow:
    day = _day(row)
    band = drawing.within(expected, day)
    trouble = [name for name in ("wound", "legs", "bladder") if getattr(row, name)]
    unknown = [name for name in ("wound", "legs", "bladder") if getattr(row, name) is None]
    said = ", ".join(trouble) or ("none" if not unknown else "")
    return CheckInRow(
        day=day,
        when=formats.day(row.surgery.site.today(row.asked_at)),
        pain="" if row.pain is None else f"{row.pain}",
        expected=f"{band[0]:.0f} to {band[1]:.0f}" if band else "",
        trouble=said + (f" ({', '.join(unknown)} not answered)" if unknown and row.answered_at else ""),
        how=_how(row),
        is_high=(row.pain or 0) >= HIGH,
        has_trouble=bool(trouble),
    )


def _how(row: CheckIn) -> str:
    if row.answered_at:
        return f"{row.get_via_display()} to {row.entered_by}" if row.entered_by else str(row.get_via_display())
    return "not answered" if row.closed_at else "waits for an answer"


def _session(row: TherapySession) -> SessionRow:
    state = SessionState(row.state)
    source = f"{row.by}" if row.by else row.get_source_display()
    return SessionRow(row.pk, formats.day(row.day), Pill(str(state.label).lower(), TONES[state]), source)
