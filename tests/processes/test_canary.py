"""A whole round with real processes at their loudest: nobody is named in a log, in Redis, in a link or in a figure."""

import logging
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from patients.models import StaffMember
from reminders.delivery.models import Delivery, Report
from reminders.delivery.sending.claiming import unsubscribe_url
from reminders.plan.models import Reminder
from reminders.replies.models import Alert, Reply
from tests import canary, given
from tests.delivery.sending import a_promise
from tests.servers.monitor import Monitor
from tests.servers.process import free_port
from tests.waiting import HUNG

pytestmark = [pytest.mark.processes, pytest.mark.long]


@pytest.fixture
def redis_monitor(private_redis: Any) -> Iterator[Monitor]:
    listener = Monitor(private_redis.port)
    yield listener
    listener.stop()


def test_the_canary_sings_nowhere(machine, clinic, twilio, smtp, redis_monitor):
    port = free_port()
    machine.environment |= {"LOG_LEVEL": "DEBUG", "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(smtp.port)}
    machine.environment |= {"PUBLIC_URL": f"http://127.0.0.1:{port}", "METRICS_TOKEN": "x" * 40}
    surgeries = [due(clinic, given.a_phone(canary.PHONE)), due(clinic, given.an_email(canary.MAIL))]
    StaffMember.objects.update(email="ida.hale@example.org")

    machine.web(port)
    machine.worker()
    machine.beat()
    machine.wait_until(lambda: bool(twilio.accepted) and bool(smtp.accepted))
    [text] = twilio.accepted
    inbound = f"http://127.0.0.1:{port}/webhooks/sms/inbound/"
    machine.wait_until(lambda: answers(port))
    sender = clinic.site.senders.get(channel="sms").address
    for number, said in enumerate([canary.SAID, canary.SCORE, "9"]):
        twilio.text_in(inbound, From=canary.PHONE, To=sender, Body=said, MessageSid=f"SM{number:032d}")
    assert twilio.call_back(text["sid"], "undelivered", error_code=30003) == 204
    machine.wait_until(lambda: Reply.objects.count() == 3 and Report.objects.filter(source="callback").exists())
    machine.wait_until(lambda: Delivery.objects.filter(state="undelivered_temp").exists())
    machine.wait_until(lambda: Alert.objects.exclude(told_at=None).exists())

    texts = {program.log.name: program.log.read_bytes() for program in machine.programs}
    texts["Redis"] = bytes(redis_monitor.heard)
    texts["callback address"] = text["StatusCallback"]
    texts["Message-ID"] = smtp.accepted[0]["Message-ID"]
    texts |= {mail["Subject"]: mail.as_bytes() for mail in smtp.accepted if mail["To"] == "ida.hale@example.org"}
    texts |= {path: page(port, path) for path in ("/metrics", "/health/")}
    assert b"reminders.tasks.sweep" in texts["Redis"]
    assert [what for what in texts if "a new alert" in what]
    assert all(b"DEBUG" in text for name, text in texts.items() if name.startswith("log1"))
    token = smtp.accepted[0]["List-Unsubscribe"].split(":")[-1].strip("/>")
    assert canary.find(texts, canary.secrets_of(*surgeries) | {"unsubscribe token": token}) == []


def due(clinic: Any, contact: given.NewContact) -> Any:
    reminder = a_promise(clinic.site, by=clinic.surgeon, patient=canary.a_new_patient(contact))
    now = timezone.now()
    Reminder.objects.filter(pk=reminder.pk).update(
        due_at=now - timedelta(minutes=1), useful_until=now + timedelta(days=1)
    )
    return reminder.surgery


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def page(port: int, path: str) -> bytes:
    """Over the wire, so that it is the process that tells."""
    from urllib.request import Request, urlopen

    request = Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": "Bearer " + "x" * 40})
    with urlopen(request, timeout=HUNG) as answer:  # noqa: S310
        return bytes(answer.read())


def test_a_page_that_breaks_mails_nobody_and_logs_no_link(clinic, settings, caplog):
    """Django's default would mail the whole request to ADMINS, link and all."""
    settings.ADMINS = [("Admin", "admin@example.org")]
    surgery = due(clinic, given.an_email(canary.MAIL))
    caplog.set_level(logging.DEBUG)
    for name in ("django", "django.request", "django.server"):
        assert logging.getLogger(name).handlers == []
    link = unsubscribe_url(surgery.patient.contacts.get().pk).removeprefix(settings.PUBLIC_URL)
    own_page = f"/p/{surgery.care_plan.link}/"

    with without_table("reminders_careplan"):
        answer = Client(raise_request_exception=False).get(own_page)
    Client(raise_request_exception=False).get(link[:-2] + "x/")

    assert answer.status_code == 500
    assert mail.outbox == []
    from clinic.logs import Discreet

    written = "\n".join(Discreet().format(record) for record in caplog.records)
    assert "/p/" in written
    assert canary.find([written], canary.secrets_of(surgery)) == []


class without_table:  # noqa: N801  reads as a sentence
    def __init__(self, table: str) -> None:
        self.table = table

    def __enter__(self) -> None:
        self._rename(self.table, "away")

    def __exit__(self, *error: object) -> None:
        self._rename("away", self.table)

    def _rename(self, one: str, other: str) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {one} RENAME TO {other}")


@pytest.mark.parametrize(
    "wrapped",
    [
        "to +12025550166",
        "to=%2B12025550166",
        "202-555-0166",
        "quirine\\u0020zwartkruis",
        "aGVsbG8geyJ0byI6ICIrMTIwMjU1NTAxNjYifQ==",
        b"QUIRINE",
    ],
)
def test_the_canary_is_heard_through_whatever_it_is_wrapped_in(wrapped):
    assert canary.find([wrapped], canary.secrets_of()) != []
    assert canary.find(["nothing to see"], canary.secrets_of()) == []
