"""The check-ups of one surgery, and what can be done with each: what the board offers, in the same two clicks."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from clinic.staff import formats
from clinic.staff.board import latest, visits
from clinic.staff.board.context import Scene
from clinic.staff.board.visits import VisitAction
from clinic.staff.formats import Pill
from patients import visit_words
from patients.models import CheckUp, StaffMember, Surgery, VisitChange
from patients.models.checkup import CheckUpState
from patients.models.surgery import CANCELLED, ENDED
from patients.visit_times import taken_times
from patients.visit_undo import undoable
from reminders.plan.checkups import BOOKED

TONES = {
    CheckUpState.DUE: "neutral",
    CheckUpState.BOOKED: "warn",
    CheckUpState.CONFIRMED: "good",
    CheckUpState.ATTENDED: "good",
    CheckUpState.MISSED: "bad",
    CheckUpState.NOT_NEEDED: "neutral",
    CheckUpState.CANCELLED: "neutral",
}
OFF = (CheckUpState.NOT_NEEDED, CheckUpState.CANCELLED)


@dataclass(frozen=True, slots=True)
class RecordVisitRow:
    pk: int
    bookings: int  # what a form tells that it has seen
    revision: int
    title: str
    window: str
    when: str
    day: int
    pill: Pill
    is_open: bool
    is_off: bool  # not needed, or cancelled
    why: str
    undo: str  # who did what when; empty where there is nothing to undo
    main: VisitAction | None
    more: tuple[VisitAction, ...]
    at: str  # what the time field begins with

    @property
    def key(self) -> str:
        return f"visit-{self.pk}"


def visit_rows(surgery: Surgery, *, staff: StaffMember, now: datetime) -> list[RecordVisitRow]:
    site = surgery.site
    check_ups = CheckUp.objects.for_staff(staff).filter(surgery=surgery).with_patient()
    check_ups = check_ups.prefetch_related(Prefetch("changes", VisitChange.objects.latest_first()))
    closed = frozenset(site.closed_days.filter(date__gte=site.today(now)).values_list("date", flat=True))
    scene = Scene(site, now, closed, latest.last([surgery]), taken=taken_times(site, since=now))
    return [_row(check_up, surgery, scene) for check_up in check_ups]


def _row(check_up: CheckUp, surgery: Surgery, scene: Scene) -> RecordVisitRow:
    state, zone = CheckUpState(check_up.state), scene.site.zone
    booked = check_up.booked_for.astimezone(zone) if check_up.booked_for else None
    stood = state in (*BOOKED, CheckUpState.MISSED)  # of a plan that ended: what was booked stands
    decides = surgery.is_active or (surgery.state == ENDED and stood)
    main, more, at = _choices(check_up, scene) if decides else (None, (), "")
    return RecordVisitRow(
        pk=check_up.pk,
        bookings=check_up.bookings,
        revision=check_up.revision,
        title=check_up.title,
        window=f"{formats.day(check_up.window_opens)} to {formats.day(check_up.window_closes)}",
        when=formats.moment(booked, zone) if booked else "",
        day=((booked.date() if booked else check_up.target_day) - surgery.date).days,
        pill=Pill(str(state.label).lower(), TONES[state]),
        is_open=state == CheckUpState.DUE,
        is_off=state in OFF,
        why=check_up.not_needed_why,
        undo=_undo(check_up, scene) if surgery.state != CANCELLED else "",
        main=main,
        more=more,
        at=at,
    )


def _undo(check_up: CheckUp, scene: Scene) -> str:
    last = next(iter(check_up.changes.all()), None)
    return visit_words.said(last, check_up, scene.now) if last and undoable(check_up, last) else ""


def _choices(check_up: CheckUp, scene: Scene) -> tuple[VisitAction | None, tuple[VisitAction, ...], str]:
    """A visit that is not needed leaves the board; here it can be booked after all."""
    row = visits.visit(check_up, scene)
    main = visits.BOOK if check_up.state in OFF else row.main
    return main, row.more, row.at
