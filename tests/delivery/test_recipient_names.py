"""Where one phone or mailbox serves several patients, or a caregiver, a message says whom it is about."""

from datetime import date

import pytest

from patients import actions as care
from patients.models import Contact
from reminders import actions, caregivers
from reminders.delivery.models import Delivery
from reminders.delivery.sending import texts
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.delivery.sending.recipient_names import RecipientName
from reminders.plan.models import Reminder, StepText
from tests import given
from tests.delivery.sending import a_promise, ring, the_delivery

PHONE, OWN, MAIL = given.phone(55), given.phone(9), "moore@example.org"
BEN = {"relationship": "caregiver", "name": "Ben"}
SAID = {"source": "verbal", "wording": "Only visits, please."}


@pytest.fixture
def patient(site, surgeon):
    """Makes a patient with a promise that is due; by name, on the shared phone unless told otherwise."""

    def made(name, *contacts, born=date(1965, 4, 2), **facts):
        known, family = name.split()
        new = given.a_new_patient(*(contacts or [given.a_phone(PHONE)]), given_name=known, family_name=family,
                                  birth_date=born)  # fmt: skip
        return a_promise(site, by=surgeon, patient=new, **facts)

    return made


def text_of(reminder: Reminder) -> str:
    open_due(reminder.due_at)
    claim("sms", reminder.due_at)
    return the_delivery(reminder).text


def test_alone_on_a_phone_nobody_is_named(patient):
    assert text_of(patient("Jane Moore")).startswith("Riverside Clinic: Walk a little today.")


def test_two_patients_on_one_phone_are_named_by_their_initials(patient):
    jane, ana = patient("Jane Moore"), patient("Ana Ruiz")

    assert text_of(jane).startswith("Riverside Clinic for J.M.: Walk a little today.")
    assert the_delivery(ana).text.startswith("Riverside Clinic for A.R.: Walk a little today.")


def test_the_name_is_in_the_readers_language(patient):
    jane = patient("Jane Moore", given.a_phone(PHONE, language="es"))
    patient("Ana Ruiz")

    assert text_of(jane).startswith("Riverside Clinic para J.M.: Camine")


def test_nothing_but_initials_is_in_a_text(patient):
    jane, _ = patient("Jane Moore"), patient("Ana Ruiz")

    text = text_of(jane)

    assert not [name for name in ("Jane", "Moore", "Ana", "Ruiz", "1965") if name in text]


@pytest.mark.parametrize(("other", "born", "tag"), [("John Miller", 2, "Ja.M."), ("Jane Moore", 21, "J.M. 2")])
def test_equal_initials_are_told_apart(patient, other, born, tag):
    jane = patient("Jane Moore")
    patient(other, born=date(1990, 9, born))

    assert f"Riverside Clinic for {tag}: " in text_of(jane)


def test_whom_initials_cannot_tell_apart_a_person_calls(patient):
    joan = patient("Joan Moore")
    patient("John Moore")

    assert text_of(joan) == ""
    joan.refresh_from_db()
    assert (joan.status, joan.reason) == ("suppressed", "same_initials")
    assert joan in Reminder.objects.to_call()


def test_whom_a_text_cannot_name_has_an_e_mail_of_their_own(patient):
    joan = patient("Joan Moore", given.a_phone(PHONE), given.an_email())
    patient("John Moore")

    ring(joan.due_at)

    states = dict(Delivery.objects.filter(reminder=joan).values_list("channel", "state"))
    assert states["sms"] == "suppressed"
    assert "email" in states


def test_what_is_shared_is_decided_when_it_leaves(patient):
    jane = patient("Jane Moore")
    open_due(jane.due_at)
    patient("Ana Ruiz")

    claim("sms", jane.due_at)

    assert " for J.M.: " in the_delivery(jane).text


def test_a_plan_that_has_ended_shares_nothing(patient, surgeon):
    jane, ana = patient("Jane Moore"), patient("Ana Ruiz")
    open_due(jane.due_at)
    actions.cancel_surgery(ana.surgery, why="moved away", by=surgeon, now=given.NOW)

    claim("sms", jane.due_at)

    assert the_delivery(jane).text.startswith("Riverside Clinic: ")


def test_a_contact_that_has_ended_shares_nothing(patient, surgeon):
    jane, ana = patient("Jane Moore"), patient("Ana Ruiz")
    care.end_contact(Contact.objects.get(patient=ana.surgery.patient), by=surgeon, now=given.NOW)

    assert text_of(jane).startswith("Riverside Clinic: ")


def test_the_same_number_at_another_site_is_not_shared(patient):
    jane = patient("Jane Moore")
    other = given.a_site("lakeside")
    given.an_enrolment(other, given.a_phone(PHONE), by=given.a_staff_member(other))

    assert text_of(jane).startswith("Riverside Clinic: ")


def test_a_caregiver_reads_whom_it_is_about_and_the_patient_does_not(patient):
    jane = patient("Jane Moore", given.a_phone(OWN), given.a_phone(PHONE, **BEN))
    open_due(jane.due_at)

    claim("sms", jane.due_at)

    own, bens = Delivery.objects.filter(reminder=jane).order_by("contact")
    assert own.text.startswith("Riverside Clinic: Walk")
    assert bens.text.startswith("Riverside Clinic for J.M.: Walk")


