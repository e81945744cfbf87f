import asyncio
import socket
from uuid import UUID, uuid4

import pytest
from django.core import mail

from reminders.delivery.channels import open_channel
from reminders.delivery.codes import Class, look_up
from reminders.delivery.outcomes import Accepted, Message, NotProcessed, Outcome, Refused, Unknown
from tests.waiting import HUNG

ATTEMPT = UUID("6f1d3c1e-6f0f-4a5e-9a39-0d8f8a1b2c3d")
MESSAGE_ID = "<c0ffee@clinic.example.org>"
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
        "mail_id": "c0ffee",
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
    ("550 5.2.2", Refused(552, "550 5.2.2 recipient <…> refused")),
    ("data:421", NotProcessed("the mail server said 421", None, 421)),
    ("data:452", NotProcessed("the mail server said 452", None, 452)),
    ("data:550", Refused(554, "550 message refused")),
    ("close_before_data", NotProcessed("connection lost: SMTPServerDisconnected", None)),
    ("close_at_data", NotProcessed("connection lost: SMTPServerDisconnected", None)),
    ("hang_before_data", NotProcessed("connection lost: SMTPServerDisconnected", None)),
    ("hang_at_greeting", NotProcessed("no connection: SMTPServerDisconnected", None)),
    ("greeting:421", NotProcessed("the mail server said 421", None, 421)),
    ("greeting:554", Refused(520, "554 not today")),
    ("close_after_data", Unknown("cut off while it was handed over: SMTPServerDisconnected")),
    ("hang_after_data", Unknown("cut off while it was handed over: SMTPServerDisconnected")),
]


@pytest.mark.parametrize(("mode", "expected"), CASES)
def test_every_answer_of_a_mail_server_becomes_its_outcome(smtp, settings, mode, expected):
    settings.EMAIL_TIMEOUT = 3 if mode.startswith("hang") else HUNG
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


SIGNING_IN = [
    ("login:421", NotProcessed("the mail server said 421", None, 421)),
    ("login:554", Refused(520, "554 not now")),
    ("auth:454", NotProcessed("the mail server said 454", None, 454)),
    ("auth:535", Refused(535, "535 no")),
    ("auth:550", Refused(535, "550 no")),
    ("ok", Refused(523, "SMTPNotSupportedError")),  # it knows no way to sign in, and nothing is tried without
]


@pytest.mark.parametrize(("mode", "expected"), SIGNING_IN)
def test_a_server_that_does_not_let_us_in_has_sent_nothing(smtp, settings, mode, expected):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "clinic", "secret"
    smtp.mode = mode

    [outcome] = send(message())

    assert outcome == expected
    assert smtp.accepted == []
    if isinstance(outcome, Refused):
        assert look_up(outcome.code, "M").cls is Class.ACCOUNT


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("ok", Refused(523, "SMTPNotSupportedError")),
        ("starttls:454", NotProcessed("the mail server said 454", None, 454)),
        ("starttls:554", Refused(520, "554 no")),
    ],
)
def test_without_the_encryption_that_is_set_nothing_leaves_in_the_open(smtp, settings, mode, expected):
    settings.EMAIL_USE_TLS = True
    smtp.mode = mode

    assert send(message()) == [expected]
    assert smtp.accepted == []


def test_each_stage_has_its_own_time_and_the_last_word_gets_one_of_its_own(smtp, settings):
    """A server that is slow to ask for the message cannot use up the time for its answer to it."""
    from reminders.delivery.channels.smtp import Watched

    with Watched("127.0.0.1", smtp.port, timeout=HUNG) as connection:
        before = connection.until
        connection.sendmail("care@clinic.example.org", ["ada@example.org"], b"Subject: x\r\n\r\nx\r\n")

        assert connection.offered
        assert connection.until > before
        connection.begin()
        assert not connection.offered


def test_a_server_that_closed_an_idle_connection_costs_no_mail(smtp):
    async def work() -> list[Outcome]:
        async with open_channel("smtp", concurrency=1) as channel:
            first = await channel.send(message(attempt_id=uuid4(), mail_id="first"))
            smtp.hang_up()
            return [first, await channel.send(message())]

    outcomes = asyncio.run(work())

    assert [type(outcome) for outcome in outcomes] == [Accepted, Accepted]
    assert [received["Message-ID"] for received in smtp.accepted] == ["<first@clinic.example.org>", MESSAGE_ID]
    assert smtp.connections == 2


def test_an_unknown_end_is_never_tried_again_by_itself(smtp):
    async def work() -> list[Outcome]:
        async with open_channel("smtp", concurrency=1) as channel:
            await channel.send(message(attempt_id=uuid4(), mail_id="first"))
            smtp.mode = "close_after_data"
            return [await channel.send(message())]

    [outcome] = asyncio.run(work())

    assert isinstance(outcome, Unknown)
    assert [received["Message-ID"] for received in smtp.accepted].count(MESSAGE_ID) == 1


def test_a_refused_mail_leaves_nobody_in_the_envelope_of_the_next(smtp):
    async def work() -> list[Outcome]:
        async with open_channel("smtp", concurrency=1) as channel:
            outcomes = []
            for mode, to in (("data:554", "eve@example.org"), ("550", "bob@example.org"), ("ok", "ada@example.org")):
                smtp.mode = mode
                outcomes.append(await channel.send(message(to=to)))
            return outcomes

    outcomes = asyncio.run(work())

    assert [type(outcome) for outcome in outcomes] == [Refused, Refused, Accepted]
    assert smtp.recipients == [["ada@example.org"]]
    assert smtp.connections == 1


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
    [
        "", "ada", "ada@example", "ada@@example.org", "ada@example..org", "ada @example.org", "ada@example.org.",
        "ada@example,org", "añá@example.org",
        "ada@example.org, eve@example.org", "ada@example.org\r\nRCPT TO:<eve@example.org>",
    ],
)  # fmt: skip
def test_an_address_that_is_not_one_is_refused_before_it_leaves(smtp, address):
    assert send(message(to=address)) == [Refused(553, "not an e-mail address")]
    assert smtp.connections == 0


def test_a_domain_in_other_letters_travels_as_punycode(smtp):
    assert send(message(to="ada@kliník.example.org")) == [Accepted(MESSAGE_ID, "sent")]
    assert smtp.recipients == [["ada@xn--klink-2sa.example.org"]]


def test_every_attempt_of_a_mail_has_the_same_message_id(smtp):
    send(message(attempt_id=uuid4()), message(attempt_id=uuid4()))

    assert {received["Message-ID"] for received in smtp.accepted} == {MESSAGE_ID}


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
