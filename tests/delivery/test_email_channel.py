import asyncio
import socket
from uuid import UUID, uuid4

import pytest
from django.core import mail

from reminders.delivery.channels import open_channel
from reminders.delivery.codes import Class, look_up
from reminders.delivery.outcomes import Accepted, Message, NotProcessed, Outcome, Refused, Unknown

ATTEMPT = UUID("6f1d3c1e-6f0f-4a5e-9a39-0d8f8a1b2c3d")
MESSAGE_ID = f"<{ATTEMPT}@clinic.example.org>"
UNSUBSCRIBE = "https://aftercare.example.org/u/token/"


def message(**changed) -> Message:
    given = {
        "attempt_id": ATTEMPT,
        "channel": "email",
        "to": "ada@example.org",
        "sender": "North Clinic <care@clinic.example.org>",
        "subject": "Your exercises",
        "text": "Hello Ada,\n\nit is time: https://aftercare.example.org/p/x",
        "valid_for": 7200,
        "unsubscribe_url": UNSUBSCRIBE,
    }
    return Message(**{**given, **changed})


def send(*messages: Message, concurrency: int = 2) -> list[Outcome]:
    """One after the other, so that each finds the connection the one before left."""

    async def work() -> list[Outcome]:
        async with open_channel("smtp", concurrency=concurrency) as channel:
            return [await channel.send(one) for one in messages]

    return asyncio.run(work())


def test_a_mail_leaves_with_text_and_html_and_a_way_out(smtp):
    assert send(message()) == [Accepted(MESSAGE_ID, "sent")]

    [received] = smtp.accepted
    plain, html = received.get_body(("plain",)), received.get_body(("html",))
    assert (received["To"], received["Subject"]) == ("ada@example.org", "Your exercises")
    assert received["Message-ID"] == MESSAGE_ID
    assert received["List-Unsubscribe"] == f"<{UNSUBSCRIBE}>"
    assert received["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "it is time: https://aftercare" in plain.get_content()
    assert '<a href="https://aftercare.example.org/p/x">' in html.get_content()


def test_many_mails_share_a_few_connections(smtp):
    async def work() -> list[Outcome]:
        async with open_channel("smtp", concurrency=3) as channel:
            return await asyncio.gather(*(channel.send(message(attempt_id=uuid4())) for _ in range(30)))

    outcomes = asyncio.run(work())

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert len(smtp.accepted) == 30
    assert smtp.connections <= 3


CASES = [
    ("451", NotProcessed("the mail server said 451", None, 451)),
    ("550", Refused(550, "550 recipient <…> refused")),
    ("550 5.7.1", Refused(571, "550 5.7.1 recipient <…> refused")),
    ("mail:451", NotProcessed("the mail server said 451", None, 451)),
    ("mail:553", Refused(518, "553 sender … refused")),
    ("mail:530", Refused(530, "530 sender … refused")),
    ("data:452", NotProcessed("the mail server said 452", None, 452)),
    ("data:550", Refused(554, "550 message refused")),
    ("close_before_data", NotProcessed("connection lost: SMTPServerDisconnected", None)),
    ("close_after_data", Unknown("cut off while it was handed over: SMTPServerDisconnected")),
    ("hang_after_data", Unknown("cut off while it was handed over: SMTPServerDisconnected")),
]


@pytest.mark.parametrize(("mode", "expected"), CASES)
def test_every_answer_of_a_mail_server_becomes_its_outcome(smtp, settings, mode, expected):
    settings.EMAIL_TIMEOUT = 0.5
    smtp.mode = mode

    assert send(message()) == [expected]


@pytest.mark.parametrize("mode", ["421", "451", "550", "data:554", "close_before_data", "close_after_data"])
def test_the_next_mail_leaves_whatever_happened_to_the_one_before(smtp, mode):
    async def work() -> list[Outcome]:
        async with open_channel("smtp", concurrency=1) as channel:
            smtp.mode = mode
            await channel.send(message(attempt_id=uuid4()))
            smtp.mode = "ok"
            smtp.accepted.clear()
            return [await channel.send(message())]

    assert asyncio.run(work()) == [Accepted(MESSAGE_ID, "sent")]
    assert [received["Message-ID"] for received in smtp.accepted] == [MESSAGE_ID]


@pytest.mark.parametrize("mode", ["login:421", "login:554"])
def test_a_server_that_turns_us_away_has_sent_nothing(smtp, settings, mode):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "clinic", "secret"
    smtp.mode = mode

    [outcome] = send(message())

    assert isinstance(outcome, NotProcessed)
    assert smtp.accepted == []


def test_a_closed_port_means_nothing_left_us(smtp, settings):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = nobody.getsockname()[1]

        assert send(message()) == [NotProcessed("no connection: ConnectionRefusedError", None)]


def test_line_breaks_cannot_smuggle_a_header_in(smtp):
    smuggled = message(
        subject="Hello\r\nBcc: eve@example.org",
        unsubscribe_url="https://aftercare.example.org/u/\r\nBcc: eve@example.org",
    )

    send(smuggled)

    [received] = smtp.accepted
    assert received["Bcc"] is None
    assert received["Subject"] == "Hello Bcc: eve@example.org"


@pytest.mark.parametrize(
    "address",
    ["", "ada", "ada@example.org, eve@example.org", "ada@example.org\r\nRCPT TO:<eve@example.org>"],
)
def test_an_address_that_is_not_one_is_refused_before_it_leaves(smtp, address):
    assert send(message(to=address)) == [Refused(553, "not an e-mail address")]
    assert smtp.connections == 0


def test_a_sender_without_an_address_is_our_fault_not_the_patients(smtp):
    [outcome] = send(message(sender="North Clinic"))

    assert look_up(outcome.code, "M").cls is Class.ACCOUNT


def test_a_mail_without_a_way_out_has_no_empty_header(smtp):
    send(message(unsubscribe_url=""))

    assert smtp.accepted[0]["List-Unsubscribe"] is None


def test_any_other_django_backend_may_carry_the_mail(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    assert send(message()) == [Accepted(MESSAGE_ID, "sent")]
    assert [sent.to for sent in mail.outbox] == [["ada@example.org"]]
