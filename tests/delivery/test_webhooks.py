"""The provider's doors: what is not signed stays out, what is comes in, and nothing makes them answer 500."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from twilio.request_validator import RequestValidator

from clinic import webhooks
from clinic.load_shedding import TimeBudget
from patients.models import Contact
from reminders.delivery.models import Alarm, Report
from reminders.plan.models import Reminder
from reminders.replies.models import Reply
from tests import given
from tests.delivery.sending import a_promise, claimed, the_delivery
from tests.waiting import HUNG

TOKEN = "fake-auth-token"
PUBLIC = "https://clinic.example.org"
INBOUND = "/webhooks/sms/inbound/"


@pytest.fixture(autouse=True)
def known_to_twilio(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With time to act on every report at once, however slow the machine."""
    settings.TWILIO_AUTH_TOKEN, settings.TWILIO_AUTH_TOKEN_OLD = TOKEN, ""
    settings.PUBLIC_URL = PUBLIC
    monkeypatch.setattr(webhooks, "acting", TimeBudget(share=1, most=HUNG))


def post(path: str, params: dict[str, str], *, signature: str | None = None, **headers: str) -> Any:
    signed = RequestValidator(TOKEN).compute_signature(PUBLIC + path, params) if signature is None else signature
    client = Client(raise_request_exception=False)
    return client.post(path, params, headers={"X-Twilio-Signature": signed} | headers)


def status_of(reminder: Reminder, status: str, **more: str) -> tuple[str, dict[str, str]]:
    attempt = the_delivery(reminder).attempts.get()
    params = {"MessageSid": "SM" + "1" * 32, "MessageStatus": status, "AccountSid": "AC1", "From": "", "To": ""}
    return f"/webhooks/sms/status/{attempt.pk}/", params | more


@pytest.fixture
def reminder(site, surgeon) -> Reminder:
    reminder = a_promise(site, by=surgeon)
    claimed(reminder)
    return reminder


def test_a_callback_or_a_text_of_another_account_is_refused_with_an_alarm(reminder, site, settings):
    settings.TWILIO_ACCOUNT_SID = "AC2"
    told = status_of(reminder, "delivered")
    text = {"MessageSid": "SM2", "From": given.phone(7), "To": "+12025550199", "Body": "STOP", "AccountSid": "AC1"}

    assert post(*told).status_code == post(INBOUND, text).status_code == 403

    assert (the_delivery(reminder).state, Reply.objects.count()) == ("claimed", 0)
    assert Alarm.objects.get(kind="security").count == 2
    settings.TWILIO_ACCOUNT_SID = "AC1"
    assert (post(*told).status_code, post(INBOUND, text).status_code) == (204, 200)


def test_a_signature_by_a_shared_key_is_read_from_its_header(reminder, settings):
    settings.TWILIO_WEBHOOK_SECRET = "shared-secret"
    path, params = status_of(reminder, "delivered")
    signature = RequestValidator("shared-secret").compute_signature(PUBLIC + path, params, "HMAC_SHA256")

    header = {webhooks.SIGNED_WITH: "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}

    assert post(path, params, signature=signature).status_code == 403
    assert post(path, params, signature=signature, **header).status_code == 204


def test_a_signed_callback_moves_the_delivery_and_gets_no_content(reminder):
    answer = post(*status_of(reminder, "delivered"))

    assert (answer.status_code, answer.content) == (204, b"")
    assert the_delivery(reminder).state == "delivered"


@pytest.mark.parametrize("signature", ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "ü", "x" * 9000])
@pytest.mark.parametrize("door", ["status", "inbound"])
def test_what_is_not_signed_stays_out(reminder, door, signature):
    path, params = status_of(reminder, "delivered") if door == "status" else (INBOUND, {"Body": "STOP"})

    assert post(path, params, signature=signature).status_code == 403
    assert the_delivery(reminder).state == "claimed"
    assert not Reply.objects.exists()


def test_a_changed_parameter_breaks_the_signature(reminder):
    path, params = status_of(reminder, "failed")
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + path, params)

    assert post(path, params | {"MessageStatus": "delivered"}, signature=signature).status_code == 403


