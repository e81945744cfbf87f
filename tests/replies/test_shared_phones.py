"""Two patients on one phone: an answer reaches the right one, or a person; what concerns the number concerns both."""

from datetime import UTC, date, datetime, timedelta

import pytest

from patients import audit
from patients.models import Contact
from reminders import caregivers, visit_actions
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.replies.models import Alert, CheckIn, Reply
from tests import given
from tests.delivery.sending import a_promise
from tests.replies.test_inbound import PHONE, consents, text_in

MINUTE = timedelta(minutes=1)
OWN = given.phone(9)
JANE, ANA = "Jane Moore", "Ana Ruiz"


@pytest.fixture
def asked(site, surgeon):
    """Makes a patient on the shared phone whose check-in has left."""

    def made(name, *contacts, step="check-in-1", **facts):
        known, family = name.split()
        new = given.a_new_patient(*(contacts or [given.a_phone(PHONE)]), given_name=known, family_name=family, **facts)
        question = a_promise(site, by=surgeon, patient=new, step=step, date=given.NOW.date())
        open_due(question.due_at)
        claim("sms", question.due_at)
        return question

    return made


@pytest.fixture
def answer(site):
    """Texts in, a minute apart, after the question has left."""

    def made(question, *texts, sender=PHONE) -> list[Reply]:
        return [text_in(site, text, sender=sender, now=question.due_at + n * MINUTE) for n, text in enumerate(texts, 1)]

    return made


def pains() -> dict[str, int | None]:
    rows = CheckIn.objects.select_related("surgery__patient")
    return {row.surgery.patient.given_name: row.pain for row in rows}


def test_initials_say_whose_answer_it_is_and_the_next_question_names_them(asked, answer):
    _, question = asked(JANE), asked(ANA)

    [jane, ana] = answer(question, "JM 5", "3 ar")

    assert pains() == {"Jane": 5, "Ana": 3}
    assert jane.answer.startswith("Riverside Clinic for J.M.: Is your wound")
    assert jane.answer.endswith("Begin your reply with JM.")
    assert (ana.contact.patient.given_name, ana.handled_at is None) == ("Ana", False)
    assert "for A.R.: " in ana.answer


def test_a_whole_check_in_goes_by_initials(asked, answer):
    _, question = asked(JANE), asked(ANA)

    replies = answer(question, "JM 4", "JM 20", "JM 30 50", "7")

    row = CheckIn.objects.get(surgery__patient__given_name="Jane")
    assert (row.pain, row.wound, row.legs, row.bladder) == (4, False, False, False)
    assert pains()["Ana"] == 7, "the only one that is open now"
    assert "Begin" not in replies[-1].answer
    assert not Reply.objects.to_read().exists()


def test_without_initials_a_person_reads_it_and_both_records_say_so(asked, answer):
    jane, question = asked(JANE), asked(ANA)

    [reply] = answer(question, "5")

    assert (reply.contact, reply.question, reply.handled_at) == (None, None, None)
    assert "A person will read this" in reply.answer
    assert reply.answer.endswith("Begin your reply with JM / AR.")
    for patient in (jane.surgery.patient, question.surgery.patient):
        assert audit.history(patient).filter(verb="a text came from a shared phone").count() == 1


@pytest.mark.parametrize("text", ["JM 5, AR 3", "JM", "XY 5", "JM or AR 5"])
def test_initials_that_are_not_clean_are_for_a_person(asked, answer, text):
    _, question = asked(JANE), asked(ANA)

    [reply] = answer(question, text)

    assert reply.handled_at is None
    assert not any(pains().values())


def test_only_one_is_asked_so_no_initials_are_needed(asked, answer, site, surgeon):
    a_promise(site, by=surgeon, patient=given.a_new_patient(given.a_phone(PHONE), given_name="Jane"))
    question = asked(ANA)

    [reply] = answer(question, "5")

    assert reply.question == question


def test_initials_of_who_was_not_asked_answer_nobodys_question(asked, answer, site, surgeon):
    jane = given.a_new_patient(given.a_phone(PHONE), given_name="Jane", family_name="Moore")
    a_promise(site, by=surgeon, patient=jane)
    question = asked(ANA)

    [reply] = answer(question, "JM 5")

    assert (reply.question, reply.handled_at, reply.contact.patient.given_name) == (None, None, "Jane")
    assert not any(pains().values())


# visits


def visits(site, surgeon, *names) -> list:
    known = []
    for n, name in enumerate(names):
        first, family = name.split()
        new = given.a_new_patient(given.a_phone(PHONE), given_name=first, family_name=family)
        surgery = given.an_enrolment(site, by=surgeon, day=30, patient=new)
        at = datetime(2026, 3, 16, 15 + n, tzinfo=UTC)
        known.append(
            visit_actions.book_visit(surgery.check_ups.get(code="six-weeks"), at=at, by=surgeon, now=given.NOW)
        )
    return known


