"""Reminders: each message of each plan, its status, and why."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet
from django_filters.filters import BooleanFilter
from django_filters.filterset import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.access import require_decider, staff
from clinic.api.fields import Nothing
from clinic.api.filtering import CodeFilter, IdFilter, ManyFilter, MomentFilter
from patients import clock
from patients.models import StaffMember
from reminders import actions
from reminders.delivery.models import Delivery
from reminders.delivery.timeline import TimelineEntry, story
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import ReminderQuerySet, ReminderStatus
from reminders.plan.models.step import StepKind
from reminders.plan.reasons import SENTENCES
from reminders.plan.shifts import why_moved

REASONS = [(reason.value, sentence or "nothing to explain") for reason, sentence in SENTENCES.items()]


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    why = serializers.CharField(help_text="The reason in words.")
    attempts = serializers.IntegerField(source="attempt_count")

    class Meta:
        model = Delivery
        fields = ["channel", "state", "why", "attempts", "claimed_at", "settled_at"]


class ReminderSerializer(serializers.ModelSerializer[Reminder]):
    site = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    patient = serializers.IntegerField(source="surgery.patient_id")
    step = serializers.CharField(source="step_code", help_text="Stays the same from version to version.")
    kind = serializers.ChoiceField(source="step.kind", choices=StepKind.choices)
    title = serializers.CharField(help_text="For staff. A day in it is the day on which it comes.")
    phase = serializers.CharField(source="step.phase.code")
    due_local = serializers.SerializerMethodField(help_text="The same time in the patient's time zone.")
    time_zone = serializers.SerializerMethodField(help_text="The patient's zone, else the site's.")
    reason = serializers.ChoiceField(choices=REASONS, help_text="Why it was not or will not be sent; empty: no reason.")
    why = serializers.CharField(help_text="The reason in words.")
    moved = serializers.SerializerMethodField(
        help_text="Why it is not on the day and time of the protocol; empty: it is."
    )
    deliveries = DeliverySerializer(many=True, help_text="One for each contact it was sent to.")

    class Meta:
        model = Reminder
        fields = [
            "id", "site", "patient", "surgery", "step", "kind", "title", "phase", "occurrence", "due_at", "due_local",
            "time_zone", "useful_until", "status", "reason", "why", "moved", "moved_from",
            "handled_at", "deliveries",
        ]  # fmt: skip

    @extend_schema_field(serializers.DateTimeField())
    def get_due_local(self, reminder: Reminder) -> str:
        return local(reminder.due_at, reminder.surgery.patient.zone)

    def get_moved(self, reminder: Reminder) -> str:
        return why_moved(reminder.shifts, reminder.moved_from)

    def get_time_zone(self, reminder: Reminder) -> str:
        return str(reminder.surgery.patient.zone)


def local(moment: datetime, zone: ZoneInfo) -> str:
    """The moment as ISO 8601 in the time zone `zone`."""
    return moment.astimezone(zone).isoformat()


def reminders_of(me: StaffMember) -> ReminderQuerySet:
    """Reminders with all that the serializer reads: the same few queries for one row as for two hundred."""
    rows = Reminder.objects.for_staff(me).with_patient().select_related("surgery__patient__site")
    found: ReminderQuerySet = rows.prefetch_related(Prefetch("deliveries", Delivery.objects.for_staff(me)))
    return found


class LineSerializer(serializers.Serializer[TimelineEntry]):
    at = serializers.DateTimeField()
    sentence = serializers.CharField(help_text="Times inside it are on the patient's clock.")


class ReminderWithStorySerializer(ReminderSerializer):
    story = serializers.SerializerMethodField(help_text="What happened to it, earliest first, in words.")

    class Meta(ReminderSerializer.Meta):
        fields = [*ReminderSerializer.Meta.fields, "story"]

    @extend_schema_field(LineSerializer(many=True))
    def get_story(self, reminder: Reminder) -> Any:
        lines = story(reminder, zone=reminder.surgery.patient.zone)
        return [LineSerializer(line).data for line in lines]


class ReminderFilters(FilterSet):
    site = CodeFilter(field_name="site__code")
    patient = IdFilter(field_name="surgery__patient_id", label="The patient's id.")
    surgery = IdFilter(field_name="surgery_id", label="The surgery's id.")
    status = ManyFilter(choices=ReminderStatus.choices)
    kind = ManyFilter(field_name="step__kind", choices=StepKind.choices)
    phase = CodeFilter(field_name="step__phase__code", label="The code of a phase.")
    due_after = MomentFilter(field_name="due_at", lookup_expr="gte", label="Due at this time or later.")
    due_before = MomentFilter(field_name="due_at", lookup_expr="lt", label="Due before this time.")
    to_call = BooleanFilter(method="waits_for_a_call", label="Only those no message could reach: call.")

    def waits_for_a_call(self, rows: ReminderQuerySet, _name: str, wanted: bool) -> QuerySet[Reminder]:
        """Those on reception's call list, or all others."""
        return rows.to_call() if wanted else rows.exclude(pk__in=Reminder.objects.to_call().values("pk"))


@extend_schema(tags=["reminders"])
@extend_schema_view(
    list=extend_schema(summary="Reminders, earliest first"),
    retrieve=extend_schema(summary="One reminder, with its history"),
)
class ReminderViewSet(viewsets.ReadOnlyModelViewSet[Reminder]):
    queryset = Reminder.objects.none()
    serializer_class = ReminderSerializer
    filterset_class = ReminderFilters
    lookup_value_converter = "int"
    page_by = "due_at"

    def get_serializer_class(self) -> type[ReminderSerializer]:
        return ReminderWithStorySerializer if self.action == "retrieve" else ReminderSerializer

    def get_queryset(self) -> ReminderQuerySet:
        return reminders_of(staff(self.request))

    @extend_schema(request=None, responses=ReminderSerializer)
    @action(detail=True, methods=["post"])
    def skip(self, request: Request, pk: int) -> Response:
        """Take a planned message out of this plan for good. Surgeons and managers."""
        reminder = self._asked()
        me = require_decider(request, reminder.site, to="take a message out of a plan")
        return self._answer(actions.skip(reminder, by=me, now=clock.now()))

    @extend_schema(request=None, responses=ReminderSerializer)
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, pk: int) -> Response:
        """Send a message again that did not arrive, while it is useful. Refused if it may still arrive."""
        return self._answer(actions.resend(self._asked(), by=staff(request), now=clock.now()))

    def _asked(self) -> Reminder:
        reminder = self.get_object()
        Nothing(data=self.request.data or {}).is_valid(raise_exception=True)
        return reminder

    def _answer(self, reminder: Reminder) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=reminder.pk)).data)
