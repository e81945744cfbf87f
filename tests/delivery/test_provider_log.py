"""The provider's own error log at our door: signed, kept once, heeded by the table of codes, and never a 500."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from twilio.request_validator import RequestValidator

from patients.models import Contact
from reminders.delivery.models import Alarm, Breaker, Delivery, Notice
from reminders.delivery.outcomes import Accepted
from reminders.delivery.receipts import callbacks
from reminders.delivery.receipts.code_actions import hushed
from reminders.delivery.sending.results import record
from reminders.plan.models import Reminder
from reminders.replies.models import Reply
from tests import given
from tests.delivery.sending import a_promise, claimed, the_contact, the_delivery
from tests.delivery.test_webhooks import INBOUND, PUBLIC, TOKEN, post, text_of

DOOR, ACCOUNT, MESSAGE = "/webhooks/sms/log/", "AC" + "0" * 32, "SM" + "1" * 32


@pytest.fixture(autouse=True)
def known_to_twilio(settings: Any) -> None:
    settings.TWILIO_AUTH_TOKEN, settings.TWILIO_AUTH_TOKEN_OLD = TOKEN, ""
    settings.PUBLIC_URL, settings.TWILIO_ACCOUNT_SID = PUBLIC, ACCOUNT


@pytest.fixture
def reminder(live, surgeon) -> Reminder:
    """Its text was taken by the provider."""
    reminder = a_promise(live, given.a_phone(given.phone(77)), by=surgeon)
    [job] = claimed(reminder).jobs
    record([(job, Accepted(MESSAGE, "queued"))], reminder.due_at)
    return reminder


def event(code: object, *, about: str = MESSAGE, asked: Any = None, **more: str) -> dict[str, str]:
    """As the provider writes it; `asked`: the parameters of the webhook that failed."""
    payload: dict[str, Any] = {"resource_sid": about, "service_sid": None, "error_code": code, "more_info": {}}
    if asked is not None:
        payload["webhook"] = {"type": "application/json", "request": {"method": "POST", "parameters": asked}}
    facts = {"Sid": "NO" + "2" * 32, "AccountSid": ACCOUNT, "ParentAccountSid": "", "Level": "ERROR"}
    when = {"Timestamp": "2026-03-02T15:00:00Z", "PayloadType": "application/json"}
    return facts | when | {"Payload": json.dumps(payload)} | more


def alarms() -> list[tuple[str, str, int]]:
    return list(Alarm.objects.exclude(kind="breaker").values_list("kind", "subject", "count"))


@pytest.mark.parametrize("code", ["11200", "11205", 12300])
def test_a_callback_that_did_not_reach_us_rings_and_has_its_message_asked_about(reminder, code):
    assert post(DOOR, event(code)).status_code == 204

    assert alarms() == [("webhook", str(code), 1)]
    assert the_delivery(reminder).look_at == Notice.objects.get().received_at
    assert the_delivery(reminder).state == "accepted"


def test_a_callback_is_known_by_the_message_it_was_for(reminder):
    post(DOOR, event("11200", about="CA" + "3" * 32, asked={"MessageSid": MESSAGE, "MessageStatus": "delivered"}))

    assert the_delivery(reminder).look_at == Notice.objects.get().received_at


def test_a_text_that_did_not_reach_us_rings_too(site):
    assert post(DOOR, event("11200", about="SM" + "9" * 32)).status_code == 204

    assert alarms() == [("webhook", "11200", 1)]


@pytest.mark.parametrize(
    ("code", "causes"),
    [
        ("30007", {"filtered"}),
        ("30450", {"number_range"}),
        ("30039", {"machine_loop"}),
        ("30023", {"daily_cap"}),
        ("21617", {"developer"}),
        ("30004", {"perhaps_refused"}),
        ("99999", {"unknown_code"}),
    ],
)
def test_what_a_message_of_ours_met_causes_what_the_table_says(reminder, code, causes):
    Delivery.objects.update(code=30007)  # one of one in a day is more than one in a hundred

    post(DOOR, event(code))

    assert {kind for kind, *_ in alarms()} == causes


def test_a_limit_that_a_message_of_ours_met_opens_the_breaker(reminder):
    post(DOOR, event("63038"))

    assert Breaker.objects.get().code == 63038


def test_what_somebody_else_with_the_account_was_refused_stops_nobody_here(reminder):
    post(DOOR, event("20003", about="CA" + "4" * 32))

    assert not Breaker.objects.exists()
    assert alarms() == [("provider", "20003", 1)]


@pytest.mark.parametrize("asked_of", ["message", "answer"])
def test_a_loop_with_another_machine_ends_our_answers_to_it(reminder, live, asked_of):
    if asked_of == "message":
        post(DOOR, event("14107"))
    else:
        texts = {"From": given.phone(77), "To": live.senders.get(channel="sms").address, "Body": "I am driving"}
        post(DOOR, event("14107", about="SM" + "8" * 32, asked=texts))

    assert hushed(the_contact(reminder).pk)
    assert b"<Response/>" in post(INBOUND, text_of(live, "HELP")).content
    assert Reply.objects.get().answer == ""


def test_the_same_event_again_does_nothing(reminder):
    assert [post(DOOR, event("11200")).status_code for _ in range(3)] == [204] * 3

    assert Notice.objects.count() == 1
    assert alarms() == [("webhook", "11200", 1)]


def test_what_a_callback_has_told_already_is_not_heeded_again(reminder):
    attempt = the_delivery(reminder).attempts.get()
    callbacks.receive(attempt.pk, provider_id=MESSAGE, status="failed", code=21610, now=reminder.due_at)
    told = the_contact(reminder).consent_events.count()

    post(DOOR, event("21610"))

    assert the_contact(reminder).consent_events.count() == told
    assert not Contact.objects.reachable().exists()


def test_nothing_of_the_payload_is_kept_but_code_and_message(reminder):
    post(DOOR, event("11200", asked={"From": given.phone(77), "Body": "my pain is 9"}))

    kept = Notice.objects.get()
    assert (kept.code, kept.level, kept.message_id) == (11200, "ERROR", MESSAGE)
    assert not any("pain" in alarm.detail or "+1202" in alarm.detail for alarm in Alarm.objects.all())


def nothing_happened(reminder: Reminder) -> bool:
    moved = the_delivery(reminder).look_at != reminder.due_at + timedelta(hours=1)
    return not (moved or Notice.objects.exists() or Alarm.objects.exists() or Breaker.objects.exists())


@pytest.mark.parametrize("signature", ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "ü"])
def test_what_is_not_signed_changes_nothing(reminder, signature):
    assert post(DOOR, event("63038"), signature=signature).status_code == 403
    assert nothing_happened(reminder)


def test_a_changed_event_breaks_the_signature(reminder):
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + DOOR, event("11200"))

    assert post(DOOR, event("63038"), signature=signature).status_code == 403
    assert nothing_happened(reminder)


@pytest.mark.parametrize(
    "odd",
    [
        *({key: ""} for key in ("Sid", "AccountSid", "Level", "Payload")),
        {"Payload": json.dumps({"error_code": "11200", "resource_sid": MESSAGE})[:-9]},
        *({"Payload": raw} for raw in ("[]", "null", "7", '"x"', "{}", "[" * 100_000, '{"a":' * 100_000)),
        *({"Payload": json.dumps({"error_code": code})} for code in (None, "", "-1", "9" * 40, [], {}, True, "1e4")),
        {"Payload": '{"error_code": Infinity}'},
        {"Sid": "x" * 600},
        {"Sid": "NO\0" + "2" * 30},
        {"Level": "INFO"},
        {"AccountSid": "AC" + "7" * 32},
    ],
)
def test_half_an_event_and_nonsense_change_nothing_and_are_no_error_of_ours(reminder, odd):
    assert post(DOOR, event("11200") | odd).status_code == 204
    assert nothing_happened(reminder)


@pytest.mark.parametrize(
    "asked",
    ["x", [], {"From": ["+1"], "To": {}}, {"From": "\ud83d", "MessageSid": "\0"}, {"From": "+" + "1" * 5_000}],
)
@pytest.mark.parametrize("code", ["14107", "11200"])
def test_odd_parameters_of_a_failed_webhook_are_left_aside(reminder, asked, code):
    assert post(DOOR, event(code, about="\ud83d", asked=asked)).status_code == 204
    assert Notice.objects.get().message_id == ""


def test_an_enormous_event_is_turned_away(reminder, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000

    form = urlencode(event("11200", Payload="x" * 20_000))

    answer = Client(raise_request_exception=False).post(DOOR, form, "application/x-www-form-urlencoded")

    assert answer.status_code == 413
    assert nothing_happened(reminder)