def test_without_a_token_nobody_gets_in(reminder, settings):
    settings.TWILIO_AUTH_TOKEN = ""
    path, params = status_of(reminder, "delivered")
    signature = RequestValidator("").compute_signature(PUBLIC + path, params)

    assert post(path, params, signature=signature).status_code == 403


def test_the_signature_is_for_our_public_address_whatever_host_the_proxy_names(reminder):
    assert post(*status_of(reminder, "sent"), host="localhost:8000").status_code == 204


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_posts_are_answered(db, method):
    assert getattr(Client(), method)(INBOUND).status_code == 405


def test_blank_and_new_parameters_are_part_of_the_signature(reminder):
    assert post(*status_of(reminder, "sent", FromCity="", Tomorrow="new", ErrorCode="")).status_code == 204


def test_a_callback_with_nothing_but_blanks_is_no_server_error(reminder):
    path, params = status_of(reminder, "")

    assert post(path, dict.fromkeys(params, "")).status_code == 204
    assert the_delivery(reminder).state == "claimed"


def test_an_attempt_nobody_knows_is_kept_and_answered(db, reminder):
    ref = uuid4()

    assert post(f"/webhooks/sms/status/{ref}/", {"MessageSid": "SM9", "MessageStatus": "sent"}).status_code == 204
    assert Report.objects.filter(attempt_ref=ref, attempt=None).exists()


def test_a_message_number_of_another_attempt_is_refused(reminder):
    post(*status_of(reminder, "sent"))

    assert post(*status_of(reminder, "delivered", MessageSid="SM" + "2" * 32)).status_code == 409
    assert the_delivery(reminder).state == "sent"


@pytest.mark.parametrize(
    "odd",
    [
        {"MessageStatus": "x" * 500},
        {"MessageStatus": "failed", "ErrorCode": "9" * 40},
        {"MessageStatus": "failed", "ErrorCode": "-1"},
        {"MessageSid": "S" * 600},
        {"MessageStatus": "se\x00nt"},
        {"MessageSid": "\x00"},
    ],
)
def test_odd_values_never_make_a_server_error(reminder, odd):
    path, params = status_of(reminder, "sent")

    assert post(path, params | odd).status_code in (204, 400, 409, 413)