def test_a_caregiver_of_one_who_is_a_patient_too_reads_which_of_them(patient):
    jane = patient("Jane Moore", given.a_phone(OWN), given.a_phone(PHONE, **BEN))
    ben = patient("Ben Moore")

    assert text_of(ben).startswith("Riverside Clinic for B.M.: ")
    bens = Delivery.objects.get(reminder=jane, contact__relationship="caregiver")
    assert bens.text.startswith("Riverside Clinic for J.M.: ")


def test_a_question_to_several_says_how_an_answer_begins(patient):
    jane = patient("Jane Moore", step="check-in-1")
    assert "Begin your reply" not in text_of(jane)
    other = patient("John Miller", step="check-in-1")

    assert text_of(other).endswith(" STOP to opt out. Begin your reply with JOM.")


def test_the_name_counts_in_the_parts(site):
    text = StepText(language="en", sms="{clinic}: " + "x" * 140)  # 158 letters, and 167 with the name
    known = {"clinic": texts.ClinicValues(site), "channel": "sms", "link": "l"}

    alone, named = (
        texts.write(text, texts.About(**known, **name)) for name in ({}, {"name": RecipientName("J.M.", True)})
    )

    assert (alone.parts, named.parts) == (1, 2)


def test_an_e_mail_to_a_shared_mailbox_says_it_in_its_subject_and_first_line(patient):
    jane = patient("Jane Moore", given.an_email(MAIL))
    patient("Ana Ruiz", given.an_email(MAIL))
    open_due(jane.due_at)

    claim("email", jane.due_at)

    mail = the_delivery(jane)
    assert mail.text.startswith("For J.M.\n\n")
    assert "J.M.: " in mail.subject


# scope


@pytest.mark.parametrize("step", ["check-in-1", "walk-today"])
def test_what_is_queued_does_not_reach_a_caregiver_whose_scope_became_narrower(patient, surgeon, step):
    jane = patient("Jane Moore", given.a_phone(OWN), given.a_phone(PHONE, **BEN), step=step)
    open_due(jane.due_at)
    bens = Delivery.objects.get(reminder=jane, contact__relationship="caregiver")

    caregivers.change_scope(bens.contact, scope="visits", by=surgeon, now=jane.due_at, **SAID)

    bens.refresh_from_db()
    assert (bens.state, bens.reason, bens.why) == (
        "suppressed", "out_of_scope", "The patient no longer wants this caregiver to be told this.",
    )  # fmt: skip
    assert bens.transitions.latest("pk").reason == "out_of_scope"
    assert [job.message.to for job in claim("sms", jane.due_at).jobs] != [PHONE]


def test_a_claim_looks_at_the_scope_itself(patient):
    jane = patient("Jane Moore", given.a_phone(OWN), given.a_phone(PHONE, **BEN), step="check-in-1")
    open_due(jane.due_at)
    Contact.objects.filter(phone=PHONE).update(scope="visits")  # as a change would that came while it was locked

    claim("sms", jane.due_at)

    assert Delivery.objects.get(contact__phone=PHONE).reason == "out_of_scope"


def test_what_a_narrower_scope_still_lets_through_goes(patient, surgeon):
    jane = patient("Jane Moore", given.a_phone(OWN), given.a_phone(PHONE, **BEN))  # a warning
    open_due(jane.due_at)

    caregivers.change_scope(Contact.objects.get(phone=PHONE), scope="warnings", by=surgeon, now=jane.due_at, **SAID)

    assert len(claim("sms", jane.due_at).jobs) == 2


def test_what_is_queued_does_not_reach_a_caregiver_who_was_revoked(patient, surgeon):
    jane, ana = patient("Jane Moore", given.a_phone(OWN), given.a_phone(PHONE, **BEN)), patient("Ana Ruiz")
    open_due(jane.due_at)

    caregivers.revoke(Contact.objects.get(name="Ben"), by=surgeon, now=jane.due_at, **SAID)

    bens = Delivery.objects.get(contact__name="Ben")
    assert (bens.state, bens.reason) == ("suppressed", "revoked")
    assert len(claim("sms", jane.due_at).jobs) == 2, "the patient's own, and what Ana hears on the same phone"
    assert the_delivery(ana).text.startswith("Riverside Clinic: ")


def test_a_caregiver_whose_number_is_dead_was_not_revoked(patient):
    jane = patient("Jane Moore", given.a_phone(OWN), given.a_phone(PHONE, **BEN))
    open_due(jane.due_at)
    Contact.objects.filter(phone=PHONE).update(unusable_since=jane.due_at)

    claim("sms", jane.due_at)

    assert Delivery.objects.get(contact__phone=PHONE).reason == "no_contact"


@pytest.mark.parametrize(("scope", "is_own"), [("all", True), ("warnings", False)])
def test_the_link_of_a_caregiver_with_a_narrow_scope_is_not_the_patients(patient, scope, is_own):
    jane = patient("Jane Moore", given.a_phone(OWN), given.a_phone(PHONE, **BEN, scope=scope))
    open_due(jane.due_at)

    claim("sms", jane.due_at)

    link = f"/p/{jane.surgery.care_plan.link}/"
    own, bens = Delivery.objects.filter(reminder=jane).order_by("contact")
    assert link in own.text
    assert (link in bens.text) is is_own
    assert ("/p/c/" in bens.text) is not is_own
