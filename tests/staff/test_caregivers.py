"""Caregivers and shared phones for staff: who hears what, who else is reached there, and whose a text may be."""

import pytest
from django.test import Client

from clinic.staff.shared_phones import served
from patients import clock
from patients.models import Contact
from reminders.replies import actions as reply_actions
from reminders.replies import inbound
from tests.given import a_new_patient, a_phone, an_enrolment
from tests.staff.people import also, signed_in, three_people

pytestmark = pytest.mark.django_db
PHONE = "+12025550120"
BEN = {"relationship": "caregiver", "name": "Ben Moore"}
SAID = {"source": "verbal", "wording": "Only visits, please."}


@pytest.fixture
def people():
    return three_people()


@pytest.fixture
def jane(people):
    return enrolled(people, "Jane Moore", a_phone("+12025550121"), a_phone(PHONE, **BEN))


@pytest.fixture
def ben(jane) -> Contact:
    return jane.patient.contacts.get(name="Ben Moore")


@pytest.fixture
def owner(people) -> Client:
    return signed_in(people.owner)


def enrolled(people, name, *contacts, site=None, by=None):
    given, family = name.split()
    new = a_new_patient(*contacts, given_name=given, family_name=family)
    return an_enrolment(site or people.site, by=by or people.owner, patient=new, day=3, now=clock.now())


def text(response) -> str:
    return " ".join(response.content.decode().split())


def record(client, surgery) -> str:
    return text(client.get(f"/staff/surgeries/{surgery.pk}/"))


def post(client, surgery, contact, deed, **data):
    return client.post(f"/staff/surgeries/{surgery.pk}/contacts/{contact.pk}/{deed}/", data)


def texted(site, words: str):
    to = site.senders.get(channel="sms").address
    return inbound.receive(provider_id=f"SM{words}", from_address=PHONE, to_address=to, text=words, now=clock.now())


# caregivers


def test_a_caregiver_is_added_with_scope_consent_and_the_words_of_it(people, jane, owner):
    new = {"relationship": "caregiver", "name": "Lea", "address": "lea@example.org", "scope": "warnings"}
    new |= {"consent": "on", "source": "paper", "wording": "Lea may hear of visits and warnings."}

    owner.post(f"/staff/surgeries/{jane.pk}/contacts/", {f"caregiver-{name}": value for name, value in new.items()})

    lea = jane.patient.contacts.get(email="lea@example.org")
    assert (lea.relationship, lea.name, lea.scope) == ("caregiver", "Lea", "warnings")
    event = lea.consent_events.get()
    assert (event.kind, event.source, event.wording, event.by) == ("given", "paper", new["wording"], people.owner)
    assert "hears about visits and warnings" in record(owner, jane)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"relationship": "caregiver", "name": ""}, "Enter the caregiver&#x27;s name"),
        ({"relationship": "self", "scope": "visits"}, "The patient gets every message."),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence_and_nothing_is_kept(jane, owner, typed, sentence):
    typed = {"address": "lea@example.org", "name": "Lea"} | typed

    refused = owner.post(
        f"/staff/surgeries/{jane.pk}/contacts/", {f"caregiver-{name}": value for name, value in typed.items()}
    )

    assert refused.status_code == 422
    assert sentence in text(refused)
    assert not jane.patient.contacts.filter(email="lea@example.org").exists()


def test_the_scope_is_changed_with_the_words_that_were_said(people, jane, ben, owner):
    post(owner, jane, ben, "scope", scope="visits", **SAID)

    ben.refresh_from_db()
    event = ben.consent_events.last()
    assert (ben.scope, event.kind, event.wording, event.by) == ("visits", "given", SAID["wording"], people.owner)
    page = record(owner, jane)
    assert "scope changed (" in page
    assert all(told in page for told in ("was: everything", "hears: visits only", "wording: Only visits, please."))


@pytest.mark.parametrize("deed", ["scope", "revoke"])
def test_without_the_words_nothing_is_changed(jane, ben, owner, deed):
    refused = post(owner, jane, ben, deed, scope="visits", source="verbal", wording=" ")

    ben.refresh_from_db()
    assert refused.status_code == 422
    assert "Record what the patient agreed to or asked for." in text(refused)
    assert (ben.scope, ben.ended_at) == ("all", None)


def test_a_scope_gives_no_consent_that_was_withdrawn(people, jane, ben, owner):
    reply_actions.record_refusal(ben, wording="No more.", by=people.owner, now=clock.now())

    post(owner, jane, ben, "scope", scope="visits", **SAID)

    assert Contact.objects.with_consent().get(pk=ben.pk).consent_kind == "withdrawn"


def test_the_patients_own_contact_has_no_scope_and_is_not_revoked(jane, owner):
    own = jane.patient.contacts.get(relationship="self")

    refused = [post(owner, jane, own, "scope", scope="visits", **SAID), post(owner, jane, own, "revoke", **SAID)]

    own.refresh_from_db()
    assert [response.status_code for response in refused] == [422, 422]
    assert (own.scope, own.ended_at) == ("all", None)


