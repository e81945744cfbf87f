"""What patients answered to the questions of their check-ins: by text, on their own page, or by phone. To read."""

from typing import Any

from django.db.models import QuerySet
from django_filters.filters import BooleanFilter
from django_filters.filterset import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, viewsets

from clinic.api.access import staff
from clinic.api.filtering import CodeFilter, IdFilter, MomentFilter
from reminders.replies.models import CheckIn
from reminders.replies.models.checkin import Answered


class CheckInSerializer(serializers.ModelSerializer[CheckIn]):
    site = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    patient = serializers.IntegerField(source="surgery.patient_id")
    pain = serializers.IntegerField(allow_null=True, min_value=0, max_value=10, help_text="Null: not answered.")
    via = serializers.ChoiceField(choices=Answered.choices, allow_blank=True, help_text="How it was last answered.")
    entered_by = serializers.CharField(
        source="entered_by.username",
        default=None,
        allow_null=True,
        help_text="The staff member who took the answers by phone.",
    )

    class Meta:
        model = CheckIn
        fields = [
            "id", "site", "patient", "surgery", "reminder", "asked_at", "pain", "wound", "legs", "bladder", "via",
            "entered_by", "answered_at", "closed_at",
        ]  # fmt: skip


class CheckInFilters(FilterSet):
    site = CodeFilter(field_name="site__code")
    patient = IdFilter(field_name="surgery__patient_id", label="The patient's id.")
    surgery = IdFilter(field_name="surgery_id", label="The surgery's id.")
    asked_after = MomentFilter(field_name="asked_at", lookup_expr="gte", label="Asked at this time or later.")
    asked_before = MomentFilter(field_name="asked_at", lookup_expr="lt", label="Asked before this time.")
    answered = BooleanFilter(
        field_name="answered_at", lookup_expr="isnull", exclude=True, label="Answered at least in part."
    )


@extend_schema(tags=["check-ins"])
@extend_schema_view(
    list=extend_schema(summary="Check-ins, by the time they were asked"),
    retrieve=extend_schema(summary="One check-in"),
)
class CheckInViewSet(viewsets.ReadOnlyModelViewSet[CheckIn]):
    """Pain is 0 (none) to 10 (worst); in the other answers true means trouble. Null: not answered."""

    queryset = CheckIn.objects.none()
    serializer_class = CheckInSerializer
    filterset_class = CheckInFilters
    lookup_value_converter = "int"
    page_by = "asked_at"

    def get_queryset(self) -> QuerySet[CheckIn]:
        return CheckIn.objects.for_staff(staff(self.request)).select_related("site", "surgery", "entered_by")
