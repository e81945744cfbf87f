"""Sessions of physical therapy: planned, attended or missed; and how well a plan is kept."""

from typing import Any

from django.db.models import QuerySet
from django_filters.filterset import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.access import staff
from clinic.api.fields import Choice, Day, NameOf, OwnRow, Strict
from clinic.api.filtering import CodeFilter, DayFilter, IdFilter, ManyFilter
from patients import clock, therapy_sessions
from patients.models import Surgery, TherapySession
from patients.models.therapy import SessionState


class PartSerializer(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    asked = serializers.IntegerField(help_text="Asked so far; what is still open does not count.")


class AdherenceSerializer(serializers.Serializer[Any]):
    percent = serializers.IntegerField(allow_null=True, help_text="All three together; null while nothing was asked.")
    check_ins = PartSerializer(help_text="Answered.")
    sessions = PartSerializer(help_text="Physical therapy, attended.")
    visits = PartSerializer(
        help_text="Visits attended. One that was never booked counts as missed once its window has closed."
    )


class SessionSerializer(serializers.ModelSerializer[TherapySession]):
    site = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    patient = serializers.IntegerField(source="surgery.patient_id")
    by = NameOf(read_only=True)

    class Meta:
        model = TherapySession
        fields = ["id", "site", "patient", "surgery", "day", "state", "source", "by", "at"]


class SessionInput(Strict):
    surgery = OwnRow(queryset=Surgery.objects.all())
    day = Day(help_text="The site's day; one session each.")
    state = Choice(SessionState)


class SessionFilters(FilterSet):
    site = CodeFilter(field_name="site__code")
    patient = IdFilter(field_name="surgery__patient_id", label="The patient's id.")
    surgery = IdFilter(field_name="surgery_id", label="The surgery's id.")
    state = ManyFilter(choices=SessionState.choices)
    day_after = DayFilter(field_name="day", lookup_expr="gte", label="This day or later.")
    day_before = DayFilter(field_name="day", lookup_expr="lte", label="This day or earlier.")


@extend_schema(tags=["therapy-sessions"])
@extend_schema_view(
    list=extend_schema(summary="Therapy sessions, by day"),
    retrieve=extend_schema(summary="One therapy session"),
    destroy=extend_schema(summary="Remove a session that was recorded by mistake"),
)
class TherapySessionViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet[TherapySession],
):
    """Everybody who works at the site records sessions; the patient may say "I did it today"."""

    queryset = TherapySession.objects.none()
    serializer_class = SessionSerializer
    filterset_class = SessionFilters
    lookup_value_converter = "int"
    page_by = "day"

    def get_queryset(self) -> QuerySet[TherapySession]:
        rows = TherapySession.objects.for_staff(staff(self.request))
        return rows.select_related("site", "surgery", "by")

    @extend_schema(request=SessionInput, responses=SessionSerializer)
    def create(self, request: Request) -> Response:
        """Record one day's session. The same day again changes it. Idempotent."""
        given = SessionInput(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        session = therapy_sessions.write_session(**given.validated_data, by=staff(request), now=clock.now())
        return Response(self.get_serializer(self.get_queryset().get(pk=session.pk)).data)

    def perform_destroy(self, instance: TherapySession) -> None:
        """Remove the session through the action, which writes the audit row."""
        therapy_sessions.remove_session(instance, by=staff(self.request), now=clock.now())
