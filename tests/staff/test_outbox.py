"""The outbox shows what stayed at home as the patient would have seen it, and lets somebody answer as the patient."""

import re

import pytest
from django.urls import reverse

from patients.models import Site
from patients.models.staff import Role
from reminders.delivery.models import Attempt, Delivery
from reminders.replies.models import Reply
from tests.given import NOW, a_phone, a_site, a_staff_member, an_email, an_enrolment, phone
from tests.staff.desk import clock, desk, reception, site, surgeon
from tests.staff.people import signed_in

__all__ = ["clock", "desk", "reception", "site", "surgeon"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(site, surgeon):
    surgery = an_enrolment(site, a_phone(phone(14)), an_email("ana@example.org"), by=surgeon, day=12)
    written(surgery, "sms", "Hi <b>Ana</b>, see https://clinic.example.org/p/abc/ now.")
    written(surgery, "email", "Dear Ana,\n\nwalk <daily>.", subject="Your visit & you")
    return surgery.patient


def written(surgery, channel: str, text: str, *, route: str = "outbox", subject: str = "") -> Delivery:
    contact = next(c for c in surgery.patient.contacts.all() if c.channel == channel)
    number = Delivery.objects.filter(reminder__surgery=surgery).count()
    delivery = Delivery.objects.create(
        site=surgery.site, reminder=surgery.reminders.all()[number], contact=contact, channel=channel,
        state="delivered", not_before=NOW, useful_until=NOW, attempt_count=1, language="en", text=text,
        subject=subject, claimed_at=NOW, settled_at=NOW,
    )  # fmt: skip
    Attempt.objects.create(delivery=delivery, route=route, started_at=NOW, lease_until=NOW.replace(hour=16))
    return delivery


def test_a_text_is_a_bubble_with_its_link_and_nothing_else_of_it_is_markup(desk, ana):
    page = desk.get(reverse("staff:outbox")).content.decode()

    assert "Hi &lt;b&gt;Ana&lt;/b&gt;, see" in page
    assert '<a href="https://clinic.example.org/p/abc/">' in page


def test_an_email_shows_subject_sender_and_paragraphs(desk, ana):
    page = desk.get(reverse("staff:outbox-person", args=[ana.pk])).content.decode()

    assert "Your visit &amp; you" in page
    assert "From care@riverside.example.org" in page
    assert "<p>walk &lt;daily&gt;.</p>" in page


def test_answers_stand_between_our_texts(desk, ana, surgeon):
    contact = ana.contacts.exclude(phone="").get()
    desk.post(reverse("staff:outbox-answer", args=[contact.pk]), {"text": "thanks"})

    page = desk.get(reverse("staff:outbox-person", args=[ana.pk])).content.decode()

    assert re.findall(r'<li class="(\w+)">', page) == ["ours", "theirs"]
    assert "waiting for reception" in page


def test_what_was_said_back_at_once_stands_below_the_text_it_answers(desk, ana):
    contact = ana.contacts.exclude(phone="").get()
    desk.post(reverse("staff:outbox-answer", args=[contact.pk]), {"text": "help"})

    page = desk.get(reverse("staff:outbox-person", args=[ana.pk])).content.decode()

    assert re.findall(r'<li class="(\w+)">', page) == ["ours", "theirs", "ours"]
    assert "Automatic answer" in page
    assert "not watched all the time" in page


def test_an_answer_goes_through_the_door_of_a_real_text(desk, ana):
    contact = ana.contacts.exclude(phone="").get()

    desk.post(reverse("staff:outbox-answer", args=[contact.pk]), {"text": "STOP"})

    reply = Reply.objects.get()
    assert (reply.intent, reply.contact, reply.received_at) == ("stop", contact, NOW)
    assert contact.consent_events.last().kind == "withdrawn"


def test_an_email_cannot_be_answered_and_says_so(desk, ana):
    contact = ana.contacts.exclude(email="").get()

    answer = desk.post(reverse("staff:outbox-answer", args=[contact.pk]), {"text": "1"}, follow=True)

    assert "Only texts can be answered" in answer.content.decode()
    assert not Reply.objects.exists()


def test_an_empty_answer_asks_for_words(desk, ana):
    contact = ana.contacts.exclude(phone="").get()

    answer = desk.post(reverse("staff:outbox-answer", args=[contact.pk]), {"text": "  "}, follow=True)

    assert "Type what the patient answers, such as 1." in answer.content.decode()


def test_what_really_left_is_not_shown_as_if_it_had_stayed(desk, site, surgeon):
    surgery = an_enrolment(site, by=surgeon, day=12)
    written(surgery, "sms", "This one left.", route="twilio")

    page = desk.get(reverse("staff:outbox-person", args=[surgery.patient_id])).content.decode()

    assert "This one left." not in page


def test_the_latest_message_is_on_top(desk, site, surgeon, ana):
    later = an_enrolment(site, by=surgeon, day=3, patient=None)
    Attempt.objects.filter(delivery=written(later, "sms", "Later.")).update(started_at=NOW.replace(hour=15, minute=30))

    page = desk.get(reverse("staff:outbox")).content.decode()

    assert re.findall(r"/staff/outbox/(\d+)/\"", page)[:2] == [str(later.patient_id), str(ana.pk)]


def test_where_messages_really_leave_there_is_no_outbox(desk, site, ana, settings):
    settings.MESSAGES = "live"
    Site.objects.update(mode="live")

    answer = desk.get(reverse("staff:outbox"))

    assert answer.status_code == 404
    assert "its messages are really sent" in answer.content.decode()
    contact = ana.contacts.exclude(phone="").get()
    assert desk.post(reverse("staff:outbox-answer", args=[contact.pk]), {"text": "1"}).status_code == 404


def test_a_site_in_test_mode_keeps_its_outbox_among_live_ones(desk, site, ana, settings):
    settings.MESSAGES = "live"

    assert desk.get(reverse("staff:outbox")).status_code == 200


@pytest.mark.parametrize(
    ("messages", "mode", "shown"), [("outbox", "live", 1), ("live", "test", 1), ("live", "live", 0)]
)
def test_the_sidebar_leads_to_the_outbox_wherever_there_is_one(desk, site, settings, messages, mode, shown):
    settings.MESSAGES = messages
    Site.objects.update(mode=mode)

    page = desk.get(reverse("staff:board")).content.decode()

    assert bool(page.count(f'href="{reverse("staff:outbox")}"')) == bool(shown)


def test_owner_and_colleague_see_it_a_stranger_does_not(site, surgeon, ana, desk):
    stranger = signed_in(a_staff_member(a_site("hillside", name="Hillside Clinic"), Role.RECEPTION))
    person = reverse("staff:outbox-person", args=[ana.pk])
    answer = reverse("staff:outbox-answer", args=[ana.contacts.exclude(phone="").get().pk])

    assert signed_in(surgeon).get(person).status_code == 200
    assert desk.get(person).status_code == 200
    assert stranger.get(person).status_code == 404
    assert "Ana" not in stranger.get(reverse("staff:outbox")).content.decode()
    assert stranger.post(answer, {"text": "STOP"}).status_code == 404
    assert not Reply.objects.exists()
