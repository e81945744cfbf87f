"""What the four factors propose for this plan. Accepting is shown before it is done; declining is done at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from clinic.staff.access import StaffRequest, page, staff_page
from clinic.staff.record.changes import Group, sentence
from clinic.staff.record.plan_views import is_revision, stays, told_groups, unreached, windows
from clinic.staff.record.views import own_surgery, show
from patients import clock
from patients.models import StaffMember, Surgery
from reminders import pace_proposals
from reminders.pace_proposals import AcceptedProposal
from reminders.plan.change_words import proposed, weighed
from reminders.plan_changes import rehearse

NO_CHANGE = "The plan stays as it is: reception is asked to call, with a time to answer by."
DONE = {"accept": "Done.", "decline": "Declined. It is not proposed again."}


@dataclass(frozen=True, slots=True)
class AcceptPreview:
    """As `plan_views.ChangePreview`, of a proposal."""

    proposes: str
    what: str
    sentence: str
    stays: str
    weighed: str
    reasons: tuple[str, ...]
    groups: list[Group]
    revision: int
    unreached: tuple[str, ...]


@staff_page
@require_POST
def decide(request: StaffRequest, pk: int, what: str, action: str) -> HttpResponse:
    """`reason`, once for each that was shown: where they are others now, nothing is done and that is said.

    Accepted without the revision it was shown at, it is only shown.
    """
    surgery, now = own_surgery(request.user, pk), clock.now()
    if action not in DONE:
        raise Http404("A proposal can be accepted or declined.")
    reasons, seen = tuple(request.POST.getlist("reason")), request.POST.get("revision", "")
    told: dict[str, Any] = {"reasons": reasons, "by": request.user, "now": now}
    try:
        if action == "decline":
            pace_proposals.decline(surgery, what, **told)
        elif is_revision(seen):
            pace_proposals.carry_out(surgery, what, **told, revision=int(seen))
        else:
            return _shown(request, surgery, _preview(surgery, what, reasons, by=request.user, now=now))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        if request.htmx:
            return HttpResponse(headers={"HX-Refresh": "true"})
    except PermissionDenied as denied:
        messages.error(request, str(denied))
        return show(request, own_surgery(request.user, pk), status=403)
    else:
        messages.success(request, DONE[action])
    return redirect("staff:record", pk=pk)


def _shown(request: StaffRequest, surgery: Surgery, preview: AcceptPreview) -> HttpResponse:
    context: dict[str, Any] = {"surgery": surgery, "preview": preview}
    if request.htmx:
        return render(request, "staff/record/proposal_preview.html", context)
    return page(request, "staff/record/proposal_page.html", title=f"Accept: {surgery.patient}", **context)


def _preview(surgery: Surgery, what: str, reasons: tuple[str, ...], *, by: StaffMember, now: datetime) -> AcceptPreview:
    """The very act, done and taken back."""
    before, revision = windows(surgery), surgery.care_plan.revision

    def acted() -> tuple[AcceptedProposal, list[Group]]:
        accepted = pace_proposals.carry_out(surgery, what, reasons=reasons, by=by, now=now)
        decided = accepted.decided
        return accepted, told_groups(surgery, decided.changes, before) if decided else []

    accepted, groups = rehearse(acted)
    proposal, decided = accepted.proposal, accepted.decided
    said = sentence(groups) if decided else NO_CHANGE
    kept = stays(decided.change.kind) if decided else ""
    return AcceptPreview(
        proposes=what,
        what=proposed(proposal),
        sentence=said,
        stays=kept,
        weighed=weighed(proposal),
        reasons=reasons,
        groups=groups,
        revision=revision,
        unreached=unreached(surgery, now) if decided else (),
    )
