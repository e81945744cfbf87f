"""What must never be true is refused by the database, by a name that reads aloud."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from patients.models import (
    AuditEntry,
    CalendarFeed,
    CheckUp,
    ClosedDay,
    ColumnMapping,
    ConsentEvent,
    Contact,
    ImportedRows,
    ImportRun,
    Membership,
    OpenHoliday,
    Patient,
    PatientWord,
    Procedure,
    Site,
    StaffMember,
    Surgery,
    TherapySession,
    VisitChange,
)
from reminders import visit_actions
from reminders.plan.models import (
    CarePlan,
    CheckUpDefinition,
    DefaultProtocol,
    Phase,
    Protocol,
    ProtocolVersion,
    Reminder,
    Step,
    StepText,
)
from tests import given
from tests.given import NOW


@pytest.fixture
def somebody(site: Site, surgeon: StaffMember) -> Surgery:
    """A clinic with a patient, a plan, a closed day and a draft: one row at least in every table of the plan."""
    ClosedDay.objects.create(site=site, date=NOW.date())
    OpenHoliday.objects.create(site=site, date=NOW.date())
    surgery = given.an_enrolment(site, given.a_phone(), given.an_email(), by=surgeon, key="form-1")
    TherapySession.objects.create(site=site, surgery=surgery, day=NOW.date(), at=NOW)
    for whose in ({}, {"patient": surgery.patient}, {"surgeon": surgeon}):
        CalendarFeed.objects.create(site=site, made_by=surgeon, made_at=NOW, **whose)
    ColumnMapping.objects.create(site=site, kind="patients", column="beeper", field="phone")
    ImportedRows.objects.create(run=ImportRun.objects.create(site=site, by=surgeon, at=NOW, content=b"number"), first=0)
    first = surgery.check_ups.get(code="first-visit")
    visit_actions.book_visit(first, at=NOW + 10 * DAY, by=surgeon, now=NOW)
    return surgery


def doubled(model: type[models.Model], **change: object) -> Callable[[], object]:
    """A second row with the same unique values as one that is there."""

    def add() -> object:
        row = model._default_manager.filter(**draft_only(model)).order_by("pk")[0]
        row.pk, row._state.adding = None, True
        for name, value in change.items():
            setattr(row, name, value)
        return model._default_manager.bulk_create([row])

    return add


def changed(model: type[models.Model], **change: object) -> Callable[[], object]:
    """One row that is there, with a value it must not have."""

    def update() -> object:
        row = model._default_manager.filter(**draft_only(model)).order_by("pk")[0]
        return model._default_manager.filter(pk=row.pk).update(**change)

    return update


def draft_only(model: type[models.Model]) -> dict[str, str]:
    """A signed version would refuse for another reason."""
    path = {Phase: "version__", CheckUpDefinition: "version__", Step: "version__", StepText: "step__version__"}
    own = {ProtocolVersion: ""} | path
    return {f"{own[model]}state": "draft"} if model in own else {}


DAY = timedelta(days=1)
CASES: list[tuple[str, Callable[[], object]]] = [
    ("sends_from_before_until", changed(Site, send_from="20:00", send_until="09:00")),
    ("staffed_from_before_until", changed(Site, staffed_from="18:00", staffed_until="08:00")),
    ("site_mode_is_known", changed(Site, mode="silent")),
    ("site_unknown_policy_is_known", changed(Site, when_unknown="guess")),
    ("text_limits_make_sense", changed(Site, texts_a_day=5, texts_a_week=4)),
    ("visits_open_before_close", changed(Site, visits_open="17:00", visits_close="09:00")),
    ("visits_take_time_and_room", changed(Site, visits_at_once=0)),
    ("merged_patient_leads_to_another", changed(Patient, status="merged")),
    ("calendar_feed_of_one", lambda: feed_of_both()),
    ("one_calendar_feed_of_a_site", lambda: doubled_feed(patient=None, surgeon=None)),
    ("one_calendar_feed_of_a_patient", lambda: doubled_feed(patient__isnull=False)),
    ("one_calendar_feed_of_a_surgeon", lambda: doubled_feed(surgeon__isnull=False)),
    ("surgery_is_ended_or_cancelled_not_both", changed(Surgery, ended_at=NOW, cancelled_at=NOW)),
    ("not_needed_check_up_says_why", changed(CheckUp, state="not_needed")),
    ("one_visit_change_per_number", doubled(VisitChange)),
    ("visit_change_kind_is_known", changed(VisitChange, kind="lost")),
    ("one_closed_day_per_date", doubled(ClosedDay)),
    ("one_open_holiday_per_date", doubled(OpenHoliday)),
    ("one_mapping_per_column", doubled(ColumnMapping)),
    ("column_mapping_kind_is_known", changed(ColumnMapping, kind="letters")),
    ("import_state_is_known", changed(ImportRun, state="lost")),
    ("imported_file_is_deleted", changed(ImportRun, state="finished")),
    ("rows_are_reported_once", doubled(ImportedRows)),
    ("one_membership_per_role", doubled(Membership)),
    ("role_is_known", changed(Membership, role="janitor")),
    ("one_patient_per_number", doubled(Patient)),
    ("patient_has_number", changed(Patient, number="")),
    ("patient_has_a_name", changed(Patient, given_name="", family_name="")),
    ("birth_known_is_known", changed(Patient, birth_known="week")),
    ("one_row_per_word_of_a_patient", doubled(PatientWord)),
    ("patient_status_is_known", changed(Patient, status="unwell")),
    ("contact_is_phone_or_email", changed(Contact, phone="+12025550111", email="both@example.org")),
    ("contact_is_phone_or_email", changed(Contact, phone="", email="")),
    ("one_contact_per_phone", doubled(Contact)),
    ("one_contact_per_email", lambda: doubled_email()),
    ("consent_kind_is_known", changed(ConsentEvent, kind="maybe")),
    ("consent_has_wording", changed(ConsentEvent, wording="")),
    ("message_budget_makes_sense", changed(Site, messages_a_day=3, messages_a_week=2)),
    ("levels_are_few", changed(Surgery, levels=0)),
    ("asa_class_is_1_to_4", changed(Surgery, asa_class=5)),
    ("one_therapy_session_per_day", doubled(TherapySession)),
    ("therapy_session_state_is_known", changed(TherapySession, state="perhaps")),
    ("audit_entry_has_a_verb", doubled(AuditEntry, verb="")),
    ("audit_of_a_patient_has_a_site", lambda: audited_nowhere()),
    ("one_surgery_per_patient_and_day", doubled(Surgery, enrolment_key="")),
    ("one_surgery_per_enrolment_key", doubled(Surgery, date=NOW.date() + DAY)),
    ("one_check_up_per_occurrence", doubled(CheckUp)),
    ("booked_check_up_has_time", changed(CheckUp, state="booked", booked_for=None)),
    ("check_up_target_in_window", changed(CheckUp, target_day=NOW.date() + 400 * DAY)),
    ("check_up_state_is_known", changed(CheckUp, state="perhaps")),
    ("one_protocol_per_code", doubled(Protocol)),
    ("one_default_protocol_per_procedure", doubled(DefaultProtocol)),
    ("one_version_per_number", doubled(ProtocolVersion)),
    ("signed_version_has_signature", changed(ProtocolVersion, state="signed", signed_by=None)),
    ("one_signed_version_per_protocol", lambda: second_signed_version()),
    ("one_phase_per_code", doubled(Phase)),
    ("phase_ends_after_it_begins", changed(Phase, first_day=9, last_day=8)),
    ("one_check_up_definition_per_code", doubled(CheckUpDefinition)),
    ("check_up_definition_in_order", changed(CheckUpDefinition, first_day=9, target_day=8)),
    ("check_up_repeats_rarely", changed(CheckUpDefinition, repeat_days=7)),
    ("check_up_definition_nature_is_known", changed(CheckUpDefinition, nature="urgent")),
    ("one_step_per_code", doubled(Step)),
    ("visit_step_names_its_check_up", changed(Step, anchor="visit", check_up=None)),
    ("no_step_before_the_operation", changed(Step, anchor="surgery", offset_days=-1)),
    ("step_repeats_by_days", changed(Step, repeat_days=0)),
    ("step_repeats_below_100", changed(Step, repeat_count=100)),
    ("step_late_rule_is_known", changed(Step, late_rule="never")),
    ("step_nature_is_known", changed(Step, nature="urgent")),
    ("one_text_per_language", doubled(StepText)),
    ("one_reminder_per_step_and_occurrence", doubled(Reminder)),
    ("reminder_is_useful_when_due", changed(Reminder, due_at=NOW, useful_until=NOW)),
    ("reminder_status_is_known", changed(Reminder, status="lost")),
    *(
        ("nothing_is_silent", changed(Reminder, status=status, reason=""))
        for status in ("skipped", "cancelled", "suppressed", "expired", "failed")
    ),
]


def doubled_email() -> object:
    row = Contact.objects.exclude(email="").get()
    row.pk = None
    return Contact.objects.bulk_create([row])


def doubled_feed(**which: object) -> object:
    row = CalendarFeed.objects.get(**which)
    row.pk, row.key, row._state.adding = None, "another", True
    return CalendarFeed.objects.bulk_create([row])


def feed_of_both() -> object:
    return CalendarFeed.objects.exclude(patient=None).update(surgeon=StaffMember.objects.all()[0], revoked_at=NOW)


def audited_nowhere() -> object:
    row = AuditEntry.objects.exclude(patient=None)[0]
    row.pk, row.site, row._state.adding = None, None, True
    return AuditEntry.objects.bulk_create([row])


def second_signed_version() -> object:
    signed = ProtocolVersion.objects.get(state="signed")
    return ProtocolVersion.objects.create(
        protocol=signed.protocol, number=2, state="signed", signed_by=signed.signed_by, signed_at=NOW
    )


@pytest.mark.parametrize(("name", "bad"), CASES, ids=[name for name, _ in CASES])
def test_what_must_never_be_true_is_refused(somebody: Surgery, name: str, bad: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        bad()

    assert says(str(refusal.value), name)


def says(message: str, name: str) -> bool:
    """SQLite names a check, but of a unique constraint only the columns or the index."""
    if name in message or connection.vendor != "sqlite":
        return name in message
    columns = {f"{table}.{column}" for table, column in columns_of(name)}
    return message.startswith("UNIQUE constraint failed: ") and columns == set(message.split(": ")[1].split(", "))


def columns_of(name: str) -> list[tuple[str, str]]:
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name and isinstance(constraint, models.UniqueConstraint):
                fields = [model._meta.get_field(field) for field in constraint.fields]
                return [(model._meta.db_table, str(field.column)) for field in fields]
    return []


def test_every_promise_of_these_tables_is_tried_here() -> None:
    """Those of the delivery and reply tables are tried beside them."""
    tables = list(apps.get_app_config("patients").get_models())
    tables += [CarePlan, CheckUpDefinition, DefaultProtocol, Phase, Protocol, ProtocolVersion, Reminder, Step, StepText]

    promised = {str(constraint.name) for model in tables for constraint in model._meta.constraints}

    assert promised == {name for name, _ in CASES}


def test_one_plan_per_operation_and_one_procedure_per_code(somebody: Surgery) -> None:
    for model in (CarePlan, Procedure, Site):
        with pytest.raises(IntegrityError), transaction.atomic():
            doubled(model)()
