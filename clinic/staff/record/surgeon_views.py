"""The surgeon of one operation is changed on its record."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from clinic.staff.access import StaffRequest, staff_page
from clinic.staff.record.surgeon_form import SurgeonForm
from clinic.staff.record.views import decide, own_surgery
from patients import clock
from reminders import surgeon_changes


@staff_page
@require_POST
def change(request: StaffRequest, pk: int) -> HttpResponse:
    """The surgeon of one operation."""
    surgery = own_surgery(request.user, pk)
    form = SurgeonForm(request.POST, site=surgery.site)
    return decide(
        request,
        surgery,
        "surgeon_form",
        form,
        lambda: surgeon_changes.change_surgeon(surgery, by=request.user, now=clock.now(), **form.cleaned_data),
        "The surgeon is changed. Mails and the patient's page name the new one from now on.",
    )
