"""Patients to look through. A row opens the record; name, language, zone and status can be changed here."""

from typing import Any

from django.contrib import admin
from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from patients import clock
from patients.admin import SiteScopedAdmin
from patients.admin.scoped import ANYONE, link
from patients.admin.surgeries import OwnRelated
from patients.models import Patient, Surgery
from patients.models.patient import RECORDED_BY_STAFF
from reminders import actions

EDITED = ["given_name", "family_name", "language", "time_zone"]


@admin.register(Patient)
class PatientAdmin(SiteScopedAdmin):
    add_roles = ANYONE  # the button leads to the enrolment page
    change_roles = ANYONE
    list_display = ["record", "number", "birth", "last_surgery", "language", "status", "site", "edit"]
    list_display_links = None
    list_select_related = ["site"]
    list_filter = [("site", OwnRelated), ("status", ChoicesDropdownFilter), "language"]
    search_fields = ["family_name"]  # shows the box; what is searched: PatientQuerySet.matching
    search_help_text = "Name, patient number, phone or date of birth"
    fields = ["number", "birth", *EDITED, "status", "site", "record"]
    readonly_fields = ["number", "birth", "site", "record"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Patient]:
        latest = Surgery.objects.for_staff(request.user).filter(patient=OuterRef("pk"))  # type: ignore[arg-type]
        rows: QuerySet[Patient] = super().get_queryset(request)
        return rows.annotate(
            latest_surgery=Subquery(latest.order_by("-date").values("pk")[:1]), surgery_date=Max("surgeries__date")
        )

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if not search_term:
            return queryset, False
        found = Patient.objects.for_staff(request.user).matching(search_term)  # type: ignore[arg-type]
        return queryset.filter(pk__in=found.values("pk")), False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A merged number stays merged."""
        merged = ["status", *EDITED] if obj and obj.merged_into_id else []
        return [*super().get_readonly_fields(request, obj), *merged]

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Numbers are merged from the record, after a preview."""
        if db_field.name == "status":
            kwargs["choices"] = RECORDED_BY_STAFF
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    @display(description="patient", ordering="family_name")
    def record(self, patient: Any) -> str:
        if patient.merged_into_id:
            return link(reverse("staff:patient_merge", args=[patient.pk]), f"{patient} (merged)")
        if patient.latest_surgery:
            return link(reverse("staff:record", args=[patient.latest_surgery]), patient)
        return link(f"{reverse('staff:enrol')}?patient={patient.pk}", f"{patient} (enrol)")

    @display(description="date of birth", ordering="birth_date")
    def birth(self, patient: Patient) -> str:
        return str(patient.born)

    @display(description="last surgery", ordering="surgery_date")
    def last_surgery(self, patient: Any) -> Any:
        return patient.surgery_date

    @display(description="")
    def edit(self, patient: Patient) -> str:
        return link(reverse("admin:patients_patient_change", args=[patient.pk]), "edit")

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("staff:enrol")

    def save_model(self, request: HttpRequest, obj: Patient, form: Any, change: bool) -> None:
        """Through the actions, so that the plans follow and it is written down who did it."""
        now, by = clock.now(), request.user
        facts = {name: getattr(obj, name) for name in EDITED if name in form.changed_data}
        if facts:
            actions.change_patient(obj, by=by, now=now, **facts)  # type: ignore[arg-type]
        if "status" in form.changed_data:
            actions.set_patient_status(obj, status=obj.status, by=by, now=now)  # type: ignore[arg-type]
