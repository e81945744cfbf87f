"""No name, number, text or link of a patient in any log line, from enrolment to the last reply."""

import json
import logging
from typing import Any

import pytest
from django.test import Client
from twilio.request_validator import RequestValidator

from reminders import tasks
from reminders.delivery.models import Attempt, Delivery
from reminders.plan.models import CarePlan, Reminder
from tests import given
from tests.delivery.sending import live, ring, site, surgeon

__all__ = ["live", "site", "surgeon"]
NAME, PHONE, MAIL, SAID = "Quirine Zwartkruis", given.phone(66), "quirine@example.org", "my left canary hurts"


@pytest.fixture
def everything_said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """All loggers at their loudest, those too that settings keep quiet."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, logger="mail.log")
    for name in ("twilio", "aiohttp", "django", "celery", "asyncio", "reminders", "clinic"):
        caplog.set_level(logging.DEBUG, logger=name)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)  # SQL is off unless DEBUG is on
    return caplog


@pytest.mark.parametrize("behaviour", ["ok", "http:400/21211", "http:500/20500", "bad_json", "ok_then_close"])
def test_no_log_line_names_anybody(live, surgeon, twilio, smtp, everything_said, behaviour):
    twilio.behave(behaviour)
    smtp.mode = "550 no such user" if behaviour.startswith("http:4") else "ok"
    contacts = [given.a_phone(PHONE), given.an_email(MAIL)]
    first, last = NAME.split()
    patient = given.a_patient(live, *contacts, by=surgeon, given_name=first, family_name=last)
    surgery = given.an_enrolment(live, by=surgeon, patient=patient)
    now = Reminder.objects.planned().get(step_code="walk-today").due_at

    ring(now)
    reply_and_report(surgery, behaviour)

    ours = [record for record in everything_said.records if record.name != "mail.log"]  # the fake mail server's own
    said = "\n".join(f"{record.getMessage()} {record.args} {record.exc_text}" for record in ours)
    assert set(Attempt.objects.values_list("route", flat=True)) == {"twilio", "smtp"}
    link = CarePlan.objects.get(surgery=surgery).link
    for secret in [first, last, PHONE, PHONE[2:], MAIL, SAID, link, *Delivery.objects.values_list("text", flat=True)]:
        assert secret not in said


def reply_and_report(surgery: Any, behaviour: str) -> None:
    """A text from the patient, a callback, and the provider's log of both: once signed and once forged."""
    from django.conf import settings

    attempt = Attempt.objects.filter(route="twilio").get()
    to = surgery.site.senders.get(channel="sms").address
    texts = {"MessageSid": "SM1", "From": PHONE, "To": to, "Body": SAID}
    report = {"MessageSid": attempt.provider_id or "SM2", "MessageStatus": "sent", "To": PHONE}
    asked = {"resource_sid": attempt.provider_id, "webhook": {"request": {"parameters": texts}}}
    told = {"Sid": "NO" + "1" * 32, "AccountSid": settings.TWILIO_ACCOUNT_SID, "Level": "ERROR"}
    loop, unread = json.dumps(asked | {"error_code": "14107"}), json.dumps(asked)
    for path, params in (
        ("/webhooks/sms/inbound/", texts),
        ("/webhooks/sms/inbound/", texts | {"MessageSid": "S" * 300, "Body": SAID}),
        (f"/webhooks/sms/status/{attempt.pk}/", report),
        ("/webhooks/sms/log/", told | {"Payload": loop}),
        ("/webhooks/sms/log/", told | {"Sid": "NO" + "2" * 32, "Payload": unread}),
    ):
        signed = RequestValidator(settings.TWILIO_AUTH_TOKEN).compute_signature(settings.PUBLIC_URL + path, params)
        for signature in (signed, "forged"):
            Client(raise_request_exception=False).post(path, params, headers={"X-Twilio-Signature": signature})


def test_a_message_in_memory_does_not_show_whom_it_is_for(live, surgeon):
    from tests.delivery.sending import a_promise, claimed

    [job] = claimed(a_promise(live, given.a_phone(PHONE), by=surgeon)).jobs

    assert PHONE not in repr(job)
    assert job.message.text not in repr(job)


def test_tasks_are_rung_without_a_word(site, surgeon, everything_said):
    given.an_enrolment(site, given.a_phone(PHONE), by=surgeon)

    tasks.send_due()
    tasks.mail_due()

    assert PHONE not in everything_said.text
