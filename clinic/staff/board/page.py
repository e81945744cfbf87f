"""Reception's board, ready for its template: five numbers and the lists below them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Model

from clinic.health import found_in
from clinic.staff.board import alert_rows
from clinic.staff.board.alert_rows import AlertRow
from clinic.staff.board.call_list import CallRow, call, operations_of
from clinic.staff.board.context import Scene
from clinic.staff.board.date_format import hour
from clinic.staff.board.latest import last
from clinic.staff.board.queries import BoardList, Desk, held_among
from clinic.staff.board.rows import ReplyRow, reply
from clinic.staff.board.visits import BoardVisitRow, visit
from clinic.staff.formats import count
from clinic.staff.shared_phones import served
from patients.models import CheckUp, Site, StaffMember, Surgery
from patients.models.staff import Role
from patients.visit_times import taken_times
from reminders.delivery.monitoring.watchdogs import WatchdogWarning
from reminders.replies.models import Reply

R = TypeVar("R", BoardVisitRow, CallRow, ReplyRow)
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Tile:
    value: str
    words: str
    tone: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A list under its heading. `kind` names the partial that shows a row."""

    code: str
    title: str
    aside: str
    kind: str
    rows: list[BoardVisitRow] | list[CallRow] | list[ReplyRow]
    total: int
    empty: str

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True, slots=True)
class Board:
    site: Site
    moment: str
    tiles: list[Tile]
    left: list[Section]
    right: list[Section]
    warnings: list[WatchdogWarning]
    is_run_by_reader: bool  # a manager, who finds more on the page "System status"
    alerts: list[AlertRow]  # emergencies first, then by the moment it must be answered by
    alerts_total: int
    alerts_late: int
    outcomes: list[tuple[str, str]]

    @property
    def alerts_more(self) -> int:
        return self.alerts_total - len(self.alerts)


def board(site: Site, *, staff: StaffMember, now: datetime) -> Board:
    """Everything reception sees of one site, in a fixed number of queries."""
    desk = Desk(site, staff, now)
    booked = {
        "not-closed": desk.not_closed(), "today": desk.visits_today(), "next": desk.next_visits(),
        "due": desk.due(), "overdue": desk.overdue(), "missed": desk.missed(),
    }  # fmt: skip
    calls, replies, alerts = desk.calls(), desk.replies(), desk.alerts()
    shown = [c.surgery for part in booked.values() for c in part.rows] + operations_of(calls.rows)
    closed = frozenset(site.closed_days.filter(date__gte=desk.today).values_list("date", flat=True))
    scene = Scene(site, now, closed, last(shown), held_among(shown, desk.today), taken_times(site, since=now))
    surgeries = _latest_surgeries(replies.rows, staff)
    shared = served(((site.pk, row.from_address) for row in replies.rows if row.contact is None), staff=staff)

    def of_visits(code: str, title: str, aside: str, empty: str) -> Section:
        return _section(code, title, aside, "visit", booked[code], lambda row: visit(row, scene), empty)

    left = [
        of_visits("today", "Today", "confirmed or not", "No visits today."),
        of_visits("next", "Next 14 days", "by day", "Nothing is booked yet."),
        of_visits("not-closed", "Did they come?", "booked for a day that is over", "Every past visit is closed."),
        of_visits("missed", "Missed", "booked but did not come", "Nobody."),
    ]
    right = [
        of_visits("due", "Due but not booked", "by each patient's plan", "Everybody who is due has an appointment."),
        of_visits("overdue", "Overdue", "not booked, and the window has closed", "Nobody."),
        _section(
            "calls", "Cannot be reached", "by when to call", "call", calls,
            lambda row: call(row, scene), "Everybody could be reached.",
        ),
        _section(
            "replies", "Replies to read", "longest waiting first", "reply", replies,
            lambda row: reply(row, scene, surgeries, shared, reader=staff), "All read.",
        ),
    ]  # fmt: skip
    warnings = [warning for warning in found_in(site, now) if warning.on_board]
    return Board(
        site, _moment(desk), _tiles(desk, booked, calls.total, replies.total, warnings), left, right, warnings,
        staff.is_at(site, Role.MANAGER),
        [alert_rows.alert(row, scene, reader=staff) for row in alerts.rows],
        alerts.total,
        sum(row.answer_by <= now for row in alerts.rows),
        alert_rows.OUTCOMES,
    )  # fmt: skip


def _moment(desk: Desk) -> str:
    """Tuesday 24 November, 09:05: the site's day and hour."""
    return f"{desk.today:%A} {desk.today.day} {desk.today:%B}, {hour(desk.now, desk.site.zone)}"


def _section(
    code: str, title: str, aside: str, kind: str, part: BoardList[M], present: Callable[[M], R], empty: str
) -> Section:
    return Section(code, title, aside, kind, [present(row) for row in part.rows], part.total, empty)


def _tiles(
    desk: Desk, visits: dict[str, BoardList[CheckUp]], calls: int, replies: int, warnings: list[WatchdogWarning]
) -> list[Tile]:
    today, due = visits["today"].total, visits["due"].total
    late = max(desk.late(), *(warning.people for warning in warnings), 0)
    return [
        Tile(f"{today}", f"{'visit' if today == 1 else 'visits'} today, {desk.unconfirmed_today()} not confirmed",
             anchor="today"),
        Tile(f"{due}", "due but not booked", "amber" if due else "", "due"),
        Tile(f"{calls}", "cannot be reached", "red" if calls else "", "calls"),
        Tile(f"{replies}", "reply to read" if replies == 1 else "replies to read", "amber" if replies else "",
             "replies"),
        Tile(f"{late} late" if late else "all on time", f"{count(desk.sent_today(), 'message')} sent today",
             "red" if late else ""),
    ]  # fmt: skip


def _latest_surgeries(replies: Iterable[Reply], staff: StaffMember) -> dict[int, Surgery]:
    """By patient: what a reply's name leads to."""
    patients = {reply.contact.patient_id for reply in replies if reply.contact}
    rows = Surgery.objects.for_staff(staff).filter(patient__in=patients).order_by("date", "pk")
    return {surgery.patient_id: surgery for surgery in rows}
