"""A signed version never changes, through whichever door somebody tries."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction

from patients.models import Site, StaffMember
from patients.models.staff import Role
from reminders.plan import signed_guard, signing
from reminders.plan.models import CheckUpDefinition, Phase, Protocol, ProtocolVersion, Step, StepText
from tests import given
from tests.given import NOW

PARTS: list[type[models.Model]] = [Phase, CheckUpDefinition, Step, StepText]
TITLED = {Phase: "code", CheckUpDefinition: "note", Step: "title", StepText: "sms"}
each_part = pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)


@pytest.fixture
def draft(site: Site) -> ProtocolVersion:
    return ProtocolVersion.objects.get(protocol__site=site, protocol__code="vertebroplasty")


@pytest.fixture(params=["signed", "retired"])
def finished(request: pytest.FixtureRequest, version: ProtocolVersion) -> ProtocolVersion:
    ProtocolVersion.objects.filter(pk=version.pk).update(state=request.param)
    return version


def parts_of(version: ProtocolVersion, part: type[models.Model]) -> models.QuerySet[models.Model]:
    path = "step__version" if part is StepText else "version"
    return part._default_manager.filter(**{path: version}).order_by("pk")


def refused(change: Callable[[], object]) -> None:
    with (
        pytest.raises(IntegrityError, match=r"A signed protocol version never changes\. Make a new"),
        transaction.atomic(),
    ):
        change()


# What the database refuses ----------------------------------------------------------------------------------------


@each_part
def test_no_bulk_update_reaches_a_signed_version(finished: ProtocolVersion, part: type[models.Model]) -> None:
    refused(lambda: parts_of(finished, part).update(**{TITLED[part]: "changed"}))


@each_part
def test_no_row_of_a_signed_version_is_deleted(finished: ProtocolVersion, part: type[models.Model]) -> None:
    rows = parts_of(finished, part)

    refused(lambda: rows._raw_delete(rows.db))


@each_part
def test_no_row_is_slipped_into_a_signed_version(finished: ProtocolVersion, part: type[models.Model]) -> None:
    row = parts_of(finished, part)[0]
    row.pk = None
    for name in ("code", "language"):
        if hasattr(row, name):
            setattr(row, name, "new")

    refused(lambda: part._default_manager.bulk_create([row]))


@each_part
def test_no_row_of_a_draft_is_moved_into_a_signed_version(
    finished: ProtocolVersion, draft: ProtocolVersion, part: type[models.Model]
) -> None:
    goal = {"step": finished.steps.all()[0], "language": "fr"} if part is StepText else {"version": finished}
    one = parts_of(draft, part)[:1].values("pk")

    refused(lambda: part._default_manager.filter(pk__in=list(one.values_list("pk", flat=True))).update(**goal))


@pytest.mark.parametrize(
    "change",
    [{"state": "draft"}, {"number": 9}, {"signed_at": NOW.replace(year=2020)}, {"state": "retired", "number": 9}],
)
def test_a_signature_is_not_taken_back(version: ProtocolVersion, change: dict[str, object]) -> None:
    refused(lambda: ProtocolVersion.objects.filter(pk=version.pk).update(**change))


def test_a_retired_version_is_not_brought_back(version: ProtocolVersion) -> None:
    ProtocolVersion.objects.filter(pk=version.pk).update(state="retired")

    refused(lambda: ProtocolVersion.objects.filter(pk=version.pk).update(state="signed"))


def test_a_signed_version_is_not_deleted_with_its_protocol(version: ProtocolVersion) -> None:
    refused(lambda: Protocol.objects.filter(pk=version.protocol_id).delete())


def test_a_signed_version_saved_unchanged_is_no_change(version: ProtocolVersion) -> None:
    version.save()


# What the models refuse first, with a sentence --------------------------------------------------------------------


@each_part
def test_a_form_says_what_to_do_instead(finished: ProtocolVersion, part: type[models.Model]) -> None:
    row = parts_of(finished, part)[0]

    for change in (row.save, row.delete):
        with pytest.raises(ValidationError, match="Make a new version and edit that"):
            change()


# What stays possible ----------------------------------------------------------------------------------------------


@each_part
def test_a_draft_can_be_edited(draft: ProtocolVersion, part: type[models.Model]) -> None:
    row = parts_of(draft, part)[0]
    setattr(row, TITLED[part], "changed")

    row.save()

    assert parts_of(draft, part).update(**{TITLED[part]: "again"} if TITLED[part] != "code" else {"last_day": None})


def test_a_whole_draft_can_be_deleted(draft: ProtocolVersion) -> None:
    draft.delete()

    assert not Step.objects.filter(version_id=draft.pk)


def test_a_protocol_that_was_never_signed_can_be_deleted(draft: ProtocolVersion) -> None:
    draft.protocol.delete()

    assert not ProtocolVersion.objects.filter(pk=draft.pk)


def test_a_table_can_be_altered_and_the_guard_is_back(site: Site, surgeon: StaffMember) -> None:
    """As a migration does on SQLite, where it builds the table anew."""
    signed_guard.lift(connection)
    signed_guard.set_up(connection)
    signed_guard.set_up(connection)

    version = given.a_signed_version(site, by=surgeon)
    refused(lambda: version.steps.update(title="changed"))


@pytest.mark.django_db(transaction=True)
def test_emptying_the_database_is_not_stopped_and_the_guard_stays() -> None:
    site = given.a_site()
    given.a_signed_version(site, by=given.a_staff_member(site))

    call_command("flush", verbosity=0, interactive=False)

    assert not ProtocolVersion.objects.exists()
    again = given.a_site()
    version = given.a_signed_version(again, by=given.a_staff_member(again))
    refused(lambda: version.steps.update(title="changed"))


# Signing ----------------------------------------------------------------------------------------------------------


def test_a_surgeon_of_the_site_signs(site: Site, surgeon: StaffMember, draft: ProtocolVersion) -> None:
    signing.sign(draft, by=surgeon, now=NOW)

    draft.refresh_from_db()
    assert (draft.state, draft.signed_by, draft.signed_at) == ("signed", surgeon, NOW)


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.MANAGER])
def test_nobody_but_a_surgeon_signs(site: Site, draft: ProtocolVersion, role: str) -> None:
    with pytest.raises(PermissionDenied, match="Only a surgeon of Riverside Spine Clinic"):
        signing.sign(draft, by=given.a_staff_member(site, role), now=NOW)


def test_a_surgeon_of_another_site_does_not_sign(draft: ProtocolVersion) -> None:
    stranger = given.a_staff_member(given.a_site("hillside"))

    with pytest.raises(PermissionDenied):
        signing.sign(draft, by=stranger, now=NOW)


def test_signing_twice_is_refused(version: ProtocolVersion, surgeon: StaffMember) -> None:
    with pytest.raises(ValidationError, match="is signed and cannot change"):
        signing.sign(version, by=surgeon, now=NOW)


def test_what_is_not_sound_is_not_signed(draft: ProtocolVersion, surgeon: StaffMember) -> None:
    StepText.objects.filter(step__version=draft, step__code="walk-today", language="es").delete()
    StepText.objects.filter(step__version=draft, step__code="check-in-1", language="en").update(sms="{nurse}")

    with pytest.raises(ValidationError) as refusal:
        signing.sign(draft, by=surgeon, now=NOW)

    assert sorted(message.split(".")[0] for message in refusal.value.messages) == [
        "check-in-1, en: Unknown placeholder: {nurse}",
        "walk-today has no text in es",
    ]


def test_an_edit_is_a_new_version_that_begins_as_a_copy(version: ProtocolVersion, surgeon: StaffMember) -> None:
    draft = signing.new_version(version, by=surgeon, now=NOW)

    assert (draft.number, draft.state) == (2, "draft")
    for part in PARTS:
        assert contents(draft, part) == contents(version, part)
    assert not draft.steps.exclude(phase__version=draft)
    assert not draft.steps.filter(check_up__isnull=False).exclude(check_up__version=draft)


def contents(version: ProtocolVersion, part: type[models.Model]) -> list[dict[str, object]]:
    own = {"id", "version_id", "phase_id", "check_up_id", "step_id"}
    rows = parts_of(version, part)
    linked = [f"{name}__code" for name in ("phase", "check_up", "step") if hasattr(part, name)]
    fields = [field.attname for field in part._meta.concrete_fields if field.attname not in own]
    return sorted(rows.values(*fields, *linked), key=repr)


def test_signing_the_new_version_retires_the_old_one(version: ProtocolVersion, surgeon: StaffMember) -> None:
    draft = signing.new_version(version, by=surgeon, now=NOW)

    signing.sign(draft, by=surgeon, now=NOW)

    version.refresh_from_db()
    assert version.state == "retired"
    assert version.protocol.signed_version == draft
