"""A mail service's door: the secret, a wrong one, half a report. One service's form stands for all of anymail's."""

import base64
import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.test import Client

from reminders.delivery.models import Attempt, Delivery, Report
from reminders.delivery.sending import dispatch
from reminders.delivery.sending.opening import open_due
from tests import given
from tests.delivery.sending import a_promise
from tests.delivery.test_email_channel import message, send

SECRET = "postmark:a-long-password"
DOOR = "/webhooks/mail/postmark/tracking/"


@pytest.fixture(autouse=True)
def known_to_the_service(settings: Any) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}


@pytest.fixture
def attempt(live, surgeon, smtp) -> Attempt:
    reminder = a_promise(live, given.an_email("ana@example.org"), by=surgeon)
    open_due(reminder.due_at)
    dispatch.drain("email", clock=lambda: reminder.due_at, window=1)
    return Attempt.objects.get()


def report(attempt: Attempt, kind: str = "Delivery", **more: Any) -> dict[str, Any]:
    return {"RecordType": kind, "MessageID": str(uuid4()), "Recipient": "ana@example.org",
            "Metadata": {"attempt": str(attempt.pk)}} | more  # fmt: skip


def bounce(attempt: Attempt) -> dict[str, Any]:
    more = {"Type": "HardBounce", "Email": "ana@example.org", "Details": "smtp;550 5.1.1 unknown", "ID": 4}
    return report(attempt, "Bounce", **more)


def post(body: Any, *, secret: str = SECRET, door: str = DOOR) -> int:
    raw = body if isinstance(body, (bytes, str)) else json.dumps(body)
    signed = "Basic " + base64.b64encode(secret.encode()).decode()
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    headers = {"Authorization": signed} if secret else {}
    return client.post(door, raw, content_type="application/json", headers=headers).status_code


def state() -> str:
    return Delivery.objects.get().state


def test_what_arrived_is_delivered(attempt):
    assert post(report(attempt)) == 200
    assert state() == "delivered"


def test_a_hard_bounce_is_undelivered(attempt):
    assert post(bounce(attempt)) == 200
    assert state() == "undelivered_perm"


def test_a_soft_bounce_is_called_so_by_the_service(attempt):
    assert post(bounce(attempt) | {"Type": "SoftBounce", "Details": ""}) == 200
    assert state() == "undelivered_temp"


def test_a_complaint_ends_the_mails(attempt):
    assert post(report(attempt, "SpamComplaint", Type="SpamComplaint", Email="ana@example.org")) == 200
    assert attempt.delivery.contact.consent_events.last().kind == "withdrawn"


@pytest.mark.parametrize("secret", ["", "postmark:wrong", "postmark", ":", "é:ü", SECRET + "x", "x" * 9000])
def test_without_the_secret_nothing_comes_in(attempt, secret):
    assert post(bounce(attempt), secret=secret) == 403
    assert state() == "sent"


def test_a_house_without_a_secret_lets_nobody_in(attempt, settings):
    settings.ANYMAIL = {}

    assert post(bounce(attempt), secret="") == 403
    assert post(bounce(attempt)) == 403
    assert state() == "sent"


def test_while_a_secret_is_rotated_both_are_good(attempt, settings):
    settings.ANYMAIL = {"WEBHOOK_SECRET": ["postmark:a-newer-password", SECRET]}

    assert post(report(attempt)) == 200


TRUNCATED = json.dumps({"RecordType": "Bounce", "MessageID": "1", "Details": "5.1.1"})[:-9]


@pytest.mark.parametrize(
    "body",
    ["", "{", TRUNCATED, "[]", "null", "7", '"x"', b"\xff\xfe", "a=b", '{"RecordType": 7}', '{"Metadata": []}',
     '{"RecordType": "Delivery", "Metadata": {"attempt": 7}}', '{"RecordType": "Delivery", "Metadata": "x"}',
     '{"RecordType": "Bounce", "Details": {"a": []}, "Metadata": {"attempt": "\\u0000"}}',
     '{"RecordType": "Delivery", "MessageID": "a\\u0000b", "DeliveredAt": "never", "Metadata": {}}'],
)  # fmt: skip
def test_half_a_report_or_nonsense_is_never_a_500(attempt, body):
    assert post(body) in (200, 400)
    assert state() == "sent"


def test_an_enormous_one_is_turned_away(attempt, settings):
    assert post(b"x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)) == 413


def test_a_name_that_postgresql_cannot_hold_is_no_500(attempt):
    long = report(attempt) | {"MessageID": "x\u0000" * 500, "Metadata": {"attempt": str(uuid4())}}

    assert post(long) == 200
    assert Report.objects.filter(attempt=None).count() == 1


@pytest.mark.parametrize("door", ["sendgrid", "mailgun", "mandrill", "amazon_ses", "resend", "brevo", "mailjet"])
def test_another_services_door_is_never_a_500(attempt, door):
    path = "/webhooks/mail/mandrill/" if door == "mandrill" else f"/webhooks/mail/{door}/tracking/"

    assert post(bounce(attempt), door=path) in (200, 400, 403, 404)
    assert state() == "sent"


def test_mails_from_patients_have_no_door(attempt):
    assert post({}, door="/webhooks/mail/postmark/inbound/") == 404


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_asks_to_be_told_again(settings):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE reminders_attempt RENAME TO away")
    try:
        assert post({"RecordType": "Delivery", "Metadata": {"attempt": str(uuid4())}}) == 503
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO reminders_attempt")


def test_our_attempt_rides_along_and_no_click_is_tracked(settings):
    from django.core import mail

    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    sent = message()

    send(sent)

    [params] = [left.anymail_test_params for left in mail.outbox]
    assert params["metadata"] == {"attempt": str(sent.attempt_id)}
    assert (params["track_clicks"], params["track_opens"]) == (False, False)
    assert params["extra_headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("secret", [None, "", "no-colon", "a:short"])
def test_a_mail_service_without_a_secret_is_refused_at_the_start(settings, secret):
    settings.MESSAGES, settings.EMAIL_BACKEND = "live", "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {"WEBHOOK_SECRET": secret} if secret is not None else {}

    with pytest.raises(SystemCheckError, match=r"aftercare\.E007"):
        call_command("check")
