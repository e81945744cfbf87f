"""Sessions of physical therapy on the record: write one down, or take back one that was a mistake."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from clinic.staff.access import StaffRequest, staff_page
from clinic.staff.record.forms import SessionForm
from clinic.staff.record.views import decide, own_surgery
from patients import clock, therapy_sessions
from patients.models import TherapySession


@staff_page
@require_POST
def write(request: StaffRequest, pk: int) -> HttpResponse:
    surgery, form = own_surgery(request.user, pk), SessionForm(request.POST)
    return decide(
        request,
        surgery,
        "session_form",
        form,
        lambda: therapy_sessions.write_session(surgery, **form.cleaned_data, by=request.user, now=clock.now()),
        "The session is recorded.",
    )


@staff_page
@require_POST
def remove(request: StaffRequest, pk: int, session_pk: int) -> HttpResponse:
    surgery = own_surgery(request.user, pk)
    session = get_object_or_404(TherapySession.objects.for_staff(request.user), pk=session_pk, surgery=surgery)
    therapy_sessions.remove_session(session, by=request.user, now=clock.now())
    messages.success(request, "The session is removed.")
    return redirect("staff:record", pk=surgery.pk)
