"""Each thing that is done leaves one row: who, where, what, to whom and when; and what fails leaves none."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, models

from patients import actions as care
from patients import audit, closed_days
from patients.models import AuditEntry, Patient, Procedure, Site, StaffMember, Surgery
from patients.models.staff import Role
from reminders import actions, plan_changes, visit_actions
from reminders.delivery import alarms
from reminders.delivery.models import Alarm
from reminders.enrolment import NewSurgery, enrol
from reminders.plan import signing
from reminders.plan.models import ProtocolVersion
from reminders.plan.values import ChangeKind
from reminders.plan.version_review import judge
from reminders.plan_changes import Wish
from reminders.replies import actions as replying
from reminders.replies.alerts import handling
from reminders.replies.models import Alert, Reply
from tests import given
from tests.given import NOW
from tests.replies.test_inbound import text_in

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]
LATER = NOW + timedelta(hours=1)
HERS, UNKNOWN = given.phone(14), given.phone(15)


@dataclass(frozen=True, slots=True)
class Clinic:
    site: Site
    surgeon: StaffMember
    surgery: Surgery

    @property
    def patient(self) -> Patient:
        return self.surgery.patient


@pytest.fixture
def clinic() -> Clinic:
    site = given.a_site()
    surgeon = given.a_staff_member(site)
    return Clinic(site, surgeon, given.an_enrolment(site, given.a_phone(HERS), by=surgeon, day=3))


# One deed of each kind, done by the surgeon LATER; each returns the row it was done to. ---------------------------


def correct(clinic: Clinic) -> Patient:
    return care.correct(clinic.patient, family_name="Ruiz Gil", by=clinic.surgeon, now=LATER)


def add_contact(clinic: Clinic) -> Patient:
    return care.add_contact(clinic.patient, email="ana@example.org", by=clinic.surgeon, now=LATER).patient


def withdraw_consent(clinic: Clinic) -> Patient:
    contacts = clinic.patient.contacts.all()
    care.withdraw_consent(contacts, source="verbal", wording="No more.", by=clinic.surgeon, now=LATER)
    return clinic.patient


def change_facts(clinic: Clinic) -> Surgery:
    actions.change_facts(clinic.surgery, job="desk", by=clinic.surgeon, now=LATER)
    return clinic.surgery


def hold_the_plan(clinic: Clinic) -> Surgery:
    plan_changes.decide(clinic.surgery, Wish(ChangeKind.HOLD), why="A cold.", by=clinic.surgeon, now=LATER)
    return clinic.surgery


def book_a_visit(clinic: Clinic) -> Surgery:
    check_up = clinic.surgery.check_ups.get(code="first-visit")
    return visit_actions.book_visit(check_up, at=LATER + timedelta(days=7), by=clinic.surgeon, now=LATER).surgery


def sign_a_draft(clinic: Clinic) -> ProtocolVersion:
    draft = ProtocolVersion.objects.get(protocol__site=clinic.site, protocol__code="vertebroplasty")
    signing.sign(draft, by=clinic.surgeon, now=LATER, read=judge(draft).warnings)
    return draft


def change_the_site(clinic: Clinic) -> Site:
    actions.change_site(clinic.site, by=clinic.surgeon, now=LATER, changed=["messages_a_day"])
    return clinic.site


def take_an_alert(clinic: Clinic, sender: str) -> Alert:
    text_in(clinic.site, "I have chest pain since noon", sender=sender)
    return handling.take(Alert.objects.get(), by=clinic.surgeon, now=LATER)


def take_hers(clinic: Clinic) -> Patient:
    take_an_alert(clinic, HERS)
    return clinic.patient


def take_an_unknown_ones(clinic: Clinic) -> Alert:
    return take_an_alert(clinic, UNKNOWN)


def read_a_reply(clinic: Clinic, sender: str) -> Reply:
    text_in(clinic.site, "When may I drive again?", sender=sender)
    return replying.mark_read(Reply.objects.get(), by=clinic.surgeon, now=LATER)


def read_hers(clinic: Clinic) -> Patient:
    read_a_reply(clinic, HERS)
    return clinic.patient


def read_an_unknown_ones(clinic: Clinic) -> Reply:
    return read_a_reply(clinic, UNKNOWN)


def see_an_alarm(clinic: Clinic) -> Alarm:
    alarms.sound("inbound_missed", now=NOW, site=clinic.site)
    alarms.seen(alarm := Alarm.objects.get(), by=clinic.surgeon, now=LATER)
    return alarm


@pytest.mark.parametrize(
    ("deed", "verb", "is_about_her"),
    [
        (correct, "corrected", True),
        (add_contact, "contact added", True),
        (withdraw_consent, "consent withdrawn", True),
        (change_facts, "facts changed", True),
        (hold_the_plan, "plan held", True),
        (book_a_visit, "visit booked", True),
        (sign_a_draft, "signed", False),
        (change_the_site, "site changed", False),
        (take_hers, "alert taken", True),
        (take_an_unknown_ones, "alert taken", False),
        (read_hers, "reply read", True),
        (read_an_unknown_ones, "reply read", False),
        (see_an_alarm, "alarm seen", False),
    ],
)
def test_a_row_says_who_where_what_to_whom_and_when(
    clinic: Clinic, deed: Callable[[Clinic], models.Model], verb: str, is_about_her: bool
) -> None:
    row = deed(clinic)

    entry = audit.history(row).get(verb=verb, at=LATER)

    assert (entry.by, entry.site) == (clinic.surgeon, clinic.site)
    assert entry.patient == (clinic.patient if is_about_her else None)
    assert (entry.content_type.model_class(), entry.object_id) == (type(row), row.pk)


def test_details_are_what_staff_are_shown(clinic: Clinic) -> None:
    actions.cancel_surgery(clinic.surgery, why="The patient moved away.", by=clinic.surgeon, now=LATER)

    assert audit.history(clinic.surgery).get(verb="surgery cancelled").details == {"why": "The patient moved away."}


def test_nobody_of_the_staff_stands_there_when_the_patient_or_the_plan_acted(clinic: Clinic) -> None:
    text_in(clinic.site, "STOP", sender=HERS)
    closed_days.close_on_holidays(given.a_site("hilltop"), by=None, now=LATER)

    assert audit.history(clinic.patient).get(verb="consent withdrawn").by is None
    assert not AuditEntry.objects.filter(verb="site opened").exclude(by=None).exists()


def test_what_concerns_every_site_stands_at_every_site(clinic: Clinic) -> None:
    elsewhere = given.a_site("hilltop")
    procedure = Procedure(code="micro-2", name="Microdiscectomy, two levels", family="decompression")

    actions.add_procedure(procedure, by=clinic.surgeon, now=LATER)

    assert {entry.site for entry in audit.history(procedure)} == {clinic.site, elsewhere}


def test_a_row_whose_site_nobody_knows_is_not_written(clinic: Clinic) -> None:
    with pytest.raises(LookupError, match="A staff member belongs to no single site: say at which this was done"):
        audit.record("staff member changed", of=clinic.surgeon, by=None, now=NOW)


# What fails leaves none ----------------------------------------------------------------------------------------------


def test_an_action_that_fails_half_way_leaves_no_row(clinic: Clinic) -> None:
    """The patient and the first contact are written already when the second contact is refused."""
    before = AuditEntry.objects.count()
    phone = given.a_phone(given.phone(20))

    with pytest.raises(ValidationError):
        given.a_patient(clinic.site, phone, phone, by=clinic.surgeon)

    assert AuditEntry.objects.count() == before


def test_an_enrolment_that_is_refused_leaves_no_row(clinic: Clinic) -> None:
    before = AuditEntry.objects.count()
    facts = {
        "procedure": clinic.surgery.procedure,
        "surgeon": clinic.surgeon,
        "version": clinic.surgery.care_plan.version,
    }
    new = NewSurgery(date=clinic.site.today(NOW) + timedelta(days=3_000), **facts)

    with pytest.raises(ValidationError):
        enrol(given.a_new_patient(), new, site=clinic.site, by=clinic.surgeon, now=NOW)

    assert AuditEntry.objects.count() == before


def test_what_somebody_may_not_do_leaves_no_row(clinic: Clinic) -> None:
    before = AuditEntry.objects.count()
    nurse = given.a_staff_member(clinic.site, Role.RECEPTION)

    with pytest.raises(PermissionDenied):
        actions.cancel_surgery(clinic.surgery, why="By mistake.", by=nurse, now=LATER)

    assert AuditEntry.objects.count() == before


# What it costs -------------------------------------------------------------------------------------------------------


def test_a_row_costs_one_query_and_many_cost_one_as_well(clinic: Clinic, django_assert_num_queries: Any) -> None:
    given.an_enrolment(clinic.site, by=clinic.surgeon)
    alone, *_ = several = list(Surgery.objects.all())

    with django_assert_num_queries(1):
        audit.record("looked at", of=alone, by=clinic.surgeon, now=NOW)
    with django_assert_num_queries(1):
        audit.record_all("looked at", of=[(row, {}) for row in several], by=clinic.surgeon, now=NOW)


@pytest.mark.parametrize("question", ["site", "patient"])
def test_all_that_was_done_in_a_place_or_to_a_patient_is_read_from_an_index(clinic: Clinic, question: str) -> None:
    asked = {"site": clinic.site, "patient": clinic.patient}[question]
    newest = AuditEntry.objects.filter(**{question: asked}).order_by("-at", "-pk")[:50]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # else it reads a table as small as this one from end to end
            cursor.execute(
                "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
            )

    plan = newest.explain()

    assert f"audit_by_{question}" in plan
    assert not [word for word in ("Sort", "TEMP B-TREE") if word in plan]
    assert [entry.pk for entry in newest]


# Who may read it -----------------------------------------------------------------------------------------------------


def test_a_colleague_finds_the_rows_of_the_site_and_a_stranger_none(clinic: Clinic) -> None:
    colleague = given.a_staff_member(clinic.site, Role.RECEPTION)
    stranger = given.a_staff_member(given.a_site("hilltop"))

    for staff in (clinic.surgeon, colleague):
        assert AuditEntry.objects.for_staff(staff).filter(patient=clinic.patient, verb="enrolled").exists()
    assert not AuditEntry.objects.for_staff(stranger).exclude(site=stranger.sites.get()).exists()
