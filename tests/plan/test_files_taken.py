"""A file is taken into the database whole or not at all, and leaves it again as the same bytes."""

import pytest
from django.core.exceptions import PermissionDenied

from patients.models import Site, StaffMember
from patients.models.staff import Role
from reminders.plan.files.document_rows import export
from reminders.plan.files.import_draft import take
from reminders.plan.files.yaml_tree import UnreadableFile
from reminders.plan.models import Phase, StepText
from tests import given
from tests.given import NOW
from tests.plan.protocol_files import SMALL, changed, counts, shipped_version


def test_export_import_export_is_byte_equal(site: Site, surgeon: StaffMember) -> None:
    version = shipped_version(site)
    version.expected_pain = [[1, 4, 8]]
    version.save()
    version.steps.filter(code="walk-today").update(late_rule="skip", nature="activity")
    version.check_ups.filter(code="one-year").update(nature="activity")
    StepText.objects.filter(step__version=version, step__code="walk-today", language="en").update(
        body="One\r\n\r\nTwo  "
    )
    first = export(version)

    draft = take(first.encode(), site=site, new=False, by=surgeon, now=NOW)

    assert (draft.number, draft.state) == (2, "draft")
    assert export(draft) == first
    assert "late_rule: skip" in first
    assert first.count("nature: activity\n") == 2


def test_a_file_of_another_house_becomes_a_new_protocol(site: Site, surgeon: StaffMember) -> None:
    elsewhere = given.a_site("hilltop")
    theirs = export(shipped_version(elsewhere)).replace("code: vertebroplasty\n", "code: our-own\n", 1)

    draft = take(theirs.encode(), site=site, new=True, by=surgeon, now=NOW)

    assert (draft.protocol.site, draft.protocol.code, draft.number) == (site, "our-own", 1)
    assert export(draft) == theirs


def test_a_new_protocol_needs_a_code_of_its_own_and_a_version_the_code_it_belongs_to(
    site: Site, surgeon: StaffMember
) -> None:
    before = counts()
    unknown = changed(("code: vertebroplasty", "code: our-own")).encode()

    for data, new, said in (
        (SMALL, True, "Import it as a new version of that"),
        (unknown, False, "has no protocol “our-own”. Import it as a new protocol, or change the code"),
    ):
        with pytest.raises(UnreadableFile, match=said):
            take(data, site=site, new=new, by=surgeon, now=NOW)

    assert counts() == before


def test_what_the_tables_would_refuse_is_said_and_nothing_is_half_written(site: Site, surgeon: StaffMember) -> None:
    before = counts()
    wrong = changed(
        ("code: vertebroplasty", "code: our-own"),
        ("    first_day: 1\n    last_day: 14", "    first_day: 14\n    last_day: 1"),
        (
            "    anchor: surgery\n    check_up: null\n    offset_days: 0",
            "    anchor: surgery\n    check_up: null\n    offset_days: -3",
        ),
        ("{clinic}: ", "{nobody}: "),
    )

    with pytest.raises(UnreadableFile) as refused:
        take(wrong.encode(), site=site, new=True, by=surgeon, now=NOW)

    assert [sentence.split(":")[0].split(" ")[0] for sentence in refused.value.sentences] == ["Phase", "Step", "Step"]
    assert counts() == before


@pytest.mark.parametrize("role", [Role.RECEPTION, None])
def test_who_may_not_edit_may_not_import(site: Site, role: str | None) -> None:
    nobody = given.a_staff_member(site, role) if role else given.a_staff_member(given.a_site("hilltop"))
    before = counts()

    with pytest.raises(PermissionDenied):
        take(SMALL, site=site, new=False, by=nobody, now=NOW)

    assert counts() == before


def test_a_draft_with_faults_can_leave_and_come_back(site: Site, surgeon: StaffMember) -> None:
    """A colleague elsewhere may finish it: a file holds what is there, and signing asks for the rest."""
    version = shipped_version(site)
    version.steps.all().delete()
    Phase.objects.filter(version=version).update(do={}, avoid={"en": ["x"], "es": []})

    text = export(version)
    draft = take(text.encode(), site=site, new=False, by=surgeon, now=NOW)

    assert export(draft) == text
    assert not draft.steps.exists()
