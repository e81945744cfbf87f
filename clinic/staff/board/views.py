"""Reception's board: one page, and what can be done from it. A refusal comes back beside its row; nothing is lost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from clinic.staff.access import StaffRequest, own_sites, page, staff_page
from clinic.staff.board import queries, rows
from clinic.staff.board.page import board
from clinic.staff.board.site import choose, chosen
from clinic.staff.board.times import read_local
from clinic.staff.board.words import short_day
from clinic.staff.words import count
from patients import clock
from patients.models import CheckUp, Site, StaffMember, Surgery
from reminders import actions
from reminders.replies import actions as reply_actions
from reminders.replies.models import Reply


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal: which row, in a sentence, and what was typed."""

    key: str
    sentence: str
    typed: Mapping[str, str]


@never_cache
@staff_page
@require_GET
def show(request: StaffRequest) -> HttpResponse:
    return _board(request)


def _board(request: StaffRequest, *, problem: Problem | None = None, **more: object) -> HttpResponse:
    """htmx swaps only the lists in, and shows a refusal only when its answer counts as a success."""
    site = chosen(request)
    context = {"board": board(site, staff=request.user, now=clock.now()), "problem": problem}
    if request.htmx:
        return render(request, "staff/board/body.html", context)
    sites = own_sites(request.user)
    status = 422 if problem else 200
    return page(request, "staff/board/page.html", title="Board", status=status, sites=sites, **context, **more)


@require_POST
@staff_page
def choose_site(request: StaffRequest) -> HttpResponse:
    if not choose(request, request.POST.get("site", "")):
        raise Http404("You do not work at this site.")
    return redirect("staff:board")


@never_cache
@require_POST
@staff_page
def search(request: StaffRequest) -> HttpResponse:
    """By POST: a name or a number in an address would stay in logs and in the browser's history."""
    words = request.POST.get("words", "")
    now = clock.now()
    part = queries.found(words, staff=request.user)
    found: dict[str, Any] = {
        "words": words,
        "found": [rows.patient(row, now) for row in part.rows],
        "more": part.total - len(part.rows),
    }
    if request.htmx:
        return render(request, "staff/board/found.html", found)
    return _board(request, **found)


Deed = Callable[[CheckUp, HttpRequest, StaffMember, datetime], CheckUp]


def _book(check_up: CheckUp, request: HttpRequest, by: StaffMember, now: datetime) -> CheckUp:
    at = read_local(request.POST.get("at", ""), check_up.site)
    return actions.book_visit(check_up, at=at, by=by, now=now)


DEEDS: dict[str, tuple[str, Deed]] = {
    "book": ("Booked", _book),
    "confirm": ("Confirmed", lambda c, _, by, now: actions.confirm_visit(c, by=by, now=now)),
    "attended": ("Arrived", lambda c, _, by, now: actions.mark_attended(c, by=by, now=now)),
    "missed": ("Missed", lambda c, _, by, now: actions.mark_missed(c, by=by, now=now)),
    "cancel": ("Cancelled", lambda c, _, by, now: actions.cancel_visit(c, by=by, now=now)),
}


@require_POST
@staff_page
def visit(request: StaffRequest, pk: int, deed: str) -> HttpResponse:
    check_up = get_object_or_404(CheckUp.objects.for_staff(request.user).with_patient(), pk=pk)
    if deed not in DEEDS:
        raise Http404("A visit can be booked, confirmed, attended, missed or cancelled.")
    word, act = DEEDS[deed]
    try:
        done = act(check_up, request, request.user, clock.now())
    except ValidationError as error:
        return _refused(request, f"visit-{pk}", error)
    messages.success(request, f"{word}: {_named(done)}.")
    _warn_when_closed(request, done, deed)
    return redirect("staff:board")


def _named(check_up: CheckUp) -> str:
    words = f"{check_up.surgery.patient}, {check_up.title}"
    if check_up.booked_for and check_up.state != "cancelled":
        local = check_up.booked_for.astimezone(check_up.site.zone)
        words += f", {short_day(local.date())} {local:%H:%M}"
    return words


def _warn_when_closed(request: HttpRequest, check_up: CheckUp, deed: str) -> None:
    if deed != "book" or check_up.booked_for is None:
        return
    day = check_up.site.today(check_up.booked_for)
    if _is_closed(check_up.site, day):
        messages.warning(request, f"The clinic is closed on {short_day(day)}. Move the visit if that was not meant.")


def _is_closed(site: Site, day: date) -> bool:
    return day.weekday() not in site.staffed_weekdays or site.closed_days.filter(date=day).exists()


@require_POST
@staff_page
def called(request: StaffRequest, pk: int) -> HttpResponse:
    """One call settles all that could not reach this person."""
    surgery = get_object_or_404(Surgery.objects.for_staff(request.user).select_related("patient"), pk=pk)
    try:
        settled = actions.mark_called(surgery, note=request.POST.get("note", ""), by=request.user, now=clock.now())
    except ValidationError as error:
        return _refused(request, f"call-{pk}", error)
    if settled:
        messages.success(request, f"Called: {surgery.patient}, {count(settled, 'message')} settled.")
    else:
        messages.warning(request, f"Nothing was open for {surgery.patient} any more: a colleague may have called.")
    return redirect("staff:board")


@require_POST
@staff_page
def reply(request: StaffRequest, pk: int, deed: str) -> HttpResponse:
    row = get_object_or_404(Reply.objects.for_staff(request.user), pk=pk)
    act = reply_actions.take if deed == "take" else reply_actions.mark_read
    act(row, by=request.user, now=clock.now())
    messages.success(request, "Taken: it is yours now." if deed == "take" else "Done: it left the list.")
    return redirect("staff:board")


def _refused(request: StaffRequest, key: str, error: ValidationError) -> HttpResponse:
    return _board(request, problem=Problem(key, " ".join(error.messages), request.POST.dict()))
