"""Surgeries: enrol once, preview, read the schedule, move, cancel."""

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import QuerySet
from django_filters.filters import ChoiceFilter
from django_filters.filterset import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from clinic.api import enrolments
from clinic.api.access import require_decider, staff
from clinic.api.enrolments import Enrolment, SurgeryInput
from clinic.api.fields import Choice, Day, Strict, Text
from clinic.api.filtering import CodeFilter, DayFilter, IdFilter
from clinic.api.patients import refuse_taken
from clinic.api.preview import PreviewSerializer, preview
from clinic.api.problems import Conflict, renamed
from clinic.api.schedules import ScheduleSerializer, schedule_of
from clinic.api.schema import IDEMPOTENCY_KEY
from clinic.api.surgeon_changes import SurgeonInput
from clinic.api.therapy import AdherenceSerializer
from patients import clock
from patients.models import Patient, Surgery
from patients.models.patient import BmiBand, HealthCondition
from patients.models.surgery import Job, PhysicalTherapy
from reminders import actions, enrolment, further_operation, operation_order, surgeon_changes
from reminders.enrolment import KeyReused
from reminders.further_operation import PlanRuns, RunningPlan
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from reminders.plan.row_diff import Changes
from reminders.plan_changes import rehearse
from reminders.replies.checkins import adherence as answered

STATES = [("active", "active"), ("ended", "its plan ended for a later operation"), ("cancelled", "cancelled")]


class SurgerySerializer(serializers.ModelSerializer[Surgery]):
    site = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    procedure = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    surgeon_name = serializers.CharField(source="surgeon.__str__")
    state = serializers.SerializerMethodField()
    protocol = serializers.CharField(source="care_plan.version.protocol.code")
    protocol_version = serializers.IntegerField(source="care_plan.version_id")
    laid_out_until = serializers.DateField(source="care_plan.laid_out_until")
    earlier = serializers.SerializerMethodField()

    class Meta:
        model = Surgery
        fields = [
            "id", "site", "patient", "procedure", "surgeon", "surgeon_name", "date", "state", "physical_therapy", "job",
            "protocol", "protocol_version", "laid_out_until", "enrolled_at", "cancelled_at", "cancelled_why",
            "ended_at", "followed_by", "earlier",
        ]  # fmt: skip

    def get_state(self, surgery: Surgery) -> str:
        return surgery.state

    def get_earlier(self, surgery: Surgery) -> list[int]:
        """The operations that this one follows."""
        return sorted(one.pk for one in surgery.earlier.all())

    get_state._spectacular_annotation = {"field": serializers.ChoiceField(choices=STATES)}  # type: ignore[attr-defined]


class MoveInput(Strict):
    date = Day(help_text="The new day 0.")
    dry_run = serializers.BooleanField(default=False, help_text="Answer with what would change, and change nothing.")


class CancelInput(Strict):
    why = Text(max_length=200, help_text="The reason, in a few words; staff read it.")


class RunningPlanInput(Strict):
    running_plan = Choice(RunningPlan, help_text="What becomes of this plan beside that of the later operation.")
    dry_run = serializers.BooleanField(default=False, help_text="Answer with what would change, and change nothing.")


class FactsInput(Strict):
    physical_therapy = Choice(PhysicalTherapy, required=False)
    job = Choice(Job, required=False)
    levels = serializers.IntegerField(min_value=1, max_value=25, allow_null=True, required=False)
    asa_class = serializers.IntegerField(min_value=1, max_value=4, allow_null=True, required=False)
    conditions = serializers.ListField(child=Choice(HealthCondition), required=False)
    bmi_band = Choice(BmiBand, allow_blank=True, required=False)


class ChangeSerializer(serializers.Serializer[Any]):
    step = serializers.CharField()
    occurrence = serializers.IntegerField()
    was_due_at = serializers.DateTimeField(allow_null=True, help_text="Null: the reminder is new.")
    due_at = serializers.DateTimeField()
    was_status = serializers.ChoiceField(choices=ReminderStatus.choices, allow_null=True)
    status = serializers.ChoiceField(choices=ReminderStatus.choices)
    why = serializers.CharField()


class ChangedSerializer(serializers.Serializer[Any]):
    surgery = SurgerySerializer()
    changes = ChangeSerializer(many=True, help_text="What changed in the plan. What was sent stays.")


def listed(changes: Changes) -> list[dict[str, Any]]:
    """What a change did to the plan, new reminders first, with the moment and status they had before.

    What only lies beyond the days that are laid out by now is left out: it comes back in time.
    """
    added = [_change(row, None, None) for row in changes.added]
    seen = [change for change in changes.changed if change.row.reason != Reason.FURTHER_ON]
    return added + [_change(change.row, change.was_due_at, change.was_status) for change in seen]


