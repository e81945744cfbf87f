"""Two patient numbers of one person become one: what moves, what stays, and that a STOP before it stays a STOP."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from patients import actions as care
from patients.models import AuditEntry, Contact, Patient, Surgery
from patients.models.staff import Role
from reminders import actions, enrolment
from reminders.delivery.models import Delivery
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.merge import look, merge
from reminders.plan.models import CarePlan, Reminder
from tests import given
from tests.given import CONSENT, NOW, a_patient, a_phone, a_site, a_staff_member, an_email, an_enrolment, phone

pytestmark = pytest.mark.django_db
SAME, OTHER, MAIL = phone(60), phone(61), "ana@example.org"
UNASKED = {"consent_source": "", "consent_wording": ""}


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def by(site):
    return a_staff_member(site)


def enrolled(site, by, *contacts, day=1, **facts):
    new = given.a_new_patient(*contacts, **facts)
    return an_enrolment(site, by=by, day=day, patient=new)


@pytest.fixture
def stays(site, by):
    return enrolled(site, by, a_phone(SAME), day=40, number="R-1").patient


def a_twin(site, by, *contacts, **facts):
    return enrolled(site, by, *(contacts or (a_phone(SAME),)), **{"number": "R-2"} | facts).patient


def in_use(patient):
    rows = Contact.objects.with_consent().filter(patient=patient, ended_at=None)
    return {row.address: row.consent_kind for row in rows}


def test_everything_moves_and_the_number_leads_to_the_one_that_stays(site, by, stays):
    twin = a_twin(site, by, a_phone(SAME), an_email(MAIL), conditions=("diabetes",))
    [surgery] = Surgery.objects.filter(patient=twin)
    link = surgery.care_plan.link
    shown = look(twin, into=stays, by=by)

    done = merge(twin, into=stays, by=by, now=NOW)

    assert (shown.counts, shown.conditions) == (done.counts, done.conditions) == (done.counts, ["diabetes"])
    assert [one.pk for one in shown.moved] == [one.pk for one in done.moved]
    twin.refresh_from_db()
    stays.refresh_from_db()
    assert (twin.status, twin.merged_into, twin.merged_by, twin.merged_at) == ("merged", stays, by, NOW)
    assert Surgery.objects.filter(patient=stays).count() == 2
    assert not Surgery.objects.filter(patient=twin).exists()
    assert in_use(stays) == {SAME: "given", MAIL: "given"}
    assert Contact.objects.filter(patient=stays).count() == 3  # the second row of one phone has ended
    assert stays.conditions == ["diabetes"]
    assert CarePlan.objects.get(link=link).surgery.patient == stays
    assert stays in Patient.objects.for_staff(by).matching("r-2")
    assert surgery.reminders.planned().exists()


@pytest.mark.parametrize("text", ["stop", "hold"])
@pytest.mark.parametrize("which", ["stays", "twin"])
def test_who_stopped_on_either_record_stays_stopped(site, by, stays, text, which):
    twin = a_twin(site, by)
    [contact] = (stays if which == "stays" else twin).contacts.all()
    if text == "stop":
        care.withdraw_consent([contact], source="sms", wording="STOP", by=None, now=NOW)
    else:
        care.hold_contacts([contact], why="leave me alone", by=None, now=NOW)

    merge(twin, into=stays, by=by, now=NOW)

    [kept] = Contact.objects.filter(patient=stays, ended_at=None).with_consent()
    if text == "stop":
        last = kept.consent_events.last()
        assert (kept.consent_kind, last.source, last.wording) == ("withdrawn", "sms", "STOP")
    else:
        assert kept.held_reason == "leave me alone"
    due = NOW + timedelta(days=7)
    open_due(due)
    assert claim("sms", due).jobs == []


def test_consent_that_only_one_record_has_is_that_of_the_address(site, by):
    stays = enrolled(site, by, a_phone(SAME, **UNASKED), number="R-1", day=40).patient
    twin = a_twin(site, by)

    merge(twin, into=stays, by=by, now=NOW)

    assert in_use(stays) == {SAME: "given"}
    assert stays.contacts.filter(ended_at=None).get().consent_events.last().wording == CONSENT["consent_wording"]


def test_an_address_that_was_stopped_and_ended_on_one_record_is_stopped_on_the_other(site, by, stays):
    twin = a_twin(site, by, a_phone(OTHER))
    gone = care.add_contact(stays, phone=OTHER, by=by, now=NOW)
    care.give_consent(gone, source="paper", wording="Yes", by=by, now=NOW)
    care.withdraw_consent([gone], source="verbal", wording="No more.", by=by, now=NOW)
    care.end_contact(gone, by=by, now=NOW)

    merge(twin, into=stays, by=by, now=NOW)

    assert in_use(stays) == {SAME: "given", OTHER: "withdrawn"}


def test_a_caregiver_hears_what_both_records_let_through(site, by):
    caregiver = {"relationship": "caregiver", "name": "Luis"}
    stays = enrolled(site, by, a_phone(SAME), a_phone(OTHER, scope="all", **caregiver), number="R-1", day=40).patient
    twin = a_twin(site, by, a_phone(SAME), a_phone(OTHER, scope="visits", **caregiver))

    merge(twin, into=stays, by=by, now=NOW)

    assert stays.contacts.get(phone=OTHER, ended_at=None).scope == "visits"


def test_what_was_sent_stays_and_what_waits_goes_on_once(site, by, stays):
    twin = a_twin(site, by, day=0)
    old, kept = twin.contacts.get(), stays.contacts.get()
    now = Reminder.objects.planned().filter(surgery__patient=twin).order_by("due_at")[1].due_at
    open_due(now)
    sent = list(Delivery.objects.filter(contact=old).order_by("pk"))
    assert sent
    Delivery.objects.filter(pk=sent[0].pk).update(state="delivered", attempt_count=1, settled_at=now, claimed_at=now)
    waits = [one.pk for one in sent[1:]]
    assert waits

    merge(twin, into=stays, by=by, now=now)

    assert Delivery.objects.get(pk=sent[0].pk).contact == old
    assert {one.contact for one in Delivery.objects.filter(pk__in=waits)} <= {kept}
    open_due(now)
    assert Delivery.objects.filter(contact=old).count() == 1


def test_a_wrong_merge_can_be_told_apart_from_the_audit(site, by, stays):
    twin = a_twin(site, by, a_phone(SAME, **UNASKED), an_email(MAIL))
    [same, mail] = twin.contacts.order_by("pk")
    kept, [surgery] = stays.contacts.get(), Surgery.objects.filter(patient=twin)
    open_due(NOW + timedelta(days=1))

    merge(twin, into=stays, by=by, now=NOW)

    [told] = AuditEntry.objects.of(stays).filter(verb="another patient number merged in")
    [there] = AuditEntry.objects.of(twin).filter(verb="merged into another patient number")
    assert (told.patient, told.by, there.patient) == (stays, by, twin)
    assert (told.details["number"], told.details["patient"]) == ("R-2", twin.pk)
    assert told.details["contacts_moved"] == there.details["contacts_moved"] == [mail.pk]
    assert told.details["contacts_ended"] == [f"{same.pk}, kept {kept.pk}"]
    assert told.details["operations_moved"] == [surgery.pk]


class TestRefused:
    def test_who_decides_nothing_here_merges_nothing(self, site, by, stays):
        twin = a_twin(site, by)
        reception = a_staff_member(site, Role.RECEPTION)
        stranger = a_staff_member(a_site("lakeside"))

        for person in (reception, stranger):
            with pytest.raises(PermissionDenied):
                look(twin, into=stays, by=person)
            with pytest.raises(PermissionDenied):
                merge(twin, into=stays, by=person, now=NOW)
        merge(twin, into=stays, by=a_staff_member(site, Role.MANAGER), now=NOW)

    def test_the_same_number_another_site_and_a_second_merge_are_refused(self, site, by, stays):
        twin, elsewhere = a_twin(site, by), a_site("lakeside")
        there = a_patient(elsewhere, by=a_staff_member(elsewhere))
        with pytest.raises(ValidationError, match="same patient number"):
            merge(stays, into=stays, by=by, now=NOW)
        with pytest.raises(PermissionDenied):
            merge(there, into=stays, by=by, now=NOW)
        merge(twin, into=stays, by=by, now=NOW)
        with pytest.raises(ValidationError, match="was merged into R-1 already"):
            merge(twin, into=stays, by=by, now=NOW)

    @pytest.mark.parametrize(
        ("contacts", "facts", "says"),
        [
            ((), {"day": 40}, "Both have an operation on"),
            ((a_phone(SAME, relationship="caregiver", name="Luis"),), {}, "a caregiver's on the other"),
        ],
    )
    def test_what_only_a_person_can_settle_is_said(self, site, by, stays, contacts, facts, says):
        twin = a_twin(site, by, *contacts, **facts)

        with pytest.raises(ValidationError, match=says):
            merge(twin, into=stays, by=by, now=NOW)

        assert Patient.objects.get(pk=twin.pk).status == "active"

    def test_an_operation_whose_plan_ended_counts_as_one_of_that_day(self, site, by, stays):
        twin = a_twin(site, by, day=40)
        Surgery.objects.filter(patient=twin).update(ended_at=NOW)

        with pytest.raises(ValidationError, match="Both have an operation on"):
            merge(twin, into=stays, by=by, now=NOW)

    def test_a_merged_number_takes_nothing_any_more(self, site, by, stays):
        twin = a_twin(site, by)
        merge(twin, into=stays, by=by, now=NOW)
        for_twin = Patient.objects.get(pk=twin.pk)

        with pytest.raises(ValidationError, match="merged into R-1"):
            care.add_contact(twin, phone=OTHER, by=by, now=NOW)
        with pytest.raises(ValidationError, match="merged into R-1"):
            an_enrolment(site, by=by, patient=for_twin)
        with pytest.raises(ValidationError, match="merged into R-1"):
            actions.set_patient_status(twin, status="active", by=by, now=NOW)
        with pytest.raises(ValidationError, match="after a preview"):
            actions.set_patient_status(stays, status="merged", by=by, now=NOW)

    def test_who_does_not_look_like_one_person_is_a_warning(self, site, by, stays):
        twin = a_twin(site, by, a_phone(OTHER), given_name="Eva", birth_date=date(1950, 1, 1))

        said = " ".join(look(twin, into=stays, by=by).warnings)

        assert "dates of birth differ" in said
        assert "names differ" in said
        assert "several phone numbers" in said
        assert "several plans" in said


def test_a_number_merged_twice_leads_to_the_last_that_stays(site, by, stays):
    twin, last = a_twin(site, by), a_patient(site, a_phone(SAME), number="R-3", by=by)

    merge(twin, into=stays, by=by, now=NOW)
    merge(stays, into=last, by=by, now=NOW)

    assert Patient.objects.get(pk=twin.pk).merged_into == last
    assert [
        one.patient for one in enrolment.who_may_be_meant(site, given.a_new_patient(a_phone(SAME), number="X"))
    ] == [last]
