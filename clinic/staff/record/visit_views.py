"""Check-ups on the record: the board's actions; a refusal comes back beside its row, with what was typed."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from clinic.staff.access import StaffRequest, staff_page
from clinic.staff.board.visit_actions import ACTIONS, UNKNOWN, ActionProblem, done_words, warn_of_the_time
from clinic.staff.record.views import own_surgery, show
from patients import clock
from patients.models import CheckUp


@staff_page
@require_POST
def visit(request: StaffRequest, pk: int, visit_pk: int, action: str) -> HttpResponse:
    surgery = own_surgery(request.user, pk)
    check_ups = CheckUp.objects.for_staff(request.user).with_patient()
    check_up = get_object_or_404(check_ups, pk=visit_pk, surgery=surgery)
    if action not in ACTIONS:
        raise Http404(UNKNOWN)
    was, act = check_up.state, ACTIONS[action][1]
    try:
        done = act(check_up, request, request.user, clock.now())
    except ValidationError as error:
        problem = ActionProblem(f"visit-{visit_pk}", " ".join(error.messages), request.POST.dict())
        return show(request, surgery, status=422, problem=problem)
    messages.success(request, f"{done_words(was, done, action)}: {done.title}.")
    warn_of_the_time(request, done, action)
    return redirect("staff:record", pk=surgery.pk)
