"""Operations to look through. A row opens the record: what can be done with an operation is done there."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.contrib.filters.admin import RangeDateFilter, RelatedDropdownFilter
from unfold.decorators import display

from patients.admin.patient_search import FoundByPatient
from patients.admin.scoped import ANYONE, SiteScopedAdmin, link
from patients.models import Surgery
from patients.models.surgery import ACTIVE, ENDED


class OwnRelated(RelatedDropdownFilter):
    """Offers only what one's own rows point to."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        used = model_admin.get_queryset(request).order_by().values_list(f"{field.name}_id", flat=True).distinct()
        return field.get_choices(include_blank=False, limit_choices_to={"pk__in": used})


class StandingFilter(admin.SimpleListFilter):
    title, parameter_name = "standing", "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("active", "under way"), ("ended", "plan ended"), ("cancelled", "cancelled")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Surgery]) -> QuerySet[Surgery]:
        if self.value() is None:
            return queryset
        return queryset.filter(pk__in=Surgery.objects.standing(self.value() or "").values("pk"))


@admin.register(Surgery)
class SurgeryAdmin(FoundByPatient, SiteScopedAdmin):
    add_roles = ANYONE  # the button leads to the enrolment page
    list_display = ["patient_link", "date", "procedure", "surgeon", "protocol", "physical_therapy", "job", "standing"]
    list_display_links = None
    list_filter = [
        ("site", OwnRelated),
        ("surgeon", OwnRelated),
        ("procedure", OwnRelated),
        ("date", RangeDateFilter),
        "physical_therapy",
        "job",
        StandingFilter,
    ]
    list_select_related = ["site", "patient", "procedure", "surgeon", "care_plan__version__protocol"]
    search_fields = ["procedure__name"]
    found_by_patient = "patient"
    search_help_text = "Name, patient number, phone, date of birth or procedure"

    @display(description="patient", ordering="patient__family_name")
    def patient_link(self, surgery: Surgery) -> str:
        return link(reverse("staff:record", args=[surgery.pk]), surgery.patient)

    @display(description="protocol")
    def protocol(self, surgery: Surgery) -> str:
        return str(surgery.care_plan.version)

    @display(description="standing", label={"under way": "success", "plan ended": "info", "cancelled": "danger"})
    def standing(self, surgery: Surgery) -> str:
        return {ACTIVE: "under way", ENDED: "plan ended"}.get(surgery.state, "cancelled")

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("staff:enrol")

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        surgery = self.get_object(request, object_id)
        if surgery is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return redirect("staff:record", pk=surgery.pk)
