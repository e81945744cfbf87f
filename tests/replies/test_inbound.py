"""A text comes in: what it causes, for whom, and that it is kept whatever it is."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from patients.models import ConsentEvent, Contact
from reminders import visit_actions
from reminders.delivery.models import Alarm, Attempt, Sender
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.replies import inbound
from reminders.replies.models import Reply
from tests import given
from tests.delivery.sending import a_promise, opened, ring, the_delivery

PHONE = given.phone(55)
_ids = count(1)


def text_in(site, text, *, sender=PHONE, now=given.NOW, provider_id="", **more):
    to = more.pop("to", None) or site.senders.get(channel="sms").address
    return inbound.receive(
        provider_id=provider_id or f"SM{next(_ids)}", from_address=sender, to_address=to, text=text, now=now, **more
    )


def consents(number: str = PHONE) -> list[str | None]:
    rows = Contact.objects.with_consent().filter(phone=number)
    return [contact.consent_kind for contact in rows.order_by("pk")]


# STOP


def test_stop_ends_what_waits_in_the_queue_and_what_is_planned(site, surgeon):
    reminder = a_promise(site, given.a_phone(PHONE), by=surgeon)
    given.an_enrolment(site, given.a_phone(PHONE), by=surgeon)
    opened(reminder)

    reply = text_in(site, "Stop.", now=reminder.due_at)

    delivery = the_delivery(reminder)
    reminder.refresh_from_db()
    assert (delivery.state, delivery.reason, reminder.status) == ("suppressed", "no_consent", "suppressed")
    assert reply.effect
    assert reply.handled_at == reminder.due_at
    ring(reminder.due_at + timedelta(days=3))
    assert not Attempt.objects.exists()


def test_stop_is_kept_word_for_word_with_its_moment(site, surgeon):
    a_promise(site, given.a_phone(PHONE), by=surgeon)

    text_in(site, " sToP! ")

    event = ConsentEvent.objects.latest("pk")
    assert (event.kind, event.source, event.wording, event.at) == ("withdrawn", "sms", " sToP! ", given.NOW)


def test_two_patients_on_one_phone_both_fall_silent(site, surgeon):
    for _ in range(2):
        opened(a_promise(site, given.a_phone(PHONE), by=surgeon))

    text_in(site, "STOP")

    assert consents() == ["withdrawn", "withdrawn"]
    assert claim("sms", given.NOW + timedelta(hours=6)).jobs == []


def test_stop_leaves_the_patients_e_mail_alone(site, surgeon):
    reminder = a_promise(site, given.a_phone(PHONE), given.an_email(), by=surgeon)
    text_in(site, "STOP")

    open_due(reminder.due_at)

    assert the_delivery(reminder).channel == "email"


def test_the_providers_own_keyword_counts_as_stop(site, surgeon):
    a_promise(site, given.a_phone(PHONE), by=surgeon)

    text_in(site, "Thank you", opt_out_type="STOP")  # words that alone would end nothing

    assert consents() == ["withdrawn"]


def test_a_nul_in_the_word_does_not_save_anybody_from_stop(site, surgeon):
    a_promise(site, given.a_phone(PHONE), by=surgeon)

    text_in(site, "ST\x00OP")

    assert consents() == ["withdrawn"]


@pytest.mark.parametrize("sender", ["", "Riverside", "12345", "+", "unknown"])
def test_a_stop_without_a_number_silences_nobody(site, surgeon, sender):
    a_promise(site, given.a_phone(PHONE), given.an_email(), by=surgeon)

    text_in(site, "STOP", sender=sender)

    assert Contact.objects.reachable().count() == 2
    assert Reply.objects.to_read().count() == 1


def test_start_after_stop_writes_again(site, surgeon):
    reminder = a_promise(site, given.a_phone(PHONE), by=surgeon)
    text_in(site, "STOP")

    text_in(site, "START")

    assert consents() == ["given"]
    open_due(reminder.due_at)
    assert len(claim("sms", reminder.due_at).jobs) == 1


def test_start_from_a_number_nobody_ever_asked_gives_no_consent(site, surgeon):
    a_promise(site, given.a_phone(PHONE, consent_wording=""), by=surgeon)

    text_in(site, "START")

    assert consents() == [None]


# Visits and scores


def a_booked_visit(site, surgeon, *, at: datetime, code="six-weeks"):
    surgery = given.an_enrolment(site, given.a_phone(PHONE), by=surgeon, day=30)
    return visit_actions.book_visit(surgery.check_ups.get(code=code), at=at, by=surgeon, now=given.NOW)


def test_1_confirms_the_next_visit_and_no_other(site, surgeon):
    soon = a_booked_visit(site, surgeon, at=datetime(2026, 3, 16, 15, tzinfo=UTC))
    later = soon.surgery.check_ups.get(code="twelve-weeks")
    visit_actions.book_visit(later, at=datetime(2026, 5, 4, 15, tzinfo=UTC), by=surgeon, now=given.NOW)

    reply = text_in(site, "1")

    soon.refresh_from_db()
    later.refresh_from_db()
    assert (soon.state, later.state) == ("confirmed", "booked")
    assert reply.effect == f"Confirmed: {soon.title}."


def test_1_from_a_phone_of_two_patients_is_for_a_person(site, surgeon):
    visits = [a_booked_visit(site, surgeon, at=datetime(2026, 3, 16, 15 + n, tzinfo=UTC)) for n in range(2)]

    reply = text_in(site, "1")

    for visit in visits:
        visit.refresh_from_db()
    assert [visit.state for visit in visits] == ["booked", "booked"]
    assert (reply.effect, reply.handled_at) == ("", None)


def test_1_with_no_visit_booked_is_for_a_person(site, surgeon):
    a_promise(site, given.a_phone(PHONE), by=surgeon)

    assert text_in(site, "1").handled_at is None


@pytest.mark.parametrize("text", ["2", "3", "9", "can I drive yet?", ""])
def test_what_no_rule_covers_waits_for_a_person(site, surgeon, text):
    a_booked_visit(site, surgeon, at=datetime(2026, 3, 16, 15, tzinfo=UTC))

    reply = text_in(site, text)

    assert Reply.objects.to_read().get() == reply
    assert reply.contact.address == PHONE


@pytest.mark.parametrize(("digit", "days", "intent"), [("7", 0, "score"), ("1", 0, "score"), ("1", 4, "yes")])
def test_after_a_check_in_a_number_is_a_score_not_a_command(site, surgeon, digit, days, intent):
    visit = a_booked_visit(site, surgeon, at=datetime(2026, 3, 30, 15, tzinfo=UTC))
    question = a_promise(site, by=surgeon, patient=visit.surgery.patient, step="check-in-1", date=given.NOW.date())
    opened(question)
    claim("sms", question.due_at)

    reply = text_in(site, digit, now=question.due_at + timedelta(days=days, minutes=5))

    visit.refresh_from_db()
    assert reply.intent == intent
    assert visit.state == ("confirmed" if intent == "yes" else "booked")


# What is kept


def test_the_same_message_twice_is_one_and_acts_once(site, surgeon):
    a_promise(site, given.a_phone(PHONE), by=surgeon)

    first, second = (text_in(site, "STOP", provider_id="SM-same") for _ in range(2))

    assert (first is None, second) == (False, None)
    assert Reply.objects.count() == 1
    assert ConsentEvent.objects.filter(kind="withdrawn").count() == 1


@pytest.mark.parametrize("second", ["STOP", "Chest pain since this morning"])
def test_other_words_under_the_same_id_are_kept_acted_on_once_and_an_alarm(site, surgeon, second):
    a_promise(site, given.a_phone(PHONE), by=surgeon)
    text_in(site, "Thank you!", provider_id="SM-same")
    assert text_in(site, " Thank  you! ", provider_id="SM-same") is None
    assert text_in(site, "", provider_id="SM-same") is None  # redacted
    assert not Alarm.objects.exists()

    reply, again = (text_in(site, second, provider_id="SM-same") for _ in range(2))

    assert (reply.text, again, Reply.objects.count()) == (second, None, 2)
    assert Alarm.objects.get().kind == "same_id"
    assert ConsentEvent.objects.filter(kind="withdrawn").count() == (second == "STOP")
    assert reply.is_urgent == (second != "STOP")
    to = site.senders.get(channel="sms").address
    assert inbound.said_back("SM-same", PHONE, to, second) == reply.answer


def test_a_stop_of_another_phone_under_the_same_id_counts_for_that_phone(site, surgeon):
    other = given.phone(56)
    for number in (PHONE, other):
        a_promise(site, given.a_phone(number), by=surgeon)

    text_in(site, "STOP", provider_id="SM-same")
    text_in(site, "STOP", provider_id="SM-same", sender=other)

    assert (consents(PHONE), consents(other)) == (["withdrawn"], ["withdrawn"])


@pytest.mark.parametrize("text", ["Hi\x00there", "🙂" * 400, "", "x" * 1_600, "مرحبا", "SGVsbG8="])
def test_whatever_comes_in_is_kept(site, text):
    reply = text_in(site, text)

    assert Reply.objects.get(pk=reply.pk).text == text.replace("\x00", "")


def test_pictures_are_counted_and_not_fetched(site):
    assert text_in(site, "", media=2).text == "[2 picture(s), not fetched]"


def test_an_unknown_sender_is_kept_and_told_nothing(site):
    reply = text_in(site, "who is this?", sender=given.phone(99))

    assert (reply.site, reply.contact, reply.effect) == (site, None, "")


def test_a_text_to_a_number_nobody_owns_is_kept_without_a_site(site):
    reply = text_in(site, "hello", to=given.phone(98))

    assert (reply.site, reply.contact) == (None, None)


def test_a_messaging_service_names_the_site_although_the_number_is_from_its_pool(site, surgeon):
    Sender.objects.filter(site=site, channel="sms").update(address="MG" + "1" * 32)
    a_promise(site, given.a_phone(PHONE), by=surgeon)

    reply = text_in(site, "STOP", to=given.phone(97), service="MG" + "1" * 32)

    assert reply.site == site
    assert consents() == ["withdrawn"]


def test_a_reply_to_another_clinics_number_stays_there(site, surgeon):
    other = given.a_site("hillside")
    Sender.objects.filter(site=other, channel="sms").update(address=given.phone(2))
    their_surgeon = given.a_staff_member(other)
    here = a_promise(site, given.a_phone(PHONE), by=surgeon)
    there = a_promise(other, given.a_phone(PHONE), by=their_surgeon)

    reply = text_in(other, "STOP", to=given.phone(2))

    assert (reply.site, reply.contact.site) == (other, other)
    assert Contact.objects.reachable().get().patient == here.surgery.patient
    assert Reply.objects.for_staff(surgeon).count() == 0
    assert there.surgery.patient.contacts.get() not in Contact.objects.reachable()
