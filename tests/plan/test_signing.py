"""Signing with open eyes: each warning is read by who signs; and a version is retired without its patients."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from patients import audit
from patients.models import Site, StaffMember
from patients.models.staff import Role
from reminders.plan import signing
from reminders.plan.models import ProtocolVersion, StepText
from reminders.plan.version_review import judge
from tests import given
from tests.given import NOW


@pytest.fixture
def dear(site: Site) -> ProtocolVersion:
    """A draft with two texts of two parts: nothing wrong, but to be known."""
    draft = ProtocolVersion.objects.get(protocol__site=site, protocol__code="vertebroplasty")
    long = "{clinic}: " + "Walk a little. " * 11 + "{emergency_number}"
    StepText.objects.filter(step__version=draft, step__code="check-in-1", language="en").update(sms=long)
    StepText.objects.filter(step__version=draft, step__code="walk-today", language="en").update(sms=long)
    return draft


def test_every_warning_is_ticked_before_a_version_is_signed(dear: ProtocolVersion, surgeon: StaffMember) -> None:
    known = judge(dear).warnings
    assert len(known) == 2

    for read in ([], known[:1], ["something else"]):
        with pytest.raises(ValidationError, match="Tick each as read before signing: ") as refusal:
            signing.sign(dear, by=surgeon, now=NOW, read=read)
        assert len(refusal.value.messages) == 2 - len(set(read) & set(known))
    dear.refresh_from_db()
    assert dear.state == "draft"

    signing.sign(dear, by=surgeon, now=NOW, read=known)

    dear.refresh_from_db()
    assert dear.state == "signed"
    assert audit.history(dear).last().details["warnings_read"] == 2


def test_phases_and_check_ups_need_a_title_in_each_language(site: Site, dear: ProtocolVersion) -> None:
    phase, check_up = dear.phases.all()[0], dear.check_ups.all()[0]
    for part in (phase, check_up):
        part.code, part.title = "same", {"en": "Same"}
        part.save()

    assert judge(dear).faults == [
        "Phase same has no title in es. The patient's own page shows it.",
        "Check-up same has no title in es. The patient's own page shows it.",
    ]


def test_ticking_a_warning_does_not_cover_a_fault(dear: ProtocolVersion, surgeon: StaffMember) -> None:
    StepText.objects.filter(step__version=dear, language="es").delete()
    verdict = judge(dear)

    with pytest.raises(ValidationError) as refusal:
        signing.sign(dear, by=surgeon, now=NOW, read=verdict.warnings)

    assert refusal.value.messages == verdict.faults
    assert len(verdict.faults) == dear.steps.count()


def test_a_retired_version_keeps_its_patients_and_takes_no_new_ones(
    site: Site, surgeon: StaffMember, version: ProtocolVersion
) -> None:
    surgery = given.an_enrolment(site, by=surgeon, version=version)

    signing.retire(version, by=surgeon, now=NOW)

    version.refresh_from_db()
    assert version.state == "retired"
    assert surgery.care_plan.version == version
    assert surgery.reminders.filter(status="planned").exists()
    with pytest.raises(ValidationError):
        given.an_enrolment(site, by=surgeon, version=version)


def test_surgeons_and_managers_retire_and_nobody_else(site: Site, version: ProtocolVersion) -> None:
    stranger = given.a_staff_member(given.a_site("hillside"))
    for nobody in (given.a_staff_member(site, Role.RECEPTION), stranger):
        with pytest.raises(PermissionDenied):
            signing.retire(version, by=nobody, now=NOW)

    signing.retire(version, by=given.a_staff_member(site, Role.MANAGER), now=NOW)

    with pytest.raises(ValidationError, match="Only a signed version can be retired"):
        signing.retire(version, by=given.a_staff_member(site, Role.MANAGER), now=NOW)


def test_a_new_version_keeps_the_expected_course_of_pain(version: ProtocolVersion, surgeon: StaffMember) -> None:
    draft = ProtocolVersion.objects.get(protocol__site=version.protocol.site, protocol__code="fusion")
    draft.expected_pain = [[1, 4, 8], [14, 2, 5]]
    draft.save()

    assert signing.new_version(draft, by=surgeon, now=NOW).expected_pain == [[1, 4, 8], [14, 2, 5]]
