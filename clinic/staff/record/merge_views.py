"""Merge two patient numbers: the other number is named, what would move is shown, and only then is it done."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clinic.staff.access import StaffRequest, page, staff_page
from clinic.staff.enrol.forms import required
from clinic.staff.record.history import history
from clinic.staff.shared_phones import latest_surgeries
from patients import clock
from patients.models import Patient, StaffMember
from reminders import merge as merging

TITLE = "Merge with another patient number"


class MergeForm(forms.Form):
    """`stays`: whose number is kept."""

    number = forms.CharField(label="The other patient number", max_length=64, error_messages=required("Enter it."))
    stays = forms.ChoiceField(label="Which number stays", choices=[("this", "this one"), ("other", "the other one")])

    def __init__(self, data: object, *, patient: Patient, staff: StaffMember) -> None:
        super().__init__(data, initial={"stays": "this"})  # type: ignore[arg-type]
        self.patient, self.here = patient, Patient.objects.for_staff(staff).for_site(patient.site)
        self.other = patient

    def clean_number(self) -> str:
        number = str(self.cleaned_data["number"]).strip()
        found = self.here.filter(number=number).first()
        if found is None:
            raise ValidationError("No patient of this site has this number. Check it, letter by letter.")
        self.other = found
        return number

    @property
    def pair(self) -> tuple[Patient, Patient]:
        """Who is merged, and into whom."""
        if self.cleaned_data["stays"] == "other":
            return self.patient, self.other
        return self.other, self.patient


@staff_page
@require_http_methods(["GET", "POST"])
def merge(request: StaffRequest, pk: int) -> HttpResponse:
    """Of a number that was merged it says where it leads. Nothing is done that was not shown first."""
    rows = Patient.objects.for_staff(request.user).select_related("site", "merged_into", "merged_by")
    patient = get_object_or_404(rows, pk=pk)
    if patient.merged_into:
        return _leads_to(request, patient)
    if not request.user.decides_at(patient.site):
        raise PermissionDenied(f"Only a surgeon or a manager of {patient.site} can merge patient numbers.")
    form = MergeForm(request.POST if request.method == "POST" else None, patient=patient, staff=request.user)
    if not form.is_bound or not form.is_valid():
        return _shown(request, form, status=422 if form.is_bound else 200)
    other, into = form.pair
    shown = merging.look(other, into=into, by=request.user)
    if "confirm" not in request.POST or shown.problems:
        return _shown(request, form, status=422 if shown.problems else 200, preview=shown)
    try:
        merging.merge(other, into=into, by=request.user, now=clock.now())
    except ValidationError as error:
        form.add_error("number", error.messages)
        return _shown(request, form, status=422)
    messages.success(request, f"Patient number {other.number} is merged into {into.number}.")
    return redirect(_record_of(into, request.user))


def _shown(request: StaffRequest, form: MergeForm, *, status: int = 200, **more: object) -> HttpResponse:
    back = _record_of(form.patient, request.user)
    context = {"form": form, "patient": form.patient, "back": back} | more
    return page(request, "staff/record/merge.html", title=TITLE, status=status, **context)


def _leads_to(request: StaffRequest, patient: Patient) -> HttpResponse:
    assert patient.merged_into  # noqa: S101
    told = history([patient], patient.site.zone)
    into = _record_of(patient.merged_into, request.user)
    return page(request, "staff/record/merged.html", title=str(patient), patient=patient, into=into, history=told)


def _record_of(patient: Patient, staff: StaffMember) -> str:
    """The record of the latest operation; without one, the patient's own page."""
    surgery = latest_surgeries([patient.pk], staff=staff).get(patient.pk)
    if surgery:
        return reverse("staff:record", args=[surgery])
    return reverse("admin:patients_patient_change", args=[patient.pk])
