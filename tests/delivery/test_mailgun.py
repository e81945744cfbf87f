"""Mailgun from end to end: our mail leaves through its API, and its signed reports come back through our door."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.test import Client

from reminders.delivery.models import Attempt, Delivery, Report
from reminders.delivery.sending import dispatch
from reminders.delivery.sending.opening import open_due
from tests import given
from tests.delivery.sending import a_promise

SECRET, SIGNING_KEY, DOOR = "mailgun:a-long-password", "fake-signing-key", "/webhooks/mail/mailgun/tracking/"
MAIL_ID = "<20260302.1@mg.example.org>"


class Service(ThreadingHTTPServer):
    """Takes messages as Mailgun's API does, and keeps their fields."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), MailgunEndpoint)
        self.taken: list[dict[str, str]] = []


class MailgunEndpoint(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append(fields(self.headers["Content-Type"], raw))
        answer = json.dumps({"id": MAIL_ID, "message": "Queued. Thank you."}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


def fields(kind: str, raw: bytes) -> dict[str, str]:
    if "urlencoded" in kind:
        return dict(parse_qsl(raw.decode(), keep_blank_values=True))
    form = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + raw)
    return {str(part.get_param("name", header="content-disposition")): part.get_content() for part in form.iter_parts()}


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    server = Service()
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    settings.ANYMAIL = {
        "WEBHOOK_SECRET": SECRET,
        "MAILGUN_API_KEY": "fake-api-key",
        "MAILGUN_API_URL": f"http://127.0.0.1:{server.server_port}/v3",
        "MAILGUN_SENDER_DOMAIN": "mg.example.org",
        "MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY,
    }
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def sent(live, surgeon, service) -> dict[str, str]:
    """What Mailgun was given of one mail that was due."""
    reminder = a_promise(live, given.an_email("ana@example.org"), by=surgeon)
    open_due(reminder.due_at)
    dispatch.drain("email", clock=lambda: reminder.due_at, window=1)
    [taken] = service.taken
    return taken


def signed(key: str = SIGNING_KEY, token: str = "a" * 50) -> dict[str, str]:
    moment = "1772463600"
    return {
        "timestamp": moment,
        "token": token,
        "signature": hmac.new(key.encode(), f"{moment}{token}".encode(), hashlib.sha256).hexdigest(),
    }


def event(sent: dict[str, str], kind: str, **more: Any) -> dict[str, Any]:
    """In the form of Mailgun's webhooks, with the variables that it was given."""
    variables = {name[2:]: value for name, value in sent.items() if name.startswith("v:")}
    told = {
        "event": kind,
        "timestamp": 1772463600.1,
        "id": "ase7i2zsRYeDXztHGENqRA",
        "recipient": "ana@example.org",
        "message": {"headers": {"message-id": MAIL_ID.strip("<>"), "to": "ana@example.org"}},
        "user-variables": variables,
    }
    return {"signature": signed(), "event-data": told | more}


def failure(severity: str, message: str) -> dict[str, Any]:
    status = {"code": 550, "message": message, "description": "", "attempt-no": 1}
    return {"severity": severity, "reason": "generic", "delivery-status": status}


def post(body: Any, *, secret: str = SECRET) -> int:
    raw = body if isinstance(body, (bytes, str)) else json.dumps(body)
    headers = {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()} if secret else {}
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    return client.post(DOOR, raw, content_type="application/json", headers=headers).status_code


def state() -> str:
    return Delivery.objects.get().state


def test_the_mail_carries_our_attempt_and_no_tracking(sent):
    attempt = Attempt.objects.get()

    assert (sent["v:attempt"], attempt.provider_id) == (str(attempt.pk), MAIL_ID)
    assert (sent["o:tracking-clicks"], sent["o:tracking-opens"]) == ("no", "no")
    assert state() == "sent"


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("delivered", {}, "delivered"),
        ("failed", failure("permanent", "550 5.1.1 no such user"), "undelivered_perm"),
        ("failed", failure("temporary", "452 4.2.2 mailbox full"), "sent"),
        ("rejected", {"reject": {"reason": "Sandbox"}}, "undelivered_perm"),
        ("opened", {}, "sent"),
    ],
)
def test_what_the_service_tells_moves_the_mail(sent, kind, more, expected):
    assert post(event(sent, kind, **more)) == 200
    assert state() == expected


def test_a_dead_mailbox_is_marked(sent):
    post(event(sent, "failed", **failure("permanent", "550 5.1.1 no such user")))

    assert Delivery.objects.get().contact.unusable_since


@pytest.mark.parametrize("kind", ["complained", "unsubscribed"])
def test_who_complains_or_unsubscribes_gets_no_more(sent, kind):
    assert post(event(sent, kind)) == 200
    assert Delivery.objects.get().contact.consent_events.latest("pk").kind == "withdrawn"


def test_the_same_report_again_changes_nothing(sent):
    assert [post(event(sent, "delivered")) for _ in range(3)] == [200] * 3
    assert Report.objects.filter(source="callback").count() == 1


def test_a_report_without_our_variable_is_known_by_the_number_of_the_mail(sent):
    assert post(event({}, "delivered")) == 200
    assert state() == "delivered"


@pytest.mark.parametrize(
    "signature",
    [
        {},
        None,
        [],
        signed(key="another-key"),
        signed() | {"token": "b" * 50},
        signed() | {"timestamp": "1772463601"},
        signed() | {"signature": ""},
        signed() | {"signature": "é"},
        signed() | {"signature": 7},
        signed(token="a") | {"token": "ü"},
    ],
)
def test_what_is_not_signed_changes_nothing(sent, signature):
    assert post(event(sent, "delivered") | {"signature": signature}) in (400, 403)
    assert state() == "sent"


@pytest.mark.parametrize("secret", ["", "mailgun:wrong"])
def test_a_signature_without_the_secret_is_not_enough(sent, secret):
    assert post(event(sent, "delivered"), secret=secret) == 403
    assert state() == "sent"


def test_without_a_signing_key_the_door_believes_nobody(sent, settings):
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}

    assert post(event(sent, "delivered")) == 404
    assert state() == "sent"


@pytest.mark.parametrize(
    "data",
    [
        None, [], "x", {}, {"event": 7}, {"event": "delivered", "timestamp": "never"},
        {"event": "failed", "delivery-status": [], "user-variables": {"attempt": []}},
        {"event": "delivered", "user-variables": "x"},
        {"event": "delivered", "user-variables": {"attempt": "\0"}, "message": {"headers": {"message-id": "a\0b"}}},
    ],
)  # fmt: skip
def test_a_signed_half_report_is_never_a_500(sent, data):
    assert post({"signature": signed(), "event-data": data}) in (200, 400)
    assert state() == "sent"
