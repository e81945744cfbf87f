"""All patients of a surgeon who leaves go to another one, after a preview. A single one: on the record."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from clinic.staff.access import StaffRequest, page, staff_page
from clinic.staff.board.site import chosen
from clinic.staff.enrol.forms import required
from clinic.staff.formats import count
from clinic.staff.record.surgeon_form import SurgeonForm
from clinic.staff.record.views import refuse
from patients import clock
from patients.models import Site, StaffMember
from reminders import surgeon_changes
from reminders.surgeon_changes import HandOver


class HandOverForm(SurgeonForm):
    leaving = forms.ModelChoiceField(
        StaffMember.objects.none(),
        label="Surgeon who leaves",
        empty_label="Choose",
        error_messages=required("Choose the surgeon who leaves."),
    )
    field_order = ("leaving", "to", "why")

    def __init__(self, data: Any = None, *, site: Site) -> None:
        super().__init__(data, site=site)
        self.offer("leaving", surgeon_changes.with_patients_at(site))


@staff_page
@require_http_methods(["GET", "POST"])
def hand_over(request: StaffRequest) -> HttpResponse:
    """First what would change hands, then the button that does it. At the site that is looked at."""
    site = chosen(request)
    if not request.user.decides_at(site):
        return page(request, "staff/surgeons/closed.html", title="Hand over patients", status=403, site=site)
    form = HandOverForm(request.POST if request.method == "POST" else None, site=site)
    found: HandOver | None = None
    if form.is_bound and form.is_valid():
        found = surgeon_changes.look(site, leaving=form.cleaned_data["leaving"], by=request.user)
        if request.POST.get("confirmed") and _done(request, site, form):
            return redirect("staff:surgeons")
    status = 422 if form.is_bound and form.errors else 200
    facts = {"site": site, "form": form, "found": None if form.errors else found}
    return page(request, "staff/surgeons/hand_over.html", title="Hand over patients", status=status, **facts)


def _done(request: StaffRequest, site: Site, form: HandOverForm) -> bool:
    try:
        done = surgeon_changes.hand_over(site, by=request.user, now=clock.now(), **form.cleaned_data)
    except ValidationError as error:
        refuse(form, error)
        return False
    except PermissionDenied as denied:
        form.add_error(None, str(denied))
        return False
    belong = "now belongs" if done.patients == 1 else "now belong"
    messages.success(request, f"{count(done.patients, 'patient')} {belong} to {form.cleaned_data['to']}.")
    return True
