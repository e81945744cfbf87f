"""What is asked to change a surgeon, of one patient or of all; the viewsets are those of surgeries and sites."""

from typing import Any

from django.db.models import Q, QuerySet
from rest_framework import serializers

from clinic.api.fields import Colleague, Strict, Text, own_sites
from patients.models import StaffMember


class SurgeonInput(Strict):
    surgeon = Colleague(queryset=StaffMember.objects.all(), help_text="The id of a surgeon of the site.")
    why = Text(max_length=200, help_text="The reason, in a few words; staff read it.")


class Former(Colleague):
    """Who leaves may be switched off already."""

    def own(self, rows: Any, me: StaffMember) -> QuerySet[Any]:
        """Of `rows`, those of the caller's sites, or with patients there."""
        here = own_sites(me)
        found: QuerySet[Any] = rows.filter(Q(sites__in=here) | Q(surgeries__site__in=here)).distinct()
        return found


class HandOverInput(Strict):
    leaving = Former(queryset=StaffMember.objects.all(), help_text="The id of the surgeon who leaves.")
    to = Colleague(queryset=StaffMember.objects.all(), help_text="The id of a surgeon of the site.")
    why = Text(max_length=200, help_text="The reason, in a few words; staff read it.")
    dry_run = serializers.BooleanField(default=False, help_text="Answer with what would change, and change nothing.")


class HandOverSerializer(serializers.Serializer[Any]):
    surgeries, patients = serializers.IntegerField(), serializers.IntegerField()
    visits = serializers.IntegerField(help_text="Booked visits of these operations.")
    alerts = serializers.IntegerField(help_text="Open alerts that the surgeon who leaves had taken.")
    signed = serializers.IntegerField(help_text="Versions this surgeon signed; they stay in force.")
