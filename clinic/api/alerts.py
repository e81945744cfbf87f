"""Alerts: what somebody must look at, who is responsible, and the outcome."""

from typing import Any

from django_filters.filters import BooleanFilter
from django_filters.filterset import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.access import staff
from clinic.api.fields import Nothing, Strict
from clinic.api.filtering import CodeFilter, IdFilter, ManyFilter, MomentFilter
from patients import clock, shared_contacts
from patients.models.staff import Role
from reminders.replies.alerts import handling
from reminders.replies.models import Alert, Cause
from reminders.replies.models.alert import AlertQuerySet, Level, Outcome
from reminders.replies.parsing import redflags


class SignSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField(help_text="For staff, in English.")


class CauseSerializer(serializers.ModelSerializer[Cause]):
    level = serializers.ChoiceField(choices=Level.choices, help_text="The class this cause has on its own.")

    class Meta:
        model = Cause
        fields = ["reply", "check_in", "level", "heard_at"]


class AlertSerializer(serializers.ModelSerializer[Alert]):
    site = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    patient = serializers.SerializerMethodField(
        help_text="The patient's id; null where it is not certain whose alert it is."
    )
    possible_patients = serializers.SerializerMethodField(
        help_text="The ids of all patients who share the phone, where `patient` is null."
    )
    level = serializers.ChoiceField(choices=Level.choices)
    signs = serializers.SerializerMethodField(help_text="The warning signs that were found.")
    owner_role = serializers.ChoiceField(
        choices=Role.choices, help_text="The role responsible until somebody takes it."
    )
    owner = serializers.CharField(
        source="owner.username", default=None, allow_null=True, help_text="Who has taken it, or was handed it."
    )
    causes = CauseSerializer(many=True, read_only=True, help_text="Every text and answer that belongs to it.")
    outcome = serializers.ChoiceField(choices=Outcome.choices, allow_blank=True, help_text="Empty while it is open.")

    class Meta:
        model = Alert
        fields = [
            "id", "site", "patient", "possible_patients", "surgery", "reply", "check_in", "level", "signs", "causes",
            "raised_at", "answer_by", "owner_role", "owner", "taken_at", "escalated_at", "escalations", "outcome",
            "outcome_note", "closed_at",
        ]  # fmt: skip

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_patient(self, alert: Alert) -> int | None:
        if alert.surgery:
            return alert.surgery.patient_id
        return alert.contact.patient_id if alert.contact else None

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_possible_patients(self, alert: Alert) -> list[int]:
        if alert.reply is None or self.get_patient(alert) is not None:
            return []
        behind = shared_contacts.with_address([(alert.site_id, alert.reply.from_address)])
        return sorted(set(behind.values_list("patient", flat=True)))

    @extend_schema_field(SignSerializer(many=True))
    def get_signs(self, alert: Alert) -> list[dict[str, str]]:
        return [{"code": code, "name": redflags.name(code)} for code in alert.signs]


class CloseInput(Strict):
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    note = serializers.CharField(
        max_length=handling.LONGEST_NOTE,
        required=False,
        allow_blank=True,
        default="",
        help_text="Required for not_reached and false_alarm.",
    )


class AlertFilters(FilterSet):
    site = CodeFilter(field_name="site__code")
    surgery = IdFilter(field_name="surgery_id", label="The surgery's id.")
    level = ManyFilter(choices=Level.choices)
    open = BooleanFilter(field_name="closed_at", lookup_expr="isnull", label="Only open ones, or only closed ones.")
    answer_before = MomentFilter(field_name="answer_by", lookup_expr="lt", label="To be answered before this time.")


@extend_schema(tags=["alerts"])
@extend_schema_view(
    list=extend_schema(summary="Alerts, by the time they must be answered by"),
    retrieve=extend_schema(summary="One alert"),
)
class AlertViewSet(viewsets.ReadOnlyModelViewSet[Alert]):
    """Everybody who works at the site may take and close its alerts. The API cannot raise, change or delete one."""

    queryset = Alert.objects.none()
    serializer_class = AlertSerializer
    filterset_class = AlertFilters
    lookup_value_converter = "int"
    page_by = "answer_by"

    def get_queryset(self) -> AlertQuerySet:
        return (
            Alert.objects.for_staff(staff(self.request))
            .select_related("site", "surgery", "contact", "owner")
            .prefetch_related("causes")
        )

    @extend_schema(request=None, responses=AlertSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: int) -> Response:
        """Take the alert: you are then responsible for it. Its answer-by time stays the same."""
        alert = self.get_object()
        Nothing(data=request.data or {}).is_valid(raise_exception=True)
        return self._answer(handling.take(alert, by=staff(request), now=clock.now()))

    @extend_schema(request=CloseInput, responses=AlertSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: int) -> Response:
        """Close the alert with its outcome. Its texts leave the inbox too."""
        alert = self.get_object()
        given = CloseInput(data=request.data)
        given.is_valid(raise_exception=True)
        return self._answer(handling.close(alert, by=staff(request), now=clock.now(), **given.validated_data))

    def _answer(self, alert: Alert) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=alert.pk)).data)
