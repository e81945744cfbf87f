"""What patients text about a visit comes in by the webhook of the running app: said back, and seen by reception."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Page, expect
from twilio.request_validator import RequestValidator

from patients.models import CheckUp
from patients.models.staff import Role
from reminders import visit_actions
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.plan.models import Reminder
from tests.given import NOW, a_new_patient, a_phone, a_site, a_staff_member, an_enrolment, phone
from tests.staff.browsing import fits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOKEN, INBOUND = "fake-auth-token", "/webhooks/sms/inbound/"
AT = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)  # Thursday 1 pm in New York; the text three days before is due now
PEOPLE = {phone(21): ("Ana", "en"), phone(22): ("Tom", "en"), phone(23): ("Luz", "es")}
ANA, TOM, LUZ = PEOPLE
EXPECTED = "Riverside Clinic: Thank you, we expect you on Thu 5 Mar at 1:00 pm."
SAID_BACK = [
    (ANA, "1", EXPECTED),
    (TOM, "yes", EXPECTED),
    (LUZ, "sí", "Riverside Clinic: Gracias, le esperamos el jue 5 mar a las 13:00."),
    (ANA, "2", "Riverside Clinic: You cannot come on Thu 5 Mar. We will call you about a new time."),
    (TOM, "3", "Riverside Clinic: We will call you about a new time."),
    (LUZ, "9", "Riverside Clinic: Alguien le llama"),
]


@pytest.fixture
def visits(settings) -> dict[str, CheckUp]:
    """Of each phone; its text about the visit has just left."""
    settings.TWILIO_AUTH_TOKEN = TOKEN
    site = a_site(staffed_from="08:00", staffed_until="17:00")
    surgeon = a_staff_member(site)
    visits = {}
    for number, (name, language) in PEOPLE.items():
        who = a_new_patient(a_phone(number, language=language), given_name=name, language=language)
        surgery = an_enrolment(site, by=surgeon, day=40, patient=who, now=NOW - timedelta(days=4))
        visits[number] = visit = surgery.check_ups.get(code="six-weeks")
        visit_actions.book_visit(visit, at=AT, by=surgeon, now=NOW - timedelta(days=4))
    Reminder.objects.exclude(step__kind="visit_reminder").update(status="skipped", reason="skipped_by_staff")
    for now in (NOW - timedelta(days=4) + timedelta(minutes=4), NOW):
        open_due(now)
        claim("sms", now)
    return visits


def test_what_is_answered_about_a_visit_is_said_back_and_tells_reception_what_to_do(
    live_server, browser_page, settings, visits
):
    page, site = browser_page, visits[ANA].site

    def shown(name: str, *keys: object) -> Page:
        page.goto(live_server.url + reverse(name, args=keys))
        return page

    def says(sender: str, text: str, said: str) -> None:
        params = {"MessageSid": f"SM{sender}{text}", "From": sender, "To": sms.address, "Body": text}
        signed = RequestValidator(TOKEN).compute_signature(settings.PUBLIC_URL + INBOUND, params)
        answer = page.request.post(live_server.url + INBOUND, form=params, headers={"X-Twilio-Signature": signed})
        assert said in answer.text(), text

    def board_says(number: str, *words: str) -> None:
        for word in words:
            expect(page.locator(f"#visit-{visits[number].pk}")).to_contain_text(word)

    with time_machine.travel(NOW + timedelta(minutes=5), tick=True):
        sms = site.senders.get(channel="sms")
        sign_in(page, live_server.url, a_staff_member(site, Role.RECEPTION))
        for answer in SAID_BACK[:3]:
            says(*answer)
        shown("staff:board")
        for number in PEOPLE:
            board_says(number, "confirmed", "will come, today 10:0")
        for answer in SAID_BACK[3:]:
            says(*answer)

        for number, text, said in SAID_BACK:
            talk = shown("staff:outbox-person", visits[number].surgery.patient_id).locator(".outbox-talk")
            expect(talk.locator(".ours", has_text="1 = ").first).to_be_visible()
            expect(talk.locator(".theirs").get_by_text(text, exact=True)).to_be_visible()
            expect(talk.locator(".ours", has_text=said)).to_be_visible()
        fits(page, "outbox-answers-es")
        shown("staff:board")
        board_says(ANA, "cannot come", "cannot come, today 10:0")
        board_says(TOM, "wants another time", "asked for a new time")
        board_says(LUZ, "confirmed", "asked for a call")
        for words in ("cannot come", "wants another time", "wants a call"):
            expect(page.locator("#replies .pill").get_by_text(words)).to_be_visible()
        fits(page, "board-answers")
        shown("patient:page", visits[TOM].surgery.care_plan.link)
        expect(page.get_by_role("status")).to_have_text("You asked for another time. We will call you about it.")
        fits(page, "patient-new-time")
