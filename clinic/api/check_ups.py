"""The visits the plans call for: due, booked, confirmed, attended; or missed, not needed, or cancelled."""

from collections.abc import Callable
from typing import Any

from django_filters.filterset import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.access import staff
from clinic.api.fields import Moment, Strict, Text
from clinic.api.filtering import CodeFilter, DayFilter, IdFilter, ManyFilter, MomentFilter
from clinic.api.reminders import local
from patients import clock
from patients.models import CheckUp
from patients.models.checkup import CheckUpQuerySet, CheckUpState
from patients.visit_times import concerns_about
from reminders import visit_actions as actions


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
            "revision", "not_needed_why",
        ]  # fmt: skip

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_booked_for_local(self, check_up: CheckUp) -> str | None:
        return local(check_up.booked_for, check_up.site.zone) if check_up.booked_for else None


class BookedCheckUpSerializer(CheckUpSerializer):
    warnings = serializers.SerializerMethodField(
        help_text="What speaks against this time: the clinic is closed, the time is full, outside the hours for "
        "visits, or outside the window. It is booked all the same."
    )

    class Meta(CheckUpSerializer.Meta):
        fields = [*CheckUpSerializer.Meta.fields, "warnings"]

    def get_warnings(self, check_up: CheckUp) -> list[str]:
        return concerns_about(check_up)


class SeenVisitInput(Strict):
    seen = serializers.IntegerField(
        min_value=0,
        max_value=32767,
        required=False,
        help_text="`bookings` as you read it: 409 if it was booked or moved since. Without it the later one wins.",
    )


class NotNeededInput(SeenVisitInput):
    why = Text(max_length=200, help_text="Why the visit is not needed, in a few words.")


class UndoVisitInput(Strict):
    revision = serializers.IntegerField(
        min_value=0,
        max_value=2147483647,
        required=False,
        help_text="As the change answered it: 409 if another change came after. Without it the last change is undone.",
    )


class BookInput(SeenVisitInput):
    booked_for = Moment(help_text="With its offset, such as 2026-03-02T10:00:00-05:00.")


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

    @extend_schema(request=BookInput, responses=BookedCheckUpSerializer)
    @action(detail=True, methods=["post"])
    def book(self, request: Request, pk: int) -> Response:
        """Book it, or move the booking. The invitations fall silent; the visit gets reminders of its own."""
        check_up, given = self._given(BookInput)
        at, seen = given["booked_for"], given.get("seen")
        booked = actions.book_visit(check_up, at=at, seen=seen, by=staff(request), now=clock.now())
        return Response(BookedCheckUpSerializer(self.get_queryset().get(pk=booked.pk)).data)

    @extend_schema(request=SeenVisitInput, responses=CheckUpSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: int) -> Response:
        """The patient says they will come."""
        return self._done(actions.confirm_visit)

    @extend_schema(request=SeenVisitInput, responses=CheckUpSerializer)
    @action(detail=True, methods=["post"])
    def attended(self, request: Request, pk: int) -> Response:
        """The patient came."""
        return self._done(actions.mark_attended)

    @extend_schema(request=SeenVisitInput, responses=CheckUpSerializer)
    @action(detail=True, methods=["post"])
    def missed(self, request: Request, pk: int) -> Response:
        """The patient did not come; possible once its time has passed."""
        return self._done(actions.mark_missed)

    @extend_schema(request=SeenVisitInput, responses=CheckUpSerializer)
    @action(detail=True, methods=["post"])
    def free(self, request: Request, pk: int) -> Response:
        """The booking goes; the visit is due again and is called for as before. Where the plan of the operation ended
        nobody calls for it: the visit is cancelled."""
        return self._done(actions.free_visit)

    @extend_schema(request=NotNeededInput, responses=CheckUpSerializer)
    @action(detail=True, methods=["post"], url_path="not-needed")
    def not_needed(self, request: Request, pk: int) -> Response:
        """It is not called for any more. The reason is kept and shown on the record."""
        check_up, given = self._given(NotNeededInput)
        return self._answer(
            actions.mark_not_needed(
                check_up, why=given["why"], seen=given.get("seen"), by=staff(request), now=clock.now()
            )
        )

    @extend_schema(request=UndoVisitInput, responses=CheckUpSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: int) -> Response:
        """Take the last change back, unless the visit was changed again or its time has passed meanwhile."""
        check_up, given = self._given(UndoVisitInput)
        return self._answer(
            actions.undo_visit(check_up, change=given.get("revision"), by=staff(request), now=clock.now())
        )

    def _given(self, form: type[Strict]) -> tuple[CheckUp, dict[str, Any]]:
        check_up = self.get_object()
        given = form(data=self.request.data or {})
        given.is_valid(raise_exception=True)
        return check_up, given.validated_data

    def _done(self, act: Callable[..., CheckUp]) -> Response:
        check_up, given = self._given(SeenVisitInput)
        return self._answer(act(check_up, seen=given.get("seen"), by=staff(self.request), now=clock.now()))

    def _answer(self, check_up: CheckUp) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=check_up.pk)).data)
