"""Draft, signed, retired. Only a surgeon of the site signs, and only what is sound."""

from collections.abc import Collection
from datetime import datetime
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from patients import audit
from patients.models import StaffMember
from patients.models.staff import Role
from reminders.plan.draft_editing import next_version
from reminders.plan.files.document_rows import fingerprint
from reminders.plan.models import CheckUpDefinition, Phase, ProtocolVersion, Step, StepText
from reminders.plan.models.protocol import VersionState
from reminders.plan.version_review import judge

M = TypeVar("M", Phase, CheckUpDefinition, Step, StepText)


@transaction.atomic
def sign(
    version: ProtocolVersion, *, by: StaffMember, now: datetime, read: Collection[str] = (), seen: str | None = None
) -> None:
    """Sign a version: it can be chosen and cannot change; an earlier signed one is retired, its patients stay.

    `read`: the warnings the surgeon ticked, word for word. Raises ValidationError with every fault, or with every
    warning that is not among them: one that came up since counts as unread. `seen`: the fingerprint of what the
    surgeon was shown; what somebody changed since is not signed unread either.
    """
    version = _held(version)
    if not by.is_at(version.protocol.site, Role.SURGEON):
        raise PermissionDenied(f"Only a surgeon of {version.protocol.site} can sign this protocol.")
    version.refuse_change()
    if seen is not None and seen != fingerprint(version):
        raise ValidationError(f"{version} was changed while you were reading it. Look at it again, then sign.")
    verdict = judge(version)
    if verdict.faults:
        raise ValidationError(verdict.faults)
    if unread := [warning for warning in verdict.warnings if warning not in read]:
        raise ValidationError([f"Tick each as read before signing: {warning}" for warning in unread])
    version.protocol.versions.signed().update(state=VersionState.RETIRED)
    version.state, version.signed_by, version.signed_at = VersionState.SIGNED, by, now
    version.save()
    audit.record("signed", of=version, by=by, now=now, warnings_read=len(verdict.warnings))


@transaction.atomic
def retire(version: ProtocolVersion, *, by: StaffMember, now: datetime) -> None:
    """Retire a version: nobody new is enrolled on it. Its patients stay on it to the end."""
    version = _held(version)
    if not by.is_at(version.protocol.site, Role.SURGEON, Role.MANAGER):
        raise PermissionDenied(f"Only a surgeon or a manager of {version.protocol.site} can retire this version.")
    if version.state != VersionState.SIGNED:
        raise ValidationError(f"{version} is {version.state}. Only a signed version can be retired.")
    version.state = VersionState.RETIRED
    version.save()
    audit.record("retired", of=version, by=by, now=now)


def _held(version: ProtocolVersion) -> ProtocolVersion:
    """Read anew and locked: what is signed is what was judged."""
    rows = ProtocolVersion.objects.select_for_update(of=("self",)).select_related("protocol__site")
    return rows.get(pk=version.pk)


@transaction.atomic
def new_version(version: ProtocolVersion, *, by: StaffMember, now: datetime) -> ProtocolVersion:
    """Start a draft as a copy of a version: how a signed protocol is edited."""
    draft = next_version(version.protocol)
    draft.expected_pain, draft.blanks, draft.advice = version.expected_pain, version.blanks, version.advice
    draft.save()
    phases = {p.pk: _copy(p, version=draft) for p in Phase.objects.filter(version=version)}
    check_ups = {c.pk: _copy(c, version=draft) for c in CheckUpDefinition.objects.filter(version=version)}
    for step in Step.objects.filter(version=version):
        texts = list(step.texts.all())
        check_up = check_ups[step.check_up_id] if step.check_up_id else None
        new = _copy(step, version=draft, phase=phases[step.phase_id], check_up=check_up)
        for text in texts:
            _copy(text, step=new)
    audit.record("new version", of=draft, by=by, now=now)
    return draft


def _copy(row: M, **changed: object) -> M:
    row.pk, row._state.adding = None, True
    for name, value in changed.items():
        setattr(row, name, value)
    row.save()
    return row
