"""Kinds of operation, and which protocol each starts with at one's own sites."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django_filters.filterset import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets

from clinic.api.access import staff
from clinic.api.fields import own_sites
from clinic.api.filtering import ManyFilter
from patients.models import Procedure
from patients.models.surgery import Family
from reminders.plan.models import DefaultProtocol, ProtocolVersion


class DefaultProtocolSerializer(serializers.Serializer[Any]):
    site = serializers.CharField()
    protocol = serializers.IntegerField()
    signed_version = serializers.IntegerField(
        allow_null=True, help_text="Null: no surgeon has signed one yet, so nothing can be enrolled on it."
    )


class ProcedureSerializer(serializers.ModelSerializer[Procedure]):
    default_protocols = serializers.SerializerMethodField()

    class Meta:
        model = Procedure
        fields = ["code", "name", "family", "default_protocols"]

    @extend_schema_field(DefaultProtocolSerializer(many=True))
    def get_default_protocols(self, procedure: Procedure) -> list[dict[str, Any]]:
        return [
            {
                "site": default.site.code,
                "protocol": default.protocol_id,
                "signed_version": next((version.pk for version in default.protocol.versions.all()), None),
            }
            for default in procedure.default_protocols.all()
        ]


class ProcedureFilters(FilterSet):
    family = ManyFilter(choices=Family.choices)


@extend_schema(tags=["procedures"])
@extend_schema_view(list=extend_schema(summary="All procedures"), retrieve=extend_schema(summary="One procedure"))
class ProcedureViewSet(viewsets.ReadOnlyModelViewSet[Procedure]):
    queryset = Procedure.objects.none()
    serializer_class = ProcedureSerializer
    filterset_class = ProcedureFilters
    lookup_field = "code"
    lookup_value_converter = "slug"

    def get_queryset(self) -> QuerySet[Procedure]:
        mine = DefaultProtocol.objects.filter(site__in=own_sites(staff(self.request))).order_by("site__code")
        signed = Prefetch("protocol__versions", ProtocolVersion.objects.signed())
        defaults = mine.select_related("site", "protocol").prefetch_related(signed)
        return Procedure.objects.prefetch_related(Prefetch("default_protocols", defaults))
