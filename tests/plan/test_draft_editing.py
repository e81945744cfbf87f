"""A draft is edited by surgeons and managers of its site, a signed version by nobody, whatever page asks for it."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from patients.models import Site, StaffMember
from reminders.plan import draft_editing
from reminders.plan.models import ProtocolVersion, Step
from tests import given
from tests.given import NOW

ACTS: list[Callable[[Step, StaffMember], object]] = [
    lambda step, by: draft_editing.move_step(step, to=step.offset_days + 1, was=step.offset_days, by=by, now=NOW),
    lambda step, by: draft_editing.remove(step, by=by, now=NOW),
]
both = pytest.mark.parametrize("act", ACTS, ids=["move", "remove"])


@pytest.fixture
def step(site: Site) -> Step:
    draft = ProtocolVersion.objects.get(protocol__site=site, protocol__code="vertebroplasty")
    return draft.steps.order_by("pk")[0]


@both
@pytest.mark.parametrize("role", ["surgeon", "manager"])
def test_surgeons_and_managers_of_the_site_edit_a_draft(site: Site, step: Step, act: Callable, role: str) -> None:
    days = step.offset_days

    act(step, given.a_staff_member(site, role))

    assert not Step.objects.filter(version=step.version, code=step.code, offset_days=days).exists()


@both
def test_reception_and_a_stranger_edit_none(site: Site, step: Step, act: Callable) -> None:
    for nobody in (given.a_staff_member(site, "reception"), given.a_staff_member(given.a_site("hillside"))):
        with pytest.raises(PermissionDenied, match="Only a surgeon or a manager"):
            act(step, nobody)

    assert Step.objects.filter(pk=step.pk, offset_days=step.offset_days).exists()


@both
def test_a_signed_version_is_edited_by_nobody(surgeon: StaffMember, version: ProtocolVersion, act: Callable) -> None:
    with pytest.raises(ValidationError, match="cannot change"):
        act(version.steps.all()[0], surgeon)
