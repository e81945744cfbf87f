"""The visits the plans call for: due, booked, confirmed, attended; or missed, or cancelled."""

from typing import Any

from django_filters.filterset import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.access import staff
from clinic.api.fields import Moment, Nothing, Strict
from clinic.api.filtering import CodeFilter, DayFilter, IdFilter, ManyFilter, MomentFilter
from clinic.api.reminders import local
from patients import clock
from patients.models import CheckUp
from patients.models.checkup import CheckUpQuerySet, CheckUpState
from reminders import actions


class CheckUpSerializer(serializers.ModelSerializer[CheckUp]):
    site = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    patient = serializers.IntegerField(source="surgery.patient_id")
    booked_for_local = serializers.SerializerMethodField(help_text="In the site's time zone.")
    time_zone = serializers.CharField(source="site.time_zone", help_text="The site's time zone.")

    class Meta:
        model = CheckUp
        fields = [
            "id", "site", "patient", "surgery", "code", "occurrence", "title", "window_opens", "target_day",
            "window_closes", "state", "booked_for", "booked_for_local", "time_zone", "bookings",
        ]  # fmt: skip

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_booked_for_local(self, check_up: CheckUp) -> str | None:
        return local(check_up.booked_for, check_up.site.zone) if check_up.booked_for else None


class BookInput(Strict):
    booked_for = Moment(help_text="Date and time with its offset from UTC, such as 2026-03-02T10:00:00-05:00.")


class CheckUpFilters(FilterSet):
    site = CodeFilter(field_name="site__code")
    patient = IdFilter(field_name="surgery__patient_id", label="The patient's id.")
    surgery = IdFilter(field_name="surgery_id", label="The surgery's id.")
    state = ManyFilter(choices=CheckUpState.choices)
    code = CodeFilter(label="The check-up's code in the protocol.")
    date_after = DayFilter(field_name="window_closes", lookup_expr="gte", label="Its window is open this day or later.")
    date_before = DayFilter(field_name="window_opens", lookup_expr="lte", label="Its window opens by this day.")
    booked_after = MomentFilter(field_name="booked_for", lookup_expr="gte", label="Booked for this time or later.")
    booked_before = MomentFilter(field_name="booked_for", lookup_expr="lt", label="Booked for before this time.")


@extend_schema(tags=["check-ups"])
@extend_schema_view(
    list=extend_schema(summary="Check-ups, by the day their window opens"),
    retrieve=extend_schema(summary="One check-up"),
)
class CheckUpViewSet(viewsets.ReadOnlyModelViewSet[CheckUp]):
    """Everybody who works at the site may book and close its visits."""

    queryset = CheckUp.objects.none()
    serializer_class = CheckUpSerializer
    filterset_class = CheckUpFilters
    lookup_value_converter = "int"
    page_by = "window_opens"

    def get_queryset(self) -> CheckUpQuerySet:
        return CheckUp.objects.for_staff(staff(self.request)).with_patient()

    @extend_schema(request=BookInput, responses=CheckUpSerializer)
    @action(detail=True, methods=["post"])
    def book(self, request: Request, pk: int) -> Response:
        """Book the visit, or move it. Invitations to book stop; the visit gets its own reminders."""
        check_up = self.get_object()
        given = BookInput(data=request.data)
        given.is_valid(raise_exception=True)
        at = given.validated_data["booked_for"]
        return self._answer(actions.book_visit(check_up, at=at, by=staff(request), now=clock.now()))

    @extend_schema(request=None, responses=CheckUpSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: int) -> Response:
        """The patient says they will come."""
        return self._answer(actions.confirm_visit(self._asked(), by=staff(request), now=clock.now()))

    @extend_schema(request=None, responses=CheckUpSerializer)
    @action(detail=True, methods=["post"])
    def attended(self, request: Request, pk: int) -> Response:
        """The patient came."""
        return self._answer(actions.mark_attended(self._asked(), by=staff(request), now=clock.now()))

    @extend_schema(request=None, responses=CheckUpSerializer)
    @action(detail=True, methods=["post"])
    def missed(self, request: Request, pk: int) -> Response:
        """The patient did not come; possible once its time has passed."""
        return self._answer(actions.mark_missed(self._asked(), by=staff(request), now=clock.now()))

    @extend_schema(request=None, responses=CheckUpSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """The visit will not take place and need not be booked."""
        return self._answer(actions.cancel_visit(self._asked(), by=staff(request), now=clock.now()))

    def _asked(self) -> CheckUp:
        check_up = self.get_object()
        Nothing(data=self.request.data or {}).is_valid(raise_exception=True)
        return check_up

    def _answer(self, check_up: CheckUp) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=check_up.pk)).data)
