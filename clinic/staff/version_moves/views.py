"""Moving current patients to a signed version: looked at first, started, watched, stopped, taken up again."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.staff.access import StaffRequest, page, staff_page
from clinic.staff.version_moves import progress as shown
from patients import clock
from patients.models import Site
from reminders import tasks, version_moves
from reminders.plan.models import ProtocolVersion, VersionMove

LARGEST = 2**31 - 1


@never_cache
@staff_page
@require_http_methods(["GET", "POST"])
def begin(request: StaffRequest, pk: int) -> HttpResponse:
    """What it would do, and the button that does it."""
    version = _version(request, pk)
    if not request.user.decides_at(version.protocol.site):
        return _closed(request, version.protocol.site)
    problem = ""
    if request.method == "POST":
        try:
            move = version_moves.start(version, why=request.POST.get("why", ""), by=request.user, now=clock.now())
        except ValidationError as error:
            problem = " ".join(error.messages)
        else:
            tasks.ring_for_move(move.pk)
            return redirect("staff:move", move.pk)
    context = {
        "version": version,
        "waiting": version_moves.waiting(version).count(),
        "open": VersionMove.objects.filter(version=version, finished_at=None).first(),
        "problem": problem,
        "why": request.POST.get("why", ""),
    }
    return page(
        request, "staff/version_moves/begin.html", title="Move patients", status=422 if problem else 200, **context
    )


@never_cache
@staff_page
@require_GET
def look(request: StaffRequest, pk: int) -> HttpResponse:
    """A part of the preview; it asks for the next one itself."""
    version = _version(request, pk)
    if not request.user.decides_at(version.protocol.site):
        return _closed(request, version.protocol.site)
    told = {name: _number(request, name) for name in ("after", "seen", "refused", *shown.SUMS)}
    looked = shown.look(version, told, by=request.user, now=clock.now())
    waiting = version_moves.waiting(version).count()
    return render(
        request, "staff/version_moves/preview.html", {"version": version, "waiting": waiting, "looked": looked}
    )


@never_cache
@staff_page
@require_GET
def show(request: StaffRequest, pk: int) -> HttpResponse:
    move = _move(request, pk)
    if not request.user.decides_at(move.site):
        return _closed(request, move.site)
    if request.htmx:
        return _polled(request, move)
    which = "left" if request.GET.get("list") == "left" else "moved"
    people = (shown.left if which == "left" else shown.moved)(move, _number(request, "after"))
    return page(
        request, "staff/version_moves/page.html", title="Moving patients",
        progress=shown.progress(move, clock.now()), which=which, people=people,
    )  # fmt: skip


def _polled(request: StaffRequest, move: VersionMove) -> HttpResponse:
    """Once it is over the whole page is fetched again, with the list of who was moved."""
    progress = shown.progress(move, clock.now())
    answer = render(request, "staff/version_moves/progress.html", {"progress": progress})
    if not progress.is_running:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@staff_page
def stop(request: StaffRequest, pk: int) -> HttpResponse:
    def act(move: VersionMove) -> None:
        version_moves.stop(move, by=request.user, now=clock.now())

    return _do(request, pk, act, "Stopped. Patients already moved stay moved; continue when you like.")


@require_POST
@staff_page
def go_on(request: StaffRequest, pk: int) -> HttpResponse:
    def act(move: VersionMove) -> None:
        version_moves.go_on(move, by=request.user, now=clock.now())
        tasks.ring_for_move(move.pk)

    return _do(request, pk, act, "The move continues, under your name.")


def _do(request: StaffRequest, pk: int, act: Callable[[VersionMove], None], said: str) -> HttpResponse:
    move = _move(request, pk)
    if not request.user.decides_at(move.site):
        return _closed(request, move.site)
    try:
        act(move)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    return redirect("staff:move", pk)


def _version(request: StaffRequest, pk: int) -> ProtocolVersion:
    return get_object_or_404(ProtocolVersion.objects.for_staff(request.user).select_related("protocol__site"), pk=pk)


def _move(request: StaffRequest, pk: int) -> VersionMove:
    moves = VersionMove.objects.for_staff(request.user).select_related("site", "by", "version__protocol__site")
    return get_object_or_404(moves, pk=pk)


def _number(request: StaffRequest, name: str) -> int:
    """0 for what is no number: the address was typed by hand."""
    text = request.GET.get(name, "")
    return min(int(text), LARGEST) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _closed(request: StaffRequest, site: Site) -> HttpResponse:
    return page(request, "staff/version_moves/closed.html", title="Move patients", status=403, site=site)