def test_a_huge_body_is_refused_before_it_is_read(db, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000

    answer = Client(raise_request_exception=False).post(
        INBOUND, "Body=" + "x" * 20_000, content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code in (400, 413)


def test_a_thousand_parameters_too_many_are_refused(db):
    assert post(INBOUND, {f"p{n}": "" for n in range(1_500)}, signature="x").status_code in (400, 413)


def test_an_inbound_text_is_stored_and_answered_with_nothing_to_say(site):
    sender, to = given.phone(77), site.senders.get(channel="sms").address

    answer = post(INBOUND, {"MessageSid": "SM1", "From": sender, "To": to, "Body": "hello", "FromCity": ""})

    assert answer["Content-Type"] == "text/xml"
    assert b"<Response/>" in answer.content
    assert Reply.objects.get().text == "hello"


def text_of(site, body: str, **more: str) -> dict[str, str]:
    to = site.senders.get(channel="sms").address
    return {"MessageSid": "SM1", "From": given.phone(77), "To": to, "Body": body, "FromCity": ""} | more


def test_what_is_said_back_rides_in_the_answer_and_is_the_same_when_asked_again(site, surgeon):
    a_promise(site, given.a_phone(given.phone(77)), by=surgeon)
    site.short_name = "Ruiz & Sons <1>"
    site.save()

    answers = [post(INBOUND, text_of(site, "HELP")).content.decode() for _ in range(3)]

    assert answers[0].startswith('<?xml version="1.0" encoding="UTF-8"?><Response><Message>Ruiz &amp; Sons &lt;1&gt;: ')
    assert answers == [answers[0]] * 3
    assert Reply.objects.count() == 1


def test_texts_out_of_order_and_repeated_end_as_if_each_came_once(site, surgeon):
    a_promise(site, given.a_phone(given.phone(77)), by=surgeon)

    for sid, body in [("SM2", "START"), ("SM1", "STOP"), ("SM2", "START"), ("SM1", "STOP"), ("SM2", "START")]:
        assert post(INBOUND, text_of(site, body, MessageSid=sid)).status_code == 200

    assert Reply.objects.count() == 2
    assert not Contact.objects.reachable().exists()


@pytest.mark.parametrize("without", ["MessageSid", "From", "To", "Body", "FromCity"])
def test_a_truncated_text_with_a_signature_is_kept_and_never_a_server_error(site, without):
    params = {key: value for key, value in text_of(site, "hello").items() if key != without}

    assert [post(INBOUND, params).status_code for _ in range(2)] == [200, 200]
    assert Reply.objects.count() == 1


def test_two_texts_without_an_id_are_two(site):
    for body in ("one", "two"):
        post(INBOUND, text_of(site, body, MessageSid=""))

    assert Reply.objects.count() == 2


def test_a_truncated_text_whose_signature_was_for_the_whole_is_refused(site):
    params = text_of(site, "please do not STOP")
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + INBOUND, params)

    assert post(INBOUND, params | {"Body": "STOP"}, signature=signature).status_code == 403
    assert not Reply.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        "\0",
        "ST\0OP",
        "x" * 1_600,
        "x" * 100_000,
        "\ud83d",
        "\u202e" * 50,
        "مرحبا",
        "💊" * 400,
        "U1RPUA==",
        "<b>&",
        "%s{0}",
        "",
    ],
)
def test_whatever_stands_in_a_text_is_kept_and_never_a_server_error(site, surgeon, body):
    a_promise(site, given.a_phone(given.phone(77)), by=surgeon)
    body = body.encode("utf-8", "replace").decode()

    assert post(INBOUND, text_of(site, body, NumMedia="3")).status_code == 200
    assert Reply.objects.get().text.startswith(body.replace("\0", ""))


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_locked_row_makes_it_answer_503_within_two_seconds_and_later_all_is_well(site, surgeon, settings):
    a_promise(site, given.a_phone(given.phone(77)), by=surgeon)

    with transaction.atomic():
        list(Contact.objects.select_for_update())
        with ThreadPoolExecutor(1) as thread:
            answer = thread.submit(from_elsewhere, text_of(site, "STOP")).result(timeout=HUNG)

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert limits_after(settings.WEBHOOK_SQL) == ["1500ms", "2s"]  # by the database's clock
    assert not Reply.objects.exists()
    assert post(INBOUND, text_of(site, "STOP")).status_code == 200
    assert not Contact.objects.reachable().exists()


def limits_after(statement: str) -> list[str]:
    """Of a statement in a webhook: waiting for a lock, and in all."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
        return list(cursor.fetchone())


def from_elsewhere(params: dict[str, str]) -> Any:
    try:
        return post(INBOUND, params)
    finally:
        connection.close()


def test_bytes_that_are_no_text_are_no_server_error(db):
    body = b"MessageSid=SM1&From=%ff%fe&Body=%80%81&To=x"
    answer = Client(raise_request_exception=False).post(INBOUND, body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 403


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", [INBOUND, "/webhooks/sms/status/0b6dbbbf-6c1d-4d4e-8a9b-9a0f8d1c7e11/"])
def test_a_database_that_is_away_asks_to_be_called_again(path, settings):
    with away(connection.settings_dict):
        answer = post(path, {"MessageSid": "SM1", "MessageStatus": "sent", "From": given.phone(1), "Body": "STOP"})

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert post(path, {"MessageSid": "SM1", "MessageStatus": "sent", "Body": "hi"}).status_code in (200, 204)


class away:  # noqa: N801  reads as words: with away(database)
    """The database's address leads nowhere for a while."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options

    def __enter__(self) -> None:
        connection.close()
        self.port, self.options["PORT"] = self.options["PORT"], "1"

    def __exit__(self, *error: object) -> None:
        connection.close()
        self.options["PORT"] = self.port
