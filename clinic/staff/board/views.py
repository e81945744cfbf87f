"""Reception's board: one page, and what can be done from it. A refusal comes back beside its row; nothing is lost."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from clinic.staff.access import StaffRequest, own_sites, page, staff_page
from clinic.staff.board import queries, rows
from clinic.staff.board.date_format import dated
from clinic.staff.board.later import TAB, show_later
from clinic.staff.board.page import board
from clinic.staff.board.site import choose, chosen
from clinic.staff.board.visit_actions import (
    ACTIONS,
    UNKNOWN,
    ActionProblem,
    done_words,
    offer_undo,
    undo_offer,
    warn_of_the_time,
)
from patients import clock
from patients.models import CheckUp, StaffMember
from reminders.replies import actions as reply_actions
from reminders.replies.models import Reply


@never_cache
@staff_page
@require_GET
def show(request: StaffRequest) -> HttpResponse:
    return _board(request)


def _board(request: StaffRequest, *, problem: ActionProblem | None = None, **more: object) -> HttpResponse:
    """htmx swaps only the lists in, and shows a refusal only when its answer counts as a success."""
    site = chosen(request)
    shown, undo = board(site, staff=request.user, now=clock.now()), undo_offer(request)
    context = {"board": shown, "problem": problem, "undo": undo}
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


@require_POST
@staff_page
def visit(request: StaffRequest, pk: int, action: str) -> HttpResponse:
    check_up = get_object_or_404(CheckUp.objects.for_staff(request.user).with_patient(), pk=pk)
    if action not in ACTIONS:
        raise Http404(UNKNOWN)
    was, act = check_up.state, ACTIONS[action][1]
    try:
        done = act(check_up, request, request.user, clock.now())
    except ValidationError as error:
        problem = ActionProblem(f"visit-{pk}", " ".join(error.messages), request.POST.dict())
        return show_later(request, problem=problem) if _is_later(request) else refused(request, problem)
    messages.success(request, f"{done_words(was, done, action)}: {_named(done)}.")
    offer_undo(request, done, action)
    warn_of_the_time(request, done, action)
    return redirect("staff:board-later" if _is_later(request) else "staff:board")


def _is_later(request: StaffRequest) -> bool:
    return request.POST.get("tab") == TAB


def _named(check_up: CheckUp) -> str:
    words = f"{check_up.surgery.patient}, {check_up.title}"
    if check_up.booked_for and check_up.state in ("booked", "confirmed", "attended", "missed"):
        local = check_up.booked_for.astimezone(check_up.site.zone)
        words += f", {dated(local.date(), today=check_up.site.today(clock.now()))} {local:%H:%M}"
    return words


@require_POST
@staff_page
def reply(request: StaffRequest, pk: int, action: str) -> HttpResponse:
    row = get_object_or_404(Reply.objects.for_staff(request.user), pk=pk)
    if action not in REPLY_ACTIONS:
        raise Http404("A reply can be taken, marked as done, or decided on.")
    said, act = REPLY_ACTIONS[action]
    act(row, request.user, clock.now())
    messages.success(request, said)
    return redirect("staff:board")


REPLY_ACTIONS: dict[str, tuple[str, Callable[[Reply, StaffMember, datetime], object]]] = {
    "take": ("Taken: it is yours now.", lambda row, by, now: reply_actions.take(row, by=by, now=now)),
    "done": ("Done. It is off the list.", lambda row, by, now: reply_actions.mark_read(row, by=by, now=now)),
    "stop": (
        "Stopped: nothing more is sent to this number.",
        lambda row, by, now: reply_actions.decide_refusal(row, refused=True, by=by, now=now),
    ),
    "keep": (
        "Messages that waited for this number are sent now, if they are still useful.",
        lambda row, by, now: reply_actions.decide_refusal(row, refused=False, by=by, now=now),
    ),
}


def _refused(request: StaffRequest, key: str, error: ValidationError) -> HttpResponse:
    return refused(request, ActionProblem(key, " ".join(error.messages), request.POST.dict()))


def refused(request: StaffRequest, problem: ActionProblem) -> HttpResponse:
    """Show the board again, with the refusal beside its row."""
    return _board(request, problem=problem)
