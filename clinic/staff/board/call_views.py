"""A call from reception's board: what came of it, and when to try again."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from clinic.staff.access import StaffRequest, staff_page
from clinic.staff.board.call_list import key_of
from clinic.staff.board.date_format import when
from clinic.staff.board.times import read_local
from clinic.staff.board.views import refused
from clinic.staff.board.visit_actions import ActionProblem
from clinic.staff.formats import count
from patients import clock
from patients.models import Surgery
from reminders import calls
from reminders.plan.models import CallAttempt, CallListOutcome


@require_POST
@staff_page
def called(request: StaffRequest, pk: int) -> HttpResponse:
    """One call to one patient, whichever operation it is noted at; only an outcome that closes takes the row away."""
    mine = Surgery.objects.for_staff(request.user).select_related("patient", "site")
    surgery = get_object_or_404(mine, pk=pk)
    try:
        attempt = _note(request, surgery)
    except ValidationError as error:
        key = key_of(Surgery.objects.filter(patient=surgery.patient_id).values_list("pk", flat=True))
        return refused(request, ActionProblem(key, " ".join(error.messages), request.POST.dict()))
    if attempt is None:
        messages.warning(request, f"Nothing was open for {surgery.patient} any more: a colleague may have called.")
    else:
        messages.success(request, _said(attempt, surgery))
    return redirect("staff:board")


def _note(request: StaffRequest, surgery: Surgery) -> CallAttempt | None:
    typed = request.POST.get("call_back_at", "").strip()
    shown = request.POST.get("attempts", "")
    return calls.note_call(
        surgery,
        outcome=request.POST.get("outcome", ""),
        note=request.POST.get("note", ""),
        call_back_at=_time(typed, surgery) if typed else None,
        attempts=int(shown) if shown.isdecimal() else None,
        by=request.user,
        now=clock.now(),
    )


def _time(typed: str, surgery: Surgery) -> datetime:
    try:
        return read_local(typed, surgery.site)
    except OverflowError:  # the last hours of the year 9999 have no UTC
        raise ValidationError("This time lies more than 14 days ahead. Check the date.") from None


def _said(attempt: CallAttempt, surgery: Surgery) -> str:
    back = attempt.call_back_at
    again = f", call back {when(back, now=attempt.at, zone=surgery.site.zone)}" if back else ""
    if attempt.closes:
        word = "Reached" if attempt.outcome == CallListOutcome.REACHED else "Not needed"
        settled = f", {count(attempt.messages, 'message')} settled" if attempt.messages else ""
        return f"{word}: {surgery.patient}{settled}."
    word = "No answer" if attempt.outcome == CallListOutcome.NO_ANSWER else "Noted"
    return f"{word}: {surgery.patient}{again}. The call stays on the list."
