"""Each site's plans and their versions: what a signed one says can be read here word for word."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django_filters.filters import ChoiceFilter
from django_filters.filterset import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.access import staff
from clinic.api.fields import ClockTime, NameOf
from clinic.api.filtering import CodeFilter, ManyFilter
from clinic.api.schema import VERSION_NUMBER
from patients.models.surgery import Family
from reminders.plan.models import CheckUpDefinition, Phase, Protocol, ProtocolVersion, Step, StepText
from reminders.plan.models.protocol import VersionState
from reminders.plan.models.step import NATURES

NATURE = "What is safety stays on the calendar under pace, hold and phase moves; what is activity moves with them."


class WordsField(serializers.DictField):
    """Language tag → text."""

    child = serializers.CharField()


class VersionSerializer(serializers.ModelSerializer[ProtocolVersion]):
    signed_by = NameOf(help_text="The surgeon who signed it; null for a draft.")

    class Meta:
        model = ProtocolVersion
        fields = ["id", "number", "state", "signed_by", "signed_at"]


class ProtocolSerializer(serializers.ModelSerializer[Protocol]):
    site = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    versions = VersionSerializer(many=True, read_only=True)

    class Meta:
        model = Protocol
        fields = ["id", "site", "code", "name", "family", "summary", "versions"]


class PhaseSerializer(serializers.ModelSerializer[Phase]):
    title, do, avoid = WordsField(), WordsField(), WordsField()

    class Meta:
        model = Phase
        fields = ["code", "first_day", "last_day", "title", "do", "avoid"]


class CheckUpDefinitionSerializer(serializers.ModelSerializer[CheckUpDefinition]):
    title = WordsField()
    nature = serializers.ChoiceField(choices=NATURES, source="own_nature", help_text=NATURE)

    class Meta:
        model = CheckUpDefinition
        fields = ["code", "title", "first_day", "target_day", "last_day", "repeat_days", "nature", "note"]


class StepTextSerializer(serializers.ModelSerializer[StepText]):
    class Meta:
        model = StepText
        fields = ["language", "sms", "subject", "body"]


class StepSerializer(serializers.ModelSerializer[Step]):
    phase = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    check_up = serializers.SlugRelatedField[Any](slug_field="code", read_only=True, allow_null=True)
    channels = serializers.ListField(child=serializers.CharField(), help_text="In order of preference.")
    at = ClockTime(read_only=True, help_text="The patient's local time.")
    nature = serializers.ChoiceField(choices=NATURES, source="own_nature", help_text=NATURE)
    texts = StepTextSerializer(many=True)

    class Meta:
        model = Step
        fields = [
            "code", "kind", "title", "phase", "anchor", "check_up", "offset_days", "at", "channels", "condition",
            "repeat_days", "repeat_count", "useful_days", "staffed_days_only", "warning", "nature", "why", "texts",
        ]  # fmt: skip


class BlankSerializer(serializers.Serializer[Any]):
    value = serializers.CharField(help_text='"" is open, "struck" takes its sentences out, else such as "10 lb".')
    why = serializers.CharField(help_text="Where ranges come from.")


class VersionContentSerializer(VersionSerializer):
    blanks = serializers.DictField(child=BlankSerializer(), help_text="What a surgeon fills in, by placeholder.")
    advice = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="Questions people ask, per language: each line a question and its answer.",
    )
    phases = PhaseSerializer(many=True)
    check_ups = CheckUpDefinitionSerializer(many=True)
    steps = StepSerializer(many=True)

    class Meta(VersionSerializer.Meta):
        fields = [*VersionSerializer.Meta.fields, "blanks", "advice", "phases", "check_ups", "steps"]


class ProtocolFilters(FilterSet):
    site = CodeFilter(field_name="site__code")
    family = ManyFilter(choices=Family.choices)
    code = CodeFilter()
    state = ChoiceFilter(
        choices=VersionState.choices, method="with_version", label="Only protocols with a version in this state."
    )

    def with_version(self, rows: QuerySet[Protocol], _name: str, state: str) -> QuerySet[Protocol]:
        """Protocols that have a version in this state."""
        return rows.filter(pk__in=ProtocolVersion.objects.filter(state=state).values("protocol"))


@extend_schema(tags=["protocols"])
@extend_schema_view(
    list=extend_schema(summary="The protocols of your sites"), retrieve=extend_schema(summary="One protocol")
)
class ProtocolViewSet(viewsets.ReadOnlyModelViewSet[Protocol]):
    queryset = Protocol.objects.none()
    serializer_class = ProtocolSerializer
    filterset_class = ProtocolFilters
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[Protocol]:
        versions = Prefetch("versions", ProtocolVersion.objects.select_related("signed_by"))
        return Protocol.objects.for_staff(staff(self.request)).select_related("site").prefetch_related(versions)

    @extend_schema(parameters=[VERSION_NUMBER], responses=VersionContentSerializer, filters=False)
    @action(detail=True, url_path="versions/<int:number>")
    def version(self, request: Request, pk: int, number: int) -> Response:
        """One version whole: phases, check-ups, steps and their texts."""
        steps = Step.objects.select_related("phase", "check_up").prefetch_related("texts")
        versions = ProtocolVersion.objects.for_staff(staff(request)).select_related("signed_by")
        parts = versions.prefetch_related("phases", "check_ups", Prefetch("steps", steps))
        return Response(VersionContentSerializer(get_object_or_404(parts, protocol=pk, number=number)).data)
