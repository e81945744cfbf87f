"""Draft, signed, retired. Only a surgeon of the site signs, and only what is sound."""

from datetime import datetime
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from patients import audit
from patients.models import StaffMember
from patients.models.staff import Role
from reminders.plan.models import CheckUpDefinition, Phase, ProtocolVersion, Step, StepText
from reminders.plan.models.protocol import VersionState
from reminders.plan.soundness import Words, faults
from reminders.plan.spec import read

M = TypeVar("M", Phase, CheckUpDefinition, Step, StepText)


@transaction.atomic
def sign(version: ProtocolVersion, *, by: StaffMember, now: datetime) -> None:
    """From now on it can be pinned and cannot change; an earlier signed version is retired, its patients stay on it."""
    version = (
        ProtocolVersion.objects.select_for_update(of=("self",)).select_related("protocol__site").get(pk=version.pk)
    )
    site = version.protocol.site
    if not by.is_at(site, Role.SURGEON):
        raise PermissionDenied(f"Only a surgeon of {site} can sign this protocol.")
    version.refuse_change()
    if wrong := faults(read(version), texts_of(version), site.languages):
        raise ValidationError(wrong)
    version.protocol.versions.signed().update(state=VersionState.RETIRED)
    version.state, version.signed_by, version.signed_at = VersionState.SIGNED, by, now
    version.save()
    audit.record("signed", of=version, by=by, now=now)


def texts_of(version: ProtocolVersion) -> dict[tuple[str, str], Words]:
    texts = StepText.objects.filter(step__version=version).select_related("step")
    return {(text.step.code, text.language): Words(text.sms, text.subject, text.body) for text in texts}


@transaction.atomic
def new_version(version: ProtocolVersion, *, by: StaffMember, now: datetime) -> ProtocolVersion:
    """A draft that begins as a copy: how a signed protocol is edited."""
    number = version.protocol.versions.order_by("-number").values_list("number", flat=True)[0] + 1
    draft = ProtocolVersion.objects.create(protocol=version.protocol, number=number)
    phases = {p.pk: _copy(p, version=draft) for p in Phase.objects.filter(version=version)}
    check_ups = {c.pk: _copy(c, version=draft) for c in CheckUpDefinition.objects.filter(version=version)}
    for step in Step.objects.filter(version=version):
        texts = list(step.texts.all())
        check_up = check_ups[step.check_up_id] if step.check_up_id else None
        new = _copy(step, version=draft, phase=phases[step.phase_id], check_up=check_up)
        for text in texts:
            _copy(text, step=new)
    audit.record("new version", of=draft, by=by, now=now, created=True)
    return draft


def _copy(row: M, **changed: object) -> M:
    row.pk, row._state.adding = None, True
    for name, value in changed.items():
        setattr(row, name, value)
    row.save()
    return row
