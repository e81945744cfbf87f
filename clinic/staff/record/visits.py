"""The check-ups of one surgery, and what can be done with each: what the board offers, in the same two clicks."""

from dataclasses import dataclass
from datetime import datetime

from clinic.staff import formats
from clinic.staff.board import latest, visits
from clinic.staff.board.context import Scene
from clinic.staff.board.visits import VisitAction
from clinic.staff.formats import Pill
from patients.models import CheckUp, StaffMember, Surgery
from patients.models.checkup import CheckUpState
from patients.models.surgery import ENDED
from reminders.plan.checkups import BOOKED

TONES = {
    CheckUpState.DUE: "neutral",
    CheckUpState.BOOKED: "warn",
    CheckUpState.CONFIRMED: "good",
    CheckUpState.ATTENDED: "good",
    CheckUpState.MISSED: "bad",
    CheckUpState.CANCELLED: "neutral",
}


@dataclass(frozen=True, slots=True)
class RecordVisitRow:
    pk: int
    title: str
    window: str
    when: str
    day: int
    pill: Pill
    is_open: bool
    is_cancelled: bool
    main: VisitAction | None
    more: tuple[VisitAction, ...]
    at: str  # what the time field begins with

    @property
    def key(self) -> str:
        return f"visit-{self.pk}"


def visit_rows(surgery: Surgery, *, staff: StaffMember, now: datetime) -> list[RecordVisitRow]:
    site = surgery.site
    check_ups = CheckUp.objects.for_staff(staff).filter(surgery=surgery).with_patient()
    closed = frozenset(site.closed_days.filter(date__gte=site.today(now)).values_list("date", flat=True))
    scene = Scene(site, now, closed, latest.last([surgery]))
    return [_row(check_up, surgery, scene) for check_up in check_ups]


def _row(check_up: CheckUp, surgery: Surgery, scene: Scene) -> RecordVisitRow:
    state, zone = CheckUpState(check_up.state), scene.site.zone
    booked = check_up.booked_for.astimezone(zone) if check_up.booked_for else None
    decides = surgery.is_active or (surgery.state == ENDED and state in BOOKED)  # what is booked stands till then
    main, more, at = _choices(check_up, scene) if decides else (None, (), "")
    return RecordVisitRow(
        pk=check_up.pk,
        title=check_up.title,
        window=f"{formats.day(check_up.window_opens)} to {formats.day(check_up.window_closes)}",
        when=formats.moment(booked, zone) if booked else "",
        day=((booked.date() if booked else check_up.target_day) - surgery.date).days,
        pill=Pill(str(state.label).lower(), TONES[state]),
        is_open=state == CheckUpState.DUE,
        is_cancelled=state == CheckUpState.CANCELLED,
        main=main,
        more=more,
        at=at,
    )


def _choices(check_up: CheckUp, scene: Scene) -> tuple[VisitAction | None, tuple[VisitAction, ...], str]:
    """A cancelled visit leaves the board; here it can be booked after all."""
    row = visits.visit(check_up, scene)
    main = visits.BOOK if check_up.state == CheckUpState.CANCELLED else row.main
    return main, row.more, row.at