def states(rows) -> list[str]:
    for row in rows:
        row.refresh_from_db()
    return [row.state for row in rows]


def test_a_1_about_either_of_two_visits_is_for_a_person(site, surgeon):
    rows = visits(site, surgeon, JANE, ANA)

    reply = text_in(site, "1")

    assert (states(rows), reply.handled_at) == (["booked", "booked"], None)
    assert reply.answer.endswith("Begin your reply with JM / AR.")


def test_a_1_with_initials_confirms_that_visit(site, surgeon):
    rows = visits(site, surgeon, JANE, ANA)

    reply = text_in(site, "AR 1")

    assert states(rows) == ["booked", "confirmed"]
    assert reply.contact.patient.given_name == "Ana"


def test_a_1_confirms_the_only_visit_there_is(site, surgeon):
    rows = visits(site, surgeon, JANE)
    given.an_enrolment(site, by=surgeon, patient=given.a_new_patient(given.a_phone(PHONE)))

    text_in(site, "1")

    assert states(rows) == ["confirmed"]


# what concerns the number


@pytest.mark.parametrize("text", ["STOP", "JM STOP"])
def test_stop_is_about_the_number_whoever_it_names(asked, answer, text):
    _, question = asked(JANE), asked(ANA)

    answer(question, text)

    assert consents() == ["withdrawn", "withdrawn"]


def test_stop_and_start_stand_in_the_record_of_each_and_cover_a_caregivers_contact(asked, answer, site, surgeon):
    jane = asked(JANE)
    question = asked(ANA, given.a_phone(OWN), given.a_phone(PHONE, relationship="caregiver", name="Jane"))

    answer(question, "STOP")
    assert consents() == ["withdrawn", "withdrawn"]
    answer(question, "START")

    assert consents() == ["given", "given"]
    for patient in (jane.surgery.patient, question.surgery.patient):
        verbs = [entry.verb for entry in audit.history(patient)]
        assert verbs[-2:] == ["consent withdrawn", "consent given"]


def test_the_number_at_another_site_is_not_stopped(asked, answer):
    question = asked(JANE)
    other = given.a_site("lakeside")
    given.an_enrolment(other, given.a_phone(PHONE), by=given.a_staff_member(other))

    answer(question, "STOP")

    assert consents() == ["withdrawn", "given"]


# what must not wait


def test_an_emergency_is_answered_at_once_and_is_nobodys_alone(asked, answer):
    _, question = asked(JANE), asked(ANA)

    [reply] = answer(question, "chest pain")

    alert = Alert.objects.get()
    assert (alert.level, alert.surgery, alert.contact) == ("E", None, None)
    assert "Call 911" in reply.answer
    assert "Begin your reply" not in reply.answer


def test_an_emergency_among_a_check_ins_answers_names_its_patient(asked, answer):
    jane, question = asked(JANE), asked(ANA)

    [reply] = answer(question, "JM 51")

    alert = Alert.objects.get()
    assert (alert.level, alert.surgery) == ("E", jane.surgery)
    assert reply.answer.startswith("Riverside Clinic for J.M.: Do not wait. Call 911 now.")


# caregivers


def test_a_caregiver_is_answered_with_the_patients_initials(asked, answer):
    question = asked(JANE, given.a_phone(OWN), given.a_phone(PHONE, relationship="caregiver", name="Ben"))

    [reply] = answer(question, "5")

    assert reply.question == question
    assert reply.answer.startswith("Riverside Clinic for J.M.: ")


def test_the_answer_of_a_caregiver_whose_scope_became_narrower_is_for_a_person(asked, answer, surgeon):
    question = asked(JANE, given.a_phone(OWN), given.a_phone(PHONE, relationship="caregiver", name="Ben"))
    ben = Contact.objects.get(phone=PHONE)
    caregivers.change_scope(ben, scope="visits", source="verbal", wording="Visits only.", by=surgeon,
                            now=question.due_at)  # fmt: skip

    [reply] = answer(question, "5")

    assert (reply.contact, reply.question, reply.handled_at) == (ben, None, None)
    assert not any(pains().values())


def test_father_and_son_answer_by_their_days_of_birth(asked, answer):
    asked("John Moore", birth_date=date(1950, 1, 4))
    question = asked("John Moore", birth_date=date(1980, 7, 21))

    answer(question, "JM21 6")

    assert CheckIn.objects.get(pain=6).surgery == question.surgery
