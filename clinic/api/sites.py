"""The sites one works at."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.access import require_decider, staff
from clinic.api.fields import ClockTime, own_sites
from clinic.api.surgeon_changes import HandOverInput, HandOverSerializer
from patients import clock
from patients.models import Membership, Site
from patients.models.staff import Role
from reminders import surgeon_changes


class SurgeonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class SiteSerializer(serializers.ModelSerializer[Site]):
    surgeons = serializers.SerializerMethodField(help_text="The surgeons a surgery can be enrolled for.")
    your_roles = serializers.SerializerMethodField()
    phone = serializers.CharField(source="phone.as_e164", help_text="E.164; the number patients are told to call.")
    send_from = ClockTime(read_only=True, help_text="Quiet hours end.")
    send_until = ClockTime(read_only=True, help_text="Quiet hours begin.")
    staffed_from, staffed_until = ClockTime(read_only=True), ClockTime(read_only=True)
    languages = serializers.ListField(child=serializers.CharField(), help_text="BCP 47; the clinic's own first.")
    staffed_weekdays = serializers.ListField(child=serializers.IntegerField(), help_text="0 is Monday.")

    class Meta:
        model = Site
        fields = [
            "code", "name", "short_name", "time_zone", "languages", "phone", "address", "emergency_number", "send_from",
            "send_until", "staffed_from", "staffed_until", "staffed_weekdays", "mode", "treats_minors", "surgeons",
            "your_roles",
        ]  # fmt: skip

    @extend_schema_field(SurgeonSerializer(many=True))
    def get_surgeons(self, site: Site) -> list[dict[str, Any]]:
        here = [m.staff for m in site.memberships.all() if m.role == Role.SURGEON and m.staff.is_active]
        return [{"id": surgeon.pk, "name": str(surgeon)} for surgeon in here]

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(choices=Role.choices)))
    def get_your_roles(self, site: Site) -> list[str]:
        me = staff(self.context["request"])
        return [m.role for m in site.memberships.all() if m.staff_id == me.pk]


@extend_schema(tags=["sites"])
@extend_schema_view(
    list=extend_schema(summary="Your sites"), retrieve=extend_schema(summary="One of your sites, with its surgeons")
)
class SiteViewSet(viewsets.ReadOnlyModelViewSet[Site]):
    queryset = Site.objects.none()
    serializer_class = SiteSerializer
    lookup_field = "code"
    lookup_value_converter = "slug"

    @extend_schema(request=HandOverInput, responses=HandOverSerializer, summary="Hand over a surgeon's patients")
    @action(detail=True, methods=["post"], url_path="hand-over")
    def hand_over(self, request: Request, code: str) -> Response:
        """All patients of a surgeon who leaves go to another one: whose plan runs or who have a visit booked.

        With `dry_run` it says how many, and changes nothing. Surgeons and managers of the site."""
        site = self.get_object()
        me = require_decider(request, site, to="hand over patients")
        given = HandOverInput(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        facts = dict(given.validated_data)
        if facts.pop("dry_run"):
            found = surgeon_changes.look(site, leaving=facts["leaving"], by=me)
        else:
            found = surgeon_changes.hand_over(site, by=me, now=clock.now(), **facts)
        return Response(HandOverSerializer(found).data)

    def get_queryset(self) -> QuerySet[Site]:
        people = Membership.objects.select_related("staff").order_by("staff__last_name", "pk")
        return own_sites(staff(self.request)).prefetch_related(Prefetch("memberships", people))
