"""Drafts: one is begun, a step moves to another day, a part is taken out. Signed versions refuse all of it."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from patients import audit
from patients.models import StaffMember
from patients.models.staff import Role
from reminders.plan.models import CheckUpDefinition, Phase, Protocol, ProtocolVersion, Step

EDITORS = (Role.SURGEON, Role.MANAGER)


def next_version(protocol: Protocol) -> ProtocolVersion:
    """An empty draft with a number of its own, whoever else begins one at this moment."""
    held = Protocol.objects.select_for_update().get(pk=protocol.pk)
    last = held.versions.order_by("-number").values_list("number", flat=True).first() or 0
    return ProtocolVersion.objects.create(protocol=protocol, number=last + 1)


@transaction.atomic
def move_step(step: Step, *, to: int | None, was: int | None, by: StaffMember, now: datetime) -> Step:
    """To another day: `to` and `was` count from what it hangs on. Refused when somebody moved it in the meantime."""
    if to is None:
        raise ValidationError("A day is a whole number, such as 10, or -3 for three days before.")
    version = held_draft(step.version, by=by)
    step = version.steps.get(pk=step.pk)
    if step.offset_days != was:
        raise ValidationError(
            f"“{step}” was moved by somebody else meanwhile, to {step.offset_days:+d} days. Check it, then move it."
        )
    step.offset_days = to
    step.full_clean()
    step.save()
    audit.record("step moved", of=version, by=by, now=now, step=step.title, was=was, to=to)
    return step


@transaction.atomic
def remove(part: Phase | CheckUpDefinition | Step, *, by: StaffMember, now: datetime) -> None:
    """A phase or a check-up goes only when no step needs it any more."""
    version = held_draft(part.version, by=by)
    if not isinstance(part, Step) and (steps := list(part.steps.all()[:3])):
        needs = ", ".join(f"“{step}”" for step in steps)
        raise ValidationError(f"“{part}” is needed by {needs}. Move or remove its steps first.")
    title = str(part)
    part.delete()
    audit.record("part removed", of=version, by=by, now=now, what=title)


def held_draft(version: ProtocolVersion, *, by: StaffMember) -> ProtocolVersion:
    """Locked until the transaction ends, so that two people edit one after the other."""
    rows = ProtocolVersion.objects.select_for_update(of=("self",)).select_related("protocol__site")
    held = rows.get(pk=version.pk)
    if not by.is_at(held.protocol.site, *EDITORS):
        raise PermissionDenied(f"Only a surgeon or a manager of {held.protocol.site} can edit this draft.")
    held.refuse_change()
    return held