def test_a_revoked_caregiver_stands_in_the_story_and_can_be_added_anew(jane, ben, owner):
    post(owner, jane, ben, "revoke", **SAID)
    post(owner, jane, ben, "revoke", **SAID)

    ben.refresh_from_db()
    event = ben.consent_events.last()
    assert ben.ended_at
    assert (event.kind, event.wording, ben.consent_events.count()) == ("withdrawn", SAID["wording"], 2)
    page = record(owner, jane)
    assert "Ben Moore: not used since" in page
    assert "in person or by phone: “Only visits, please.”" in page
    assert page.count("caregiver revoked (") == 1
    again = {"caregiver-relationship": "caregiver", "caregiver-name": "Ben", "caregiver-address": PHONE}
    assert owner.post(f"/staff/surgeries/{jane.pk}/contacts/", again).status_code == 302


# shared phones


def test_who_else_is_on_the_phone_is_told_to_who_may_see_both(people, jane, ben):
    ana = enrolled(people, "Ana Ruiz", a_phone(PHONE))

    for staff in (people.owner, people.colleague):
        page = record(signed_in(staff), jane)
        assert "This phone also belongs to" in page
        assert f'<a href="/staff/surgeries/{ana.pk}/">Ana Ruiz</a>' in page
        assert "say “for J.M.”, and no name" in page
    assert "Ben Moore for Jane Moore" in record(signed_in(people.owner), ana)
    assert signed_in(people.stranger).get(f"/staff/surgeries/{jane.pk}/").status_code == 404


def test_the_same_number_at_another_site_is_nobodys_business(people, jane, ben):
    elsewhere = people.stranger.sites.get()
    enrolled(people, "Ana Ruiz", a_phone(PHONE), site=elsewhere, by=people.stranger)
    both = also(people.colleague, elsewhere, "reception")

    for staff in (people.owner, both):
        page = record(signed_in(staff), jane)
        assert "also belongs to" not in page
        assert "Ruiz" not in page


def test_whom_a_phone_serves_is_told_to_nobody_of_another_site(people, jane, ben):
    here = (people.site.pk, PHONE)

    assert [one.name for one in served([here], staff=people.colleague)[here]] == ["Ben Moore for Jane Moore"]
    assert served([here], staff=people.stranger) == {}


def test_whom_no_initials_tell_apart_is_said_before_a_message_is_lost(people, ben, owner):
    joan = enrolled(people, "Joan Miller", a_phone("+12025550130"))
    john = enrolled(people, "John Miller", a_phone("+12025550130"))

    assert all(
        "Nothing is sent there: another person on it has the same initials" in record(owner, row)
        for row in (joan, john)
    )


def test_a_refusal_on_the_phone_covers_the_number_and_both_records_show_it(people, jane, ben, owner):
    ana = enrolled(people, "Ana Ruiz", a_phone(PHONE))

    post(owner, jane, ben, "consent", given="no", **SAID)

    kinds = Contact.objects.with_consent().filter(phone=PHONE).values_list("consent_kind", flat=True)
    assert list(kinds) == ["withdrawn", "withdrawn"]
    assert all("consent withdrawn" in record(owner, surgery) for surgery in (jane, ana))


def test_revoking_a_caregiver_leaves_what_they_hear_about_another_patient(people, jane, ben, owner):
    ana = enrolled(people, "Ana Ruiz", a_phone(PHONE))

    post(owner, jane, ben, "revoke", **SAID)

    assert Contact.objects.reachable().get(phone=PHONE).patient == ana.patient


# texts that are nobody's


def test_the_board_names_everybody_a_text_may_be_of(people, jane, ben):
    ana = enrolled(people, "Ana Ruiz", a_phone(PHONE))
    texted(people.site, "can I drive yet?")

    for staff in (people.owner, people.colleague):
        page = text(signed_in(staff).get("/staff/board/"))
        assert f'<a class="board-name" href="/staff/surgeries/{jane.pk}/">Ben Moore for Jane Moore</a> or' in page
        assert f'<a class="board-name" href="/staff/surgeries/{ana.pk}/">Ana Ruiz</a>' in page
        assert "one phone" in page
    assert "Ruiz" not in text(signed_in(people.stranger).get("/staff/board/"))


def test_an_alert_names_everybody_it_may_be_about(people, jane, ben):
    enrolled(people, "Ana Ruiz", a_phone(PHONE))
    reply = texted(people.site, "chest pain")

    assert "Call 911" in reply.answer
    for staff in (people.owner, people.colleague):
        board = text(signed_in(staff).get("/staff/board/"))
        assert "Close the alert of Ben Moore for Jane Moore or Ana Ruiz" in board
    alert = signed_in(people.owner).get(f"/staff/alerts/{reply.cause.alert_id}/")
    assert "Record of Ana Ruiz" in text(alert)
    assert signed_in(people.stranger).get(f"/staff/alerts/{reply.cause.alert_id}/").status_code == 404


def test_a_perhaps_from_a_shared_phone_is_decided_on_the_board_for_both(people, jane, ben, owner):
    enrolled(people, "Ana Ruiz", a_phone(PHONE))
    reply = texted(people.site, "please could you maybe stop these texts to my phone some time")
    assert "Stop messages to Ben Moore for Jane Moore or Ana Ruiz" in text(owner.get("/staff/board/"))

    owner.post(f"/staff/board/replies/{reply.pk}/stop/")

    kinds = Contact.objects.with_consent().filter(phone=PHONE).values_list("consent_kind", flat=True)
    assert list(kinds) == ["withdrawn", "withdrawn"]


def test_a_number_nobody_knows_stays_one(people):
    texted(people.site, "who is this?")

    assert "Unknown number" in text(signed_in(people.owner).get("/staff/board/"))
