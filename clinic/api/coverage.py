"""Message coverage: messages that were due by now and did not arrive, and why."""

from typing import Any

from django_filters.filterset import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import coverage
from clinic.api.access import staff
from clinic.api.filtering import CodeFilter, IdFilter, ManyFilter, MomentFilter
from clinic.api.reminders import REASONS
from clinic.coverage import MissKind
from patients import clock
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import ReminderQuerySet


class MissedSerializer(serializers.ModelSerializer[Reminder]):
    site = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    patient = serializers.IntegerField(source="surgery.patient_id")
    protocol = serializers.CharField(source="step.phase.version.protocol.code", help_text="The protocol's code.")
    step = serializers.CharField(source="step_code", help_text="Stays the same from version to version.")
    kind = serializers.ChoiceField(
        choices=MissKind.choices,
        help_text="`different`: changed on purpose by a decision, a hold or the patient's details; not missing.",
    )
    reason = serializers.ChoiceField(choices=REASONS)
    why = serializers.SerializerMethodField(help_text="The reason in words.")

    class Meta:
        model = Reminder
        fields = [
            "id", "site", "patient", "surgery", "protocol", "step", "occurrence", "due_at", "status", "kind", "reason",
            "why", "handled_at",
        ]  # fmt: skip

    def get_why(self, reminder: Reminder) -> str:
        return coverage.why(reminder.status, reminder.reason)


class StepCountSerializer(serializers.Serializer[Any]):
    step = serializers.CharField(help_text="Stays the same from version to version.")
    title = serializers.CharField()
    missing = serializers.IntegerField(help_text="Messages of every kind but `different`.")
    messages = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many of each `kind`; kinds without any are left out."
    )


class CoverageFilters(FilterSet):
    site = CodeFilter(field_name="site__code")
    protocol = CodeFilter(field_name="step__phase__version__protocol__code", label="The code of a protocol.")
    step = CodeFilter(field_name="step_code", label="The code of a step.")
    kind = ManyFilter(choices=MissKind.choices, label="Default: all kinds.")
    patient = IdFilter(field_name="surgery__patient_id", label="The patient's id.")
    due_after = MomentFilter(field_name="due_at", lookup_expr="gte", label="Due at this time or later.")
    due_before = MomentFilter(field_name="due_at", lookup_expr="lt", label="Due before this time.")


@extend_schema(tags=["reminders"])
@extend_schema_view(list=extend_schema(summary="Messages that were due by now and did not arrive, earliest first"))
class CoverageViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Reminder]):
    """Messages that were due and did not arrive, each with the reason. `kind` tells those changed on purpose."""

    queryset = Reminder.objects.none()
    serializer_class = MissedSerializer
    filterset_class = CoverageFilters
    page_by = "due_at"

    def get_queryset(self) -> ReminderQuerySet:
        rows = Reminder.objects.for_staff(staff(self.request))
        due = coverage.due_not_done(rows, clock.now())
        return due.select_related("site", "surgery", "step__phase__version__protocol")

    @extend_schema(
        summary="The same, counted per step; those with most missing first", responses=StepCountSerializer(many=True)
    )
    @action(detail=False, pagination_class=None)
    def steps(self, request: Request) -> Response:
        """Takes the same filters as the list."""
        counts = coverage.per_step(self.filter_queryset(self.get_queryset()))
        return Response(StepCountSerializer(counts, many=True).data)
