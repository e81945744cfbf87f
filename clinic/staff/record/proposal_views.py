"""What the four factors propose for this plan, each accepted or declined with one click."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from clinic.staff.access import StaffRequest, staff_page
from clinic.staff.record.views import own_surgery, show
from patients import clock
from reminders import pace_proposals

ACTIONS = {
    "accept": (pace_proposals.accept, "Done."),
    "decline": (pace_proposals.decline, "Declined. It is not proposed again."),
}


@staff_page
@require_POST
def decide(request: StaffRequest, pk: int, what: str, action: str) -> HttpResponse:
    """`reason`, once for each that was shown: where they are others now, nothing is done and that is said."""
    surgery = own_surgery(request.user, pk)
    if action not in ACTIONS:
        raise Http404("A proposal can be accepted or declined.")
    act, done = ACTIONS[action]
    try:
        act(surgery, what, reasons=request.POST.getlist("reason"), by=request.user, now=clock.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except PermissionDenied as denied:
        messages.error(request, str(denied))
        return show(request, own_surgery(request.user, pk), status=403)
    else:
        messages.success(request, done)
    return redirect("staff:record", pk=pk)
