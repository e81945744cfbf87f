"""Which plan goes on where two operations of a patient follow each other: shown first, then done as it was shown."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from clinic.staff import formats
from clinic.staff.access import StaffRequest, page, staff_page
from clinic.staff.chain import chain_of
from clinic.staff.enrol.forms import required
from clinic.staff.record.changes import Group, sentence
from clinic.staff.record.plan_views import is_revision, told_groups, windows
from clinic.staff.record.views import own_surgery, refuse
from patients import clock
from patients.models import StaffMember, Surgery
from patients.models.surgery import ENDED
from reminders import operation_order
from reminders.further_operation import RunningPlan
from reminders.plan.checkups import BOOKED
from reminders.plan_changes import rehearse

CHOICES = {
    RunningPlan.END: "End this plan: only the plan of the later operation speaks, from the day of that operation on",
    RunningPlan.HOLD: "Hold this plan until a person releases it",
    RunningPlan.KEEP: "Keep both plans: what is the same is said once",
}
WHAT = {RunningPlan.END: "End this plan", RunningPlan.HOLD: "Hold this plan", RunningPlan.KEEP: "Keep both plans"}
DONE = {
    RunningPlan.END: "The plan of this operation ends; the later one goes on.",
    RunningPlan.HOLD: "The plan of this operation is held until a person releases it.",
    RunningPlan.KEEP: "Both plans run. What is the same is said once, by the later one.",
}


class RunningPlanForm(forms.Form):
    running_plan = forms.ChoiceField(
        label="What becomes of this plan", choices=list(CHOICES.items()), widget=forms.RadioSelect,
        error_messages=required("Choose what becomes of it."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunningPlanPreview:
    what: str
    sentence: str
    groups: list[Group]
    booked: list[str]
    revision: int


@staff_page
@require_http_methods(["GET", "POST"])
def choose(request: StaffRequest, pk: int) -> HttpResponse:
    """Nothing is done that was not shown first, at the revision it was shown at."""
    surgery, now = own_surgery(request.user, pk), clock.now()
    if not request.user.decides_at(surgery.site):
        raise PermissionDenied(f"Only a surgeon or a manager of {surgery.site} can say which plan goes on.")
    if not operation_order.can_choose(surgery):
        raise Http404(operation_order.NO_LATER)
    form = RunningPlanForm(request.POST if request.method == "POST" else None, initial=_initial(surgery))
    if not form.is_bound or not form.is_valid():
        return _shown(request, surgery, form, now, status=422 if form.is_bound else 200)
    choice, seen = form.cleaned_data["running_plan"], request.POST.get("revision", "")
    try:
        if not is_revision(seen):
            return _shown(request, surgery, form, now, preview=_preview(surgery, choice, by=request.user, now=now))
        operation_order.choose(surgery, choice, by=request.user, now=now, revision=int(seen))
    except ValidationError as error:
        refuse(form, error)
        return _shown(request, surgery, form, now, status=422)
    messages.success(request, DONE[RunningPlan(choice)])
    return redirect("staff:record", pk=pk)


def _initial(surgery: Surgery) -> dict[str, str]:
    """What would change something: of a plan that runs beside another, that it ends."""
    is_over = surgery.state == ENDED or surgery.ends_with_next
    return {"running_plan": RunningPlan.KEEP if is_over else RunningPlan.END}


def _preview(surgery: Surgery, choice: str, *, by: StaffMember, now: datetime) -> RunningPlanPreview:
    """The very act, done and taken back."""
    before, revision = windows(surgery), surgery.care_plan.revision

    def acted() -> list[Group]:
        return told_groups(surgery, operation_order.choose(surgery, choice, by=by, now=now), before)

    groups = rehearse(acted)
    return RunningPlanPreview(WHAT[RunningPlan(choice)], sentence(groups), groups, _booked(surgery, now), revision)


def _booked(surgery: Surgery, now: datetime) -> list[str]:
    rows = surgery.check_ups.filter(state__in=BOOKED, booked_for__gt=now).order_by("booked_for")
    zone = surgery.site.zone
    return [f"{row.title}, {formats.moment(row.booked_for, zone)}" for row in rows if row.booked_for]


def _shown(
    request: StaffRequest, surgery: Surgery, form: RunningPlanForm, now: datetime, *, status: int = 200, **more: object
) -> HttpResponse:
    chain = chain_of(surgery, staff=request.user, now=now)
    context = {"surgery": surgery, "form": form, "becomes": chain.becomes} | more
    following = chain.followed_by or "a later operation"
    title = f"Which plan goes on: {surgery.patient}"
    return page(request, "staff/record/running_plan.html", title=title, status=status, following=following, **context)
