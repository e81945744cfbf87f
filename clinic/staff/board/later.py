"""Visits beyond what the board shows: booked for later than the next 14 days, or due only then; in pages."""

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from clinic.staff.access import StaffRequest, page, staff_page
from clinic.staff.board.context import Scene
from clinic.staff.board.latest import last
from clinic.staff.board.queries import Desk, held_among
from clinic.staff.board.site import chosen
from clinic.staff.board.visit_actions import ActionProblem, undo_offer
from clinic.staff.board.visits import BoardVisitRow, visit
from patients import clock
from patients.models import CheckUp
from patients.visit_times import taken_times

TAB = "later"  # what a form of this page sends, so that its answer is this page again
ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class LaterList:
    """One page of a list. `parameter`: what its links call the page number."""

    code: str
    title: str
    aside: str
    empty: str
    parameter: str
    page: "Page[CheckUp]"
    rows: list[BoardVisitRow]


@never_cache
@staff_page
@require_GET
def later(request: StaffRequest) -> HttpResponse:
    return show_later(request)


def show_later(request: StaffRequest, *, problem: ActionProblem | None = None) -> HttpResponse:
    """The page, where an action was refused with the refusal beside its row."""
    return page(
        request, "staff/board/later.html", title="Board, later", status=422 if problem else 200, site=chosen(request),
        lists=_lists(request, clock.now()), tab=TAB, problem=problem, undo=undo_offer(request),
    )  # fmt: skip


def _lists(request: StaffRequest, now: datetime) -> list[LaterList]:
    desk = Desk(chosen(request), request.user, now)
    booked = Paginator(desk.booked_later(), ON_A_PAGE).get_page(request.GET.get("page"))
    due = Paginator(desk.due_later(), ON_A_PAGE).get_page(request.GET.get("due"))
    shown = [check_up.surgery for check_up in (*booked, *due)]
    closed = frozenset(desk.site.closed_days.filter(date__gte=desk.today).values_list("date", flat=True))
    taken = taken_times(desk.site, since=now)
    scene = Scene(desk.site, now, closed, last(shown), held_among(shown, desk.today), taken)

    def of(code: str, title: str, aside: str, empty: str, parameter: str, part: "Page[CheckUp]") -> LaterList:
        return LaterList(code, title, aside, empty, parameter, part, [visit(row, scene) for row in part])

    return [
        of("later", "Booked", "after the next 14 days", "Nothing is booked for later.", "page", booked),
        of("later-due", "Not booked yet", "the window opens in more than 14 days", "Nothing.", "due", due),
    ]
