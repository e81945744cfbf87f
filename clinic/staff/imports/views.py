"""Importing patients from a file: uploaded, shown as it is read, tried, imported, watched. For managers of the site."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic import import_tasks
from clinic.exchange import import_runs
from clinic.staff.access import StaffRequest, own_sites, page, staff_page
from clinic.staff.imports import run_page as shown
from clinic.staff.imports.forms import FileForm, UploadForm
from patients import clock
from patients.models import ImportRun
from patients.models.staff import Role


@never_cache
@staff_page
@require_http_methods(["GET", "POST"])
def begin(request: StaffRequest) -> HttpResponse:
    """The upload, and the imports before."""
    sites = own_sites(request.user, Role.MANAGER)
    if not sites:
        return _closed(request)
    form = UploadForm(request.POST or None, request.FILES or None, sites=sites)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        site, content = form.cleaned_data["site"], file.read()
        try:
            run = import_runs.upload(site, name=file.name, content=content, by=request.user, now=clock.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("staff:import", run.pk)
    runs = ImportRun.objects.filter(site__in=sites).defer("content").select_related("site", "by")[: shown.LISTED]
    context = {"form": form, "runs": [shown.progress(run, clock.now()) for run in runs]}
    status = 422 if form.is_bound else 200
    return page(request, "staff/imports/begin.html", title="Import patients", status=status, **context)


@never_cache
@staff_page
@require_http_methods(["GET", "POST"])
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """What was understood of the file and how to go on; once it runs, how far it is."""
    run = _run(request, pk)
    if not request.user.is_at(run.site, Role.MANAGER):
        return _closed(request)
    progress = shown.progress(run, clock.now())
    if request.htmx:
        return _polled(request, progress)
    form = FileForm(request.POST or None, run=run)
    if request.method == "POST" and progress.may_start and form.is_valid():
        import_runs.describe(run, form.settings(), by=request.user)
        run = _run(request, pk)
        if said := _started(request, run):
            messages.error(request, said)
        return redirect("staff:import", pk)
    context: dict[str, Any] = {"progress": progress, "form": form}
    if progress.may_start:
        context["preview"] = shown.preview(import_runs.look(run, import_runs.settings_of(run), now=clock.now()))
    return page(request, "staff/imports/page.html", title="Import patients", **context)


def _started(request: StaffRequest, run: ImportRun) -> str:
    """Starts what the pressed button says. A sentence where that is not possible."""
    action = request.POST.get("action")
    if action not in ("try", "import"):
        return ""
    preview = import_runs.look(run, import_runs.settings_of(run), now=clock.now())
    if preview.problem:
        return ""  # the page says it
    try:
        import_runs.start(run, is_trial=action == "try", by=request.user, now=clock.now())
    except ValidationError as error:
        return " ".join(error.messages)
    import_tasks.ring(run.pk)
    return ""


def _polled(request: StaffRequest, progress: shown.RunProgress) -> HttpResponse:
    """Once it is over the whole page is fetched again."""
    answer = render(request, "staff/imports/progress.html", {"progress": progress})
    if not progress.is_running:
        answer["HX-Refresh"] = "true"
    return answer


@staff_page
@require_GET
def report(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Refusals and warnings as CSV: line, number, sentence; nothing else of the file."""
    run = _run(request, pk)
    if not request.user.is_at(run.site, Role.MANAGER):
        return _closed(request)
    answer = StreamingHttpResponse(import_runs.report_csv(run), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="import-{run.pk}.csv"'
    return answer


@require_POST
@staff_page
def stop(request: StaffRequest, pk: int) -> HttpResponse:
    said = "Stopped. Rows that were done stay done; continue when you like."
    return _do(request, pk, lambda run: import_runs.stop(run, by=request.user, now=clock.now()), said)


@require_POST
@staff_page
def go_on(request: StaffRequest, pk: int) -> HttpResponse:
    def act(run: ImportRun) -> None:
        import_runs.go_on(run, by=request.user, now=clock.now())
        import_tasks.ring(run.pk)

    return _do(request, pk, act, "The import continues, under your name.")


@require_POST
@staff_page
def delete_file(request: StaffRequest, pk: int) -> HttpResponse:
    said = "The file was deleted."
    return _do(request, pk, lambda run: import_runs.delete_file(run, by=request.user, now=clock.now()), said)


def _do(request: StaffRequest, pk: int, act: Callable[[ImportRun], None], said: str) -> HttpResponse:
    run = _run(request, pk)
    if not request.user.is_at(run.site, Role.MANAGER):
        return _closed(request)
    act(run)
    messages.success(request, said)
    return redirect("staff:import", pk)


def _run(request: StaffRequest, pk: int) -> ImportRun:
    """404 for an import of another site."""
    runs = ImportRun.objects.for_staff(request.user).defer("content").select_related("site", "by")
    return get_object_or_404(runs, pk=pk)


def _closed(request: StaffRequest) -> HttpResponse:
    return page(request, "staff/imports/closed.html", title="Import patients", status=403)