def _change(row: Reminder, was_due_at: Any, was_status: str | None) -> dict[str, Any]:
    now = {"step": row.step_code, "occurrence": row.occurrence, "due_at": row.due_at, "status": row.status}
    return now | {"why": row.why, "was_due_at": was_due_at, "was_status": was_status}


class SurgeryFilters(FilterSet):
    site = CodeFilter(field_name="site__code")
    patient = IdFilter(field_name="patient_id", label="The patient's id.")
    surgeon = IdFilter(field_name="surgeon_id", label="The surgeon's id.")
    procedure = CodeFilter(field_name="procedure__code", label="The procedure's code.")
    state = ChoiceFilter(choices=STATES, method="in_state")
    date_after = DayFilter(field_name="date", lookup_expr="gte", label="Day 0 is this day or later.")
    date_before = DayFilter(field_name="date", lookup_expr="lte", label="Day 0 is this day or earlier.")

    def in_state(self, rows: QuerySet[Surgery], _name: str, state: str) -> QuerySet[Surgery]:
        """Active ones were neither cancelled nor ended by a later operation."""
        return Surgery.objects.standing(state) & rows


@extend_schema(tags=["surgeries"])
@extend_schema_view(
    list=extend_schema(summary="Surgeries, newest first"), retrieve=extend_schema(summary="One surgery")
)
class SurgeryViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Surgery]):
    queryset = Surgery.objects.none()
    serializer_class = SurgerySerializer
    filterset_class = SurgeryFilters
    lookup_value_converter = "int"
    page_by = "-date"

    def get_queryset(self) -> QuerySet[Surgery]:
        rows = Surgery.objects.for_staff(staff(self.request))
        return rows.select_related(
            "site", "procedure", "surgeon", "patient__site", "care_plan__version__protocol"
        ).prefetch_related("earlier")

    @extend_schema(request=SurgeryInput, responses={201: SurgerySerializer}, parameters=[IDEMPOTENCY_KEY])
    def create(self, request: Request) -> Response:
        """Enrol: the surgery, and with `new_patient` the patient too, and its whole plan; all or nothing.

        Everybody at the site may enrol on a surgeon's behalf; the surgeon is named in `surgeon`. Send an
        `Idempotency-Key`, and a request that has to be repeated does no harm."""
        key, now = enrolments.key_of(request), clock.now()
        asked = enrolments.read(request, key=key)
        try:
            surgery = enrolment.enrol(asked.patient, asked.surgery, site=asked.site, by=staff(request), now=now)
        except KeyReused:
            raise
        except PlanRuns as error:
            raise _plan_runs(request, error) from None
        except (IntegrityError, ValidationError) as error:
            _refuse_conflict(request, asked)
            raise (renamed(error, enrolments.PATHS) if isinstance(error, ValidationError) else error) from None
        surgery = self.get_queryset().get(pk=surgery.pk)
        repeated = surgery.enrolled_at != now
        if repeated:
            _refuse_other_facts(surgery, asked)
        headers = {"Idempotency-Replayed": "true"} if repeated else {}
        return Response(self.get_serializer(surgery).data, status.HTTP_201_CREATED, headers=headers)

    @extend_schema(request=SurgeryInput, responses=PreviewSerializer)
    @action(detail=False, methods=["post"], url_path="preview")
    def preview(self, request: Request) -> Response:
        """Preview the plan of this enrolment: dates, local times, channels, and what is not sent and why."""
        asked = enrolments.read(request)
        _refuse_conflict(request, asked)
        try:
            plan = preview(asked, now=clock.now())
        except PlanRuns as error:
            raise _plan_runs(request, error) from None
        except ValidationError as error:
            raise renamed(error, enrolments.PATHS) from None
        return Response(PreviewSerializer(plan).data)

    @extend_schema(responses=ScheduleSerializer)
    @action(detail=True)
    def schedule(self, request: Request, pk: int) -> Response:
        """The whole plan: phases with their dates, every reminder and what became of it, the check-ups."""
        surgery = self.get_object()
        plan = schedule_of(surgery, me=staff(request), today=surgery.site.today(clock.now()))
        return Response(ScheduleSerializer(plan).data)

    @extend_schema(responses=AdherenceSerializer)
    @action(detail=True)
    def adherence(self, request: Request, pk: int) -> Response:
        """Adherence so far: check-ins answered, sessions attended, visits attended."""
        return Response(AdherenceSerializer(answered.adherence_of(self.get_object(), clock.now())).data)

    @extend_schema(request=MoveInput, responses=ChangedSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: int) -> Response:
        """Move the operation: the plan moves along, booked visits keep their time. Surgeons and managers."""
        surgery = self.get_object()
        me = require_decider(request, surgery.site, to="move an operation")
        given = self._given(MoveInput)
        if not surgery.is_active:
            raise Conflict(surgery.why_not)
        same_day = Surgery.objects.for_staff(me).active().filter(patient=surgery.patient_id, date=given["date"])
        if other := same_day.exclude(pk=surgery.pk).first():
            raise _other_that_day(request, other)
        if given["dry_run"]:
            return self._changed(surgery, actions.preview_move(surgery, to=given["date"], by=me, now=clock.now()))
        return self._changed(surgery, actions.move_surgery(surgery, to=given["date"], by=me, now=clock.now()))

    @extend_schema(request=CancelInput, responses=ChangedSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """The operation does not take place: nothing more is sent. Surgeons and managers."""
        surgery = self.get_object()
        me = require_decider(request, surgery.site, to="cancel an operation")
        given = self._given(CancelInput)
        return self._changed(surgery, actions.cancel_surgery(surgery, why=given["why"], by=me, now=clock.now()))

    @extend_schema(request=RunningPlanInput, responses=ChangedSerializer)
    @action(detail=True, methods=["post"], url_path="running-plan")
    def running_plan(self, request: Request, pk: int) -> Response:
        """End, hold or keep a plan that a later operation follows: after a merge, or where the choice was wrong.

        `hold` and `keep` take an end back. Surgeons and managers."""
        surgery = self.get_object()
        me = require_decider(request, surgery.site, to="say which plan goes on")
        given, now = self._given(RunningPlanInput), clock.now()
        act = partial(operation_order.choose, surgery, given["running_plan"], by=me, now=now)
        return self._changed(surgery, rehearse(act) if given["dry_run"] else act())

    @extend_schema(request=FactsInput, responses=ChangedSerializer)
    @action(detail=True, methods=["post"], url_path="facts")
    def change_facts(self, request: Request, pk: int) -> Response:
        """Change clinical details: therapy, job, and the facts behind a proposed pace. Surgeons and managers."""
        surgery = self.get_object()
        me = require_decider(request, surgery.site, to="change clinical details")
        given = self._given(FactsInput)
        return self._changed(surgery, actions.change_facts(surgery, by=me, now=clock.now(), **given))

    @extend_schema(request=SurgeonInput, responses=SurgerySerializer)
    @action(detail=True, methods=["post"])
    def surgeon(self, request: Request, pk: int) -> Response:
        """Another surgeon takes over. Plan and protocol stay; mails name the new one. Surgeons and managers."""
        surgery = self.get_object()
        me = require_decider(request, surgery.site, to="change a patient's surgeon")
        given = self._given(SurgeonInput)
        try:
            surgeon_changes.change_surgeon(surgery, to=given["surgeon"], why=given["why"], by=me, now=clock.now())
        except ValidationError as error:
            raise renamed(error, {"to": ("surgeon",)}) from None
        return Response(self.get_serializer(self.get_queryset().get(pk=surgery.pk)).data)

    def _given(self, shape: type[Strict]) -> dict[str, Any]:
        given = shape(data=self.request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _changed(self, surgery: Surgery, changes: Changes) -> Response:
        surgery = self.get_queryset().get(pk=surgery.pk)
        answer = {"surgery": surgery, "changes": listed(changes)}
        return Response(ChangedSerializer(answer, context=self.get_serializer_context()).data)


def _refuse_conflict(request: Request, asked: Enrolment) -> None:
    """A number that is taken, or a second operation that day: 409 with the address of what is there."""
    if not isinstance(asked.patient, Patient):
        return refuse_taken(request, asked.site, asked.patient.number, ("new_patient",))
    rows = Surgery.objects.for_staff(staff(request)).active()
    if other := rows.filter(patient=asked.patient, date=asked.surgery.date).first():
        raise _other_that_day(request, other)


def _plan_runs(request: Request, error: PlanRuns) -> Conflict:
    """409 with each plan that runs, as `running_plans`."""
    plans = [
        {
            "surgery": one.pk,
            "procedure": one.procedure.code,
            "date": one.date.isoformat(),
            "url": reverse("api:surgeries-detail", args=[one.pk], request=request),
        }
        for one in error.plans
    ]
    return Conflict({"running_plan": [further_operation.ASK]}, running_plans=plans)


def _other_that_day(request: Request, other: Surgery) -> Conflict:
    where = reverse("api:surgeries-detail", args=[other.pk], request=request)
    return Conflict({"date": ["This patient already has an operation on that day. Open that one."]}, existing=where)


def _refuse_other_facts(surgery: Surgery, asked: Enrolment) -> None:
    """The action compares patient, day and procedure; a caller who named more must have named the same."""
    was = {
        "surgeon": surgery.surgeon,
        "physical_therapy": surgery.physical_therapy,
        "job": surgery.job,
        "version": surgery.care_plan.version,
    }
    if any(was[name] != value for name, value in asked.named.items()):
        raise KeyReused("This request key was used with other facts. Use a new key for a new enrolment.")
