"""Refusals and perhaps-refusals: what is held, what a person decides, what ends with it."""

from datetime import timedelta

import pytest

from patients.models import Contact
from reminders.delivery.models import Delivery, Transition
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.replies import actions
from reminders.replies.models import Reply
from tests import given
from tests.delivery.sending import a_promise, opened, the_contact, the_delivery
from tests.replies.test_inbound import PHONE, consents, text_in

PERHAPS = "Stop texting me at night"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def reminder(site, surgeon):
    return a_promise(site, given.a_phone(PHONE), by=surgeon)


def is_held(number=PHONE):
    return [contact.held_since is not None for contact in Contact.objects.filter(phone=number)]


def test_what_may_be_a_refusal_holds_everything_and_waits_for_a_person(site, reminder):
    opened(reminder)

    reply = text_in(site, PERHAPS, now=reminder.due_at)

    assert (reply.intent, reply.handled_at, consents(), is_held()) == ("refusal", None, ["given"], [True])
    assert claim("sms", reminder.due_at).jobs == []
    delivery = the_delivery(reminder)
    assert (delivery.state, delivery.reason) == ("queued", "contact_held")


def test_decided_as_a_refusal_it_ends_like_a_stop(site, surgeon, reminder):
    opened(reminder)
    reply = text_in(site, PERHAPS, now=reminder.due_at)

    actions.decide_refusal(reply, refused=True, by=surgeon, now=reminder.due_at + MINUTE)

    reply.refresh_from_db()
    assert (consents(), is_held(), the_delivery(reminder).state) == (["withdrawn"], [False], "suppressed")
    assert (reply.handled_at, reply.handled_by) == (reminder.due_at + MINUTE, surgeon)


def test_decided_as_no_refusal_what_was_held_leaves_at_once(site, surgeon, reminder):
    opened(reminder)
    reply = text_in(site, PERHAPS, now=reminder.due_at)
    claim("sms", reminder.due_at)

    actions.decide_refusal(reply, refused=False, by=surgeon, now=reminder.due_at + 5 * MINUTE)

    assert (consents(), is_held()) == (["given"], [False])
    assert len(claim("sms", reminder.due_at + 5 * MINUTE).jobs) == 1
    assert not Reply.objects.to_read().exists()


def test_deciding_twice_is_once(site, surgeon, reminder):
    reply = text_in(site, PERHAPS)

    decided = [actions.decide_refusal(reply, refused=False, by=surgeon, now=given.NOW) for _ in range(2)]

    assert [len(contacts) for contacts in decided] == [1, 0]


def test_two_patients_on_one_phone_are_both_held_and_both_decided(site, surgeon, reminder):
    a_promise(site, given.a_phone(PHONE), by=surgeon)

    reply = text_in(site, PERHAPS)

    assert is_held() == [True, True]
    actions.decide_refusal(reply, refused=True, by=surgeon, now=given.NOW)
    assert consents() == ["withdrawn", "withdrawn"]


def test_an_urgent_refusal_stays_to_be_read_after_it_was_decided(site, surgeon, reminder):
    reply = text_in(site, "Stop texting me, I can't breathe")

    actions.decide_refusal(reply, refused=True, by=surgeon, now=given.NOW)

    assert Reply.objects.to_read().get() == reply
    assert "911" in reply.answer


def test_a_stop_after_a_perhaps_needs_no_decision_any_more(site, reminder):
    text_in(site, PERHAPS)

    text_in(site, "STOP")

    assert (is_held(), consents()) == ([False], ["withdrawn"])
    assert not Reply.objects.to_read().exists()


def test_a_start_after_a_perhaps_lets_messages_go_on(site, reminder):
    text_in(site, PERHAPS)

    text_in(site, "START", now=given.NOW + MINUTE)

    assert (is_held(), consents()) == ([False], ["given"])


def test_a_start_after_stop_is_consent_with_its_wording_and_moment(site, reminder):
    text_in(site, "STOP")
    text_in(site, "unstop", now=given.NOW + MINUTE)

    event = the_contact(reminder).consent_events.last()
    assert (event.kind, event.source, event.wording, event.at) == ("given", "sms", "unstop", given.NOW + MINUTE)


def test_a_start_from_somebody_who_never_stopped_changes_nothing(site, reminder):
    text_in(site, "START")

    assert the_contact(reminder).consent_events.count() == 1


def test_what_was_to_be_tried_again_ends_with_stop_and_the_story_says_so(site, reminder):
    delivery = opened(reminder)
    Delivery.objects.filter(pk=delivery.pk).update(state="undelivered_temp", attempt_count=1, claimed_at=given.NOW)

    text_in(site, "STOP")

    last = Transition.objects.filter(delivery=delivery).last()
    assert (last.was, last.state, last.reason) == ("undelivered_temp", "suppressed", "no_consent")


@pytest.mark.parametrize(
    ("text", "covers_all", "mail"),
    [
        ("STOP", False, True),
        ("STOP", True, False),
        ("stop all messages", False, False),
        ("STOPALL", False, False),
        ("no more texts or emails", False, False),
    ],
)
def test_stop_ends_e_mail_where_the_words_or_the_site_say_so(site, surgeon, text, covers_all, mail):
    site.stop_covers_all = covers_all
    site.save()
    helper = given.an_email("ben@example.org", relationship="caregiver", name="Ben")
    a_promise(site, given.a_phone(PHONE), given.an_email("ana@example.org"), helper, by=surgeon)

    text_in(site, text)

    reachable = set(Contact.objects.reachable().exclude(email="").values_list("email", flat=True))
    assert reachable == {"ben@example.org"} | ({"ana@example.org"} if mail else set())


def test_staff_record_a_refusal_said_on_the_phone_and_it_counts_at_once(site, surgeon, reminder):
    opened(reminder)

    actions.record_refusal(the_contact(reminder), wording="No more texts, please.", by=surgeon, now=reminder.due_at)

    event = the_contact(reminder).consent_events.last()
    assert (event.kind, event.source, event.by, event.wording) == (
        "withdrawn",
        "verbal",
        surgeon,
        "No more texts, please.",
    )
    assert the_delivery(reminder).state == "suppressed"


def test_staff_hold_and_release_a_number(site, surgeon, reminder):
    actions.hold(the_contact(reminder), why="Asked us to wait.", by=surgeon, now=given.NOW)
    open_due(reminder.due_at)
    assert claim("sms", reminder.due_at).jobs == []

    actions.release(the_contact(reminder), by=surgeon, now=reminder.due_at)

    assert len(claim("sms", reminder.due_at).jobs) == 1
