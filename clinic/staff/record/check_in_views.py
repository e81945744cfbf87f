"""A check-in told by phone, written down on the record; what must not wait is said to whoever holds the phone."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from clinic.staff.access import StaffRequest, staff_page
from clinic.staff.record.forms import CheckInForm
from clinic.staff.record.views import decide, own_surgery
from patients import clock
from patients.models import Surgery
from reminders.replies.checkins import by_phone
from reminders.replies.checkins.lifecycle import Recorded
from reminders.replies.parsing import redflags


@staff_page
@require_POST
def write(request: StaffRequest, pk: int) -> HttpResponse:
    surgery = own_surgery(request.user, pk)
    form = CheckInForm(request.POST, surgery=surgery)

    def action() -> None:
        facts: dict[str, Any] = {"so_far": form.cleaned_data["so_far"], "by": request.user, "now": clock.now()}
        try:
            _say(request, surgery, by_phone.write_down(surgery, form.answers, **facts))
        except ValidationError:
            form.reopen(surgery)
            raise

    return decide(request, surgery, "check_in_form", form, action, "The check-in is recorded.")


def _say(request: StaffRequest, surgery: Surgery, recorded: Recorded) -> None:
    if recorded.seen:
        named = ", ".join(redflags.name(sign) for _, sign in recorded.seen)
        if recorded.seen[0][0] == redflags.EMERGENCY:
            to_do = f"Tell the patient now: call {surgery.site.emergency_number} or go to an emergency room."
        else:
            to_do = "The team must call the patient back today."
        messages.warning(request, f"{to_do} An alert is raised: {named}.")
    if recorded.contrary:
        messages.warning(request, "Some answers differ from earlier ones. The worse answer is kept.")
