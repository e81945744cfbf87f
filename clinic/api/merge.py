"""Two patient numbers of one person become one: what is sent, and what is answered."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import serializers

from clinic.api.fields import Strict
from clinic.api.problems import Conflict
from patients.models import Patient, StaffMember
from reminders import merge
from reminders.merge_preview import MergePreview


class MergeInput(Strict):
    into = serializers.IntegerField(min_value=1, help_text="The id of the patient whose number stays.")
    preview = serializers.BooleanField(default=False, help_text="Answer with what would move, and change nothing.")


class SharedAddressSerializer(serializers.Serializer[Any]):
    kept = serializers.IntegerField(help_text="The id of the contact that stays in use.")
    ended = serializers.IntegerField(allow_null=True, help_text="The other contact with this address, where it ends.")
    changes = serializers.ListField(child=serializers.CharField(), help_text="The stricter of both records wins.")


class MergeSerializer(serializers.Serializer[Any]):
    applied = serializers.BooleanField()
    patient = serializers.IntegerField(help_text="Whose number becomes a former one.")
    into = serializers.IntegerField(help_text="Whose number stays.")
    contacts_moved = serializers.ListField(child=serializers.IntegerField())
    addresses = SharedAddressSerializer(many=True, help_text="That both knew.")
    operations_moved = serializers.ListField(child=serializers.IntegerField())
    replies = serializers.IntegerField()
    alerts = serializers.IntegerField()
    check_ins = serializers.IntegerField()
    therapy_sessions = serializers.IntegerField()
    warnings = serializers.ListField(child=serializers.CharField())


def merged(patient: Patient, into: Patient, *, by: StaffMember, now: datetime, dry_run: bool) -> dict[str, Any]:
    """Raises Conflict with what to do first."""
    try:
        done = merge.look(patient, into=into, by=by) if dry_run else merge.merge(patient, into=into, by=by, now=now)
    except ValidationError as error:
        raise Conflict(" ".join(error.messages)) from None
    if done.problems:
        raise Conflict(" ".join(done.problems))
    return dict(MergeSerializer(_told(done, applied=not dry_run)).data)


def _told(done: MergePreview, *, applied: bool) -> dict[str, Any]:
    return {
        "applied": applied,
        "patient": done.patient.pk,
        "into": done.into.pk,
        "contacts_moved": [contact.pk for contact in done.moved],
        "addresses": [
            {"kept": one.kept.pk, "ended": one.ended.pk if one.ended else None, "changes": one.changes}
            for one in done.addresses
        ],
        "operations_moved": [surgery.pk for surgery in done.surgeries],
        **done.counts,
        "warnings": done.warnings,
    }
