"""What can be done about an alert: from the board, where a refusal comes back beside its row, and on its own page."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from clinic.staff.access import StaffRequest, page, staff_page
from clinic.staff.alerts.history import history
from clinic.staff.board import alert_rows
from clinic.staff.board.context import Scene
from clinic.staff.board.views import refused
from clinic.staff.board.visit_actions import ActionProblem
from patients import clock
from patients.models import StaffMember
from patients.models.staff import Role
from reminders.replies.alerts import handling
from reminders.replies.models import Alert


@never_cache
@staff_page
@require_GET
def show(request: StaffRequest, pk: int) -> HttpResponse:
    return _page(request, pk)


@require_POST
@staff_page
def take(request: StaffRequest, pk: int) -> HttpResponse:
    return _do(request, pk, "Taken: it is yours now.", lambda a, by: handling.take(a, by=by, now=clock.now()))


@require_POST
@staff_page
def hand_over(request: StaffRequest, pk: int) -> HttpResponse:
    def act(alert: Alert, by: StaffMember) -> Alert:
        return handling.hand_over(alert, to=_receiver(alert, request.POST.get("to", "")), by=by, now=clock.now())

    return _do(request, pk, "Handed over. The answer-by time stays the same.", act)


@require_POST
@staff_page
def close(request: StaffRequest, pk: int) -> HttpResponse:
    def act(alert: Alert, by: StaffMember) -> Alert:
        told = {name: request.POST.get(name, "") for name in ("outcome", "note")}
        return handling.close(alert, by=by, now=clock.now(), **told)

    return _do(request, pk, "Closed. It is off the board.", act)


def _do(request: StaffRequest, pk: int, said: str, act: Callable[[Alert, StaffMember], Alert]) -> HttpResponse:
    alert = get_object_or_404(Alert.objects.for_staff(request.user).select_related("site"), pk=pk)
    on_its_page = request.POST.get("back") == "alert"
    try:
        act(alert, request.user)
    except ValidationError as error:
        problem = ActionProblem(f"alert-{pk}", " ".join(error.messages), request.POST.dict())
        return _page(request, pk, problem=problem) if on_its_page else refused(request, problem)
    messages.success(request, said)
    return redirect("staff:alert", pk) if on_its_page else redirect("staff:board")


def _receiver(alert: Alert, to: str) -> StaffMember | str:
    """A colleague of that site by id, else a role; what is neither is refused by the action."""
    if not to.isascii() or not to.isdigit():
        return to
    colleague = StaffMember.objects.filter(pk=int(to[:9]), is_active=True, memberships__site=alert.site).first()
    return colleague or to


def _page(request: StaffRequest, pk: int, *, problem: ActionProblem | None = None) -> HttpResponse:
    alert = get_object_or_404(alert_rows.with_all(Alert.objects.for_staff(request.user)), pk=pk)
    scene = Scene(alert.site, clock.now(), frozenset())
    colleagues = StaffMember.objects.filter(is_active=True, memberships__site=alert.site).exclude(pk=request.user.pk)
    return page(
        request, "staff/alerts/page.html", title="Alert", status=422 if problem else 200,
        row=alert_rows.alert(alert, scene, reader=request.user),
        closed=alert_rows.closed(alert, scene),
        problem=problem,
        told=history(alert, scene), outcomes=alert_rows.OUTCOMES, roles=Role.choices,
        colleagues=[(each.pk, str(each)) for each in colleagues.distinct()],
    )  # fmt: skip
