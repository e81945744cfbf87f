"""The record says how each message went and why, and every decision there is a POST by somebody of the site."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from patients import actions as care
from patients import clock
from patients.models import Contact
from reminders import actions
from reminders.delivery.models import Delivery
from reminders.delivery.sending.opening import open_due
from reminders.plan.models import Reminder
from tests.given import a_phone, an_email, an_enrolment
from tests.staff.people import signed_in, three_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return three_people()


@pytest.fixture
def surgery(people):
    contacts = [a_phone("+12025550120"), an_email()]
    return an_enrolment(people.site, *contacts, by=people.owner, day=3, now=clock.now())


@pytest.fixture
def owner(people) -> Client:
    return signed_in(people.owner)


def record(surgery) -> str:
    return f"/staff/surgeries/{surgery.pk}/"


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def planned(surgery) -> Reminder:
    return Reminder.objects.filter(surgery=surgery, status="planned").order_by("due_at")[0]


def test_the_record_opens_with_who_when_and_by_which_protocol(people, surgery, owner):
    page = text(owner.get(record(surgery)))

    assert "Ana Ruiz" in page
    assert "day 3 after" in page
    assert f"signed by {people.owner}" in page
    assert "today, day 3" in page
    assert "Weeks 1 and 2" in page


def test_every_message_stands_there_with_how_it_went_and_why(surgery, owner):
    page = text(owner.get(record(surgery)))

    for reminder in surgery.reminders.select_related("step"):
        assert str(reminder.step.title) in page.replace("&#x27;", "'").replace("&quot;", '"')
    assert "Its day had passed when the plan was made." in page


def test_a_planned_message_without_consent_says_so(surgery, people, owner):
    care.withdraw_consent(
        surgery.patient.contacts.all(), source="verbal", wording="Stop", by=people.owner, now=clock.now()
    )

    assert "There is no consent to write to this patient. Call." in text(owner.get(record(surgery)))


def test_facts_change_the_plan(surgery, owner):
    owner.post(f"{record(surgery)}facts/", {"physical_therapy": "declined", "job": "desk"})

    surgery.refresh_from_db()
    assert (surgery.physical_therapy, surgery.job) == ("declined", "desk")
    assert surgery.reminders.filter(reason="pt_declined").exists()


def test_cancelling_asks_why_and_ends_the_plan(surgery, owner):
    refused = owner.post(f"{record(surgery)}cancel/", {"why": ""})
    owner.post(f"{record(surgery)}cancel/", {"why": "Fever"})

    surgery.refresh_from_db()
    assert "Give the reason" in text(refused)
    assert surgery.cancelled_why == "Fever"
    assert not surgery.reminders.filter(status="planned").exists()
    assert "Cancelled: Fever" in text(owner.get(record(surgery)))


def test_what_no_longer_fits_is_refused_with_a_sentence(surgery, people, owner):
    actions.cancel_surgery(surgery, why="Fever", by=people.owner, now=clock.now())

    response = owner.post(f"{record(surgery)}facts/", {"physical_therapy": "ordered", "job": "desk"})

    assert response.status_code == 422


def test_what_did_not_arrive_is_sent_again(surgery, owner):
    lost = planned(surgery)
    Reminder.objects.filter(pk=lost.pk).update(status="failed", reason="undelivered")
    owner.post(f"/staff/reminders/{lost.pk}/resend/")
    lost.refresh_from_db()
    assert lost.status == "planned"


def test_what_cannot_be_sent_again_is_said(surgery, owner):
    response = owner.post(f"/staff/reminders/{planned(surgery).pk}/resend/", follow=True)

    assert "is not sent again" in text(response)


def test_consent_is_withdrawn_and_given_with_source_and_words(surgery, people, owner):
    contact = surgery.patient.contacts.get(phone="+12025550120")
    url = f"{record(surgery)}contacts/{contact.pk}/consent/"

    owner.post(url, {"given": "no", "source": "verbal", "wording": "No more texts."})
    owner.post(url, {"given": "yes", "source": "paper", "wording": "Yes again."})

    story = list(contact.consent_events.values_list("kind", "source", "wording", "by"))
    assert story[1:] == [
        ("withdrawn", "verbal", "No more texts.", people.owner.pk),
        ("given", "paper", "Yes again.", people.owner.pk),
    ]


@pytest.mark.parametrize("said", [{}, {"given": ""}, {"given": "YES"}, {"given": "on"}])
def test_a_form_that_does_not_say_yes_gives_no_consent(surgery, owner, said):
    contact = surgery.patient.contacts.get(phone="+12025550120")

    owner.post(f"{record(surgery)}contacts/{contact.pk}/consent/", said | {"source": "verbal", "wording": "Hm."})

    assert Contact.objects.with_consent().get(pk=contact.pk).consent_kind == "withdrawn"


def test_a_contact_that_is_ended_hears_nothing_and_can_be_added_again(surgery, people, owner):
    contact = surgery.patient.contacts.get(phone="+12025550120")
    url = f"{record(surgery)}contacts/"
    again = {"caregiver-relationship": "self", "caregiver-address": "+12025550120", "caregiver-scope": "all"}

    owner.post(f"{url}{contact.pk}/end/")
    owner.post(f"{url}{contact.pk}/end/")
    ended = text(owner.get(record(surgery)))
    owner.post(url, again)

    contact.refresh_from_db()
    assert contact.ended_at
    assert contact.consent_events.exists()
    assert "not used since" in ended
    assert ended.count("contact ended (") == 1
    anew = surgery.patient.contacts.get(phone="+12025550120", ended_at=None)
    assert not Contact.objects.reachable().filter(pk=anew.pk).exists()


def test_what_waits_for_a_number_that_is_ended_goes_another_way(surgery, owner):
    contact = surgery.patient.contacts.get(phone="+12025550120")
    open_due(planned(surgery).due_at)

    owner.post(f"{record(surgery)}contacts/{contact.pk}/end/")

    found = Delivery.objects.filter(reminder__surgery=surgery).order_by("pk").values_list("channel", "state", "reason")
    assert list(found) == [("sms", "suppressed", "no_contact"), ("email", "queued", "fallback")]


def a_visit(surgery):
    return surgery.check_ups.get(code="first-visit")


def when(surgery, **ahead) -> str:
    return f"{(clock.now() + timedelta(**ahead)).astimezone(surgery.site.zone):%Y-%m-%dT%H:%M}"


def test_a_visit_is_booked_confirmed_freed_and_attended_here_too(surgery, owner):
    visit = a_visit(surgery)
    url = f"{record(surgery)}visits/{visit.pk}/"

    for deed, state in (("book", "booked"), ("confirm", "confirmed"), ("free", "due"), ("book", "booked")):
        response = owner.post(f"{url}{deed}/", {"at": when(surgery, days=5)})
        visit.refresh_from_db()
        assert (response.headers["Location"], visit.state) == (record(surgery), state)
    owner.post(f"{url}attended/")
    visit.refresh_from_db()
    assert visit.state == "attended"


def test_a_refused_visit_says_why_beside_it_and_keeps_what_was_typed(surgery, owner):
    url = f"{record(surgery)}visits/{a_visit(surgery).pk}/"
    owner.post(f"{url}book/", {"at": when(surgery, days=5)})

    past = owner.post(f"{url}book/", {"at": "2026-01-05T09:30"})
    missed = owner.post(f"{url}missed/")

    assert (past.status_code, missed.status_code) == (422, 422)
    assert "This time has passed." in text(past)
    assert "2026-01-05T09:30" in text(past)
    assert "This visit is still to come." in text(missed)


def test_no_visit_is_booked_for_a_cancelled_operation(surgery, people, owner):
    url, at = f"{record(surgery)}visits/{a_visit(surgery).pk}/book/", {"at": when(surgery, days=5)}
    owner.post(url, at)
    actions.cancel_surgery(surgery, why="Fever", by=people.owner, now=clock.now())

    response = owner.post(url, at)

    assert "This operation was cancelled" in text(response)


def delivered(reminder, phone_first: str = "") -> None:
    """By e-mail; `phone_first`: how the text to the same reminder ended before."""
    contacts = {contact.channel: contact for contact in reminder.surgery.patient.contacts.all()}
    known = {"site": reminder.site, "reminder": reminder, "not_before": reminder.due_at, "attempt_count": 1}
    known |= {"useful_until": reminder.useful_until, "settled_at": reminder.due_at}
    if phone_first:
        Delivery.objects.create(contact=contacts["sms"], channel="sms", state=phone_first, **known)
    Delivery.objects.create(contact=contacts["email"], channel="email", state="delivered", **known)
    Reminder.objects.filter(pk=reminder.pk).update(status="done")


def test_instead_is_said_only_where_the_text_failed_first(surgery, owner):
    first, second = Reminder.objects.filter(surgery=surgery, status="planned").order_by("due_at")[:2]
    delivered(first)
    only_mail = text(owner.get(record(surgery)))
    delivered(second, phone_first="undelivered_perm")
    after_a_text = text(owner.get(record(surgery)))

    at = f"{first.due_at.astimezone(surgery.patient.zone):%H:%M}"
    assert f">delivered {at}</span>" in only_mail
    assert f"e-mail to the patient: delivered {at}" in only_mail
    assert "instead" not in only_mail
    assert "e-mail instead" in after_a_text


def test_today_stands_between_what_was_and_what_comes_and_the_far_future_is_folded(surgery, owner):
    page = text(owner.get(record(surgery)))
    planned = surgery.reminders.filter(status="planned", due_at__gt=clock.now()).count()

    assert page.count("today, day 3") == 1
    assert re.search(rf"and {planned - 10} more until 20\d\d", page)


def test_a_contact_is_added_silent_or_with_consent(surgery, owner):
    url = f"{record(surgery)}contacts/"
    new = {"caregiver-relationship": "caregiver", "caregiver-name": "Lea", "caregiver-address": "lea@example.org"}
    new |= {"caregiver-scope": "visits"}

    refused = owner.post(url, {"caregiver-relationship": "self", "caregiver-address": ""})
    owner.post(url, new)
    twice = owner.post(url, new)

    assert "Enter a mobile number or an e-mail address." in text(refused)
    assert Contact.objects.reachable().filter(email="lea@example.org").count() == 0
    assert surgery.patient.contacts.filter(email="lea@example.org").count() == 1
    assert twice.status_code == 422


def test_who_did_what_is_told(surgery, people, owner):
    owner.post(f"{record(surgery)}facts/", {"physical_therapy": "ordered", "job": "desk"})

    page = text(owner.get(record(surgery)))

    for said in ("facts changed (", "physical therapy: ordered", "job: desk"):
        assert said in page
    assert f"<strong>{people.owner}</strong>: enrolled" in page


POSTS = ["change/hold/", "change/skip/", "cancel/", "facts/", "link/", "contacts/", "contacts/{contact}/consent/"]
POSTS += [
    "contacts/{contact}/end/",
    "contacts/{contact}/scope/",
    "contacts/{contact}/revoke/",
    "visits/{visit}/free/",
]


def test_a_colleague_at_reception_sees_but_does_not_decide_a_stranger_finds_nothing(surgery, people):
    contact, message = surgery.patient.contacts.first(), planned(surgery)
    colleague, stranger = signed_in(people.colleague), signed_in(people.stranger)
    posts = [record(surgery) + tail.format(contact=contact.pk, visit=a_visit(surgery).pk) for tail in POSTS]
    posts.append(f"/staff/reminders/{message.pk}/resend/")

    assert colleague.get(record(surgery)).status_code == 200
    assert stranger.get(record(surgery)).status_code == 404
    for url in posts:
        assert stranger.post(url, {"to": "2026-01-01", "why": "x"}).status_code == 404, url
    decisions = [("facts/", {"physical_therapy": "ordered", "job": "desk"}), ("cancel/", {"why": "x"})]
    decisions.append(("change/hold/", {"starts": f"{surgery.date}", "why": "x", "revision": "0"}))
    for tail, typed in decisions:
        refused = colleague.post(record(surgery) + tail, typed)
        assert (refused.status_code, "Only a surgeon or a manager" in refused.content.decode()) == (403, True), tail
    assert "Cancel the operation" not in colleague.get(record(surgery)).content.decode()
    surgery.refresh_from_db()
    message.refresh_from_db()
    assert (surgery.is_active, surgery.job, message.status) == (True, "unknown", "planned")


def test_nothing_changes_by_get(surgery, people, owner):
    contact, message = surgery.patient.contacts.first(), planned(surgery)
    urls = [record(surgery) + tail.format(contact=contact.pk, visit=a_visit(surgery).pk) for tail in POSTS]

    for url in [*urls, f"/staff/reminders/{message.pk}/resend/"]:
        assert owner.get(url).status_code == 405, url


def test_a_contact_of_another_patient_cannot_be_reached_through_this_record(surgery, people, owner):
    other = an_enrolment(people.site, by=people.owner, now=clock.now()).patient.contacts.get()

    url = f"{record(surgery)}contacts/{other.pk}/consent/"

    assert owner.post(url, {"given": "no", "source": "verbal", "wording": "x"}).status_code == 404


def test_the_record_asks_the_database_a_fixed_number_of_questions(surgery, owner, django_assert_max_num_queries):
    with django_assert_max_num_queries(53):
        owner.get(record(surgery))
