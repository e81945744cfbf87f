import asyncio
import logging
import socket
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from uuid import UUID

import pytest

from reminders.delivery.channels import open_channel, sms
from reminders.delivery.channels.twilio_responses import refusal, retry_after, without_personal_data
from reminders.delivery.outcomes import Accepted, Message, NotProcessed, Outcome, Refused, Unknown
from tests.given import NOW

TO = "+12025550100"
FROM = "+12025550199"
ATTEMPT = UUID("6f1d3c1e-6f0f-4a5e-9a39-0d8f8a1b2c3d")
CALLBACK = f"https://aftercare.example.org/hooks/sms/{ATTEMPT}/"


def message(**changed) -> Message:
    given = {"to": TO, "sender": FROM, "text": "Time for your exercises.", "callback_url": CALLBACK}
    return Message(**{"attempt_id": ATTEMPT, "channel": "sms", "valid_for": 7200, **given, **changed})


def send(*messages: Message, **seconds: float) -> list[Outcome]:
    async def work() -> list[Outcome]:
        async with sms.SmsChannel(concurrency=5, **seconds) as channel:
            return await asyncio.gather(*(channel.send(one) for one in messages))

    return asyncio.run(work())


def test_an_accepted_text_has_twilios_number_and_one_line_in_the_ledger(twilio):
    [outcome] = send(message())

    [line] = twilio.ledger
    assert outcome == Accepted(line["sid"], "queued")
    assert (line["To"], line["From"], line["ValidityPeriod"]) == (TO, FROM, "7200")
    assert line["StatusCallback"] == CALLBACK + "#ct=2000&rt=4000&rc=5&rp=all"


def test_many_texts_share_one_session_and_none_is_lost(twilio):
    outcomes = send(*(message(to=f"+120255501{n:02}") for n in range(40)))

    assert len({outcome.provider_id for outcome in outcomes}) == len(twilio.ledger) == 40


def test_every_character_of_a_text_reaches_the_provider_as_it_was_written(twilio):
    text = "50% off? a+b & c=d; #1 ~ 100%20 'q' \"q\" \\ /:@\r\né ñ € “漢” 😀 " + "".join(map(chr, range(1, 128)))

    send(message(text=text))

    assert twilio.ledger[0]["body_sha256"] == sha256(text.encode()).hexdigest()


def test_a_messaging_service_takes_the_place_of_a_number(twilio):
    service = "MG" + "a" * 32

    [outcome] = send(message(sender=service))

    assert outcome.status == "accepted"
    assert twilio.ledger[0]["From"] == service


@pytest.mark.parametrize(("valid_for", "sent"), [(90_000, "36000"), (600, "600"), (0, "1")])
def test_a_text_waits_no_longer_at_twilio_than_its_window(twilio, valid_for, sent):
    send(message(valid_for=valid_for))

    assert twilio.ledger[0]["ValidityPeriod"] == sent


REFUSED = [
    ("http:400/21211", Refused(21211, "Not possible for …")),
    ("http:400/21610", Refused(21610, "Not possible for …")),
    ("http:401/20003", Refused(20003, "Not possible for …")),
    ("http:400/99999", Refused(99999, "Not possible for …")),
    ("http:403", Refused(403, "Not possible for …")),
]
NOT_SENT = [
    ("http:429/20429/7", NotProcessed("HTTP 429", 7.0, 20429)),
    ("http:429/20429", NotProcessed("HTTP 429", None, 20429)),
    ("http:503/20503/30", NotProcessed("HTTP 503", 30.0, 20503)),
    ("http:400/63017", NotProcessed("HTTP 400", None, 63017)),
]
IN_DOUBT = [
    ("http:500/20500", "HTTP 500, code 20500"),
    ("http:502", "HTTP 502, code 0"),
    ("http:503/20503", "HTTP 503, code 20503"),
    ("http:302", "HTTP 302, code 0"),
    ("bad_json", "JSONDecodeError"),
    ("empty_200", "the answer has no SID"),
    ("ok_then_close", "ServerDisconnectedError"),
]


@pytest.mark.parametrize(
    ("behaviour", "expected"), [*REFUSED, *NOT_SENT, *((name, Unknown(why)) for name, why in IN_DOUBT)]
)
def test_every_answer_becomes_its_outcome_and_is_asked_for_once(twilio, behaviour, expected):
    twilio.behave(behaviour)

    [outcome] = send(message())

    assert outcome == expected
    assert len(twilio.ledger) == 1


@pytest.mark.parametrize("behaviour", ["hang_before_accept", "hang_after_accept"])
def test_no_answer_in_time_is_unknown_whether_or_not_it_was_accepted(twilio, behaviour):
    twilio.behave(behaviour)

    assert send(message(), total_seconds=0.2) == [Unknown("no answer in time")]


@pytest.mark.parametrize("behaviour", ["http:500/20500", "http:502", "http:503/20503", "http:429/20429", "http:307"])
def test_neither_the_sdk_nor_the_session_repeats_or_follows_behind_our_back(twilio, behaviour):
    twilio.behave(behaviour)

    send(message())

    assert len(twilio.ledger) == 1


def test_an_answer_that_stops_half_way_is_given_up_before_the_whole_time_is_over(twilio):
    twilio.behave("hang_after_accept")

    assert send(message(), total_seconds=30, read_seconds=0.2) == [Unknown("no answer in time")]


def test_a_closed_port_means_nothing_left_us(twilio, settings):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.TWILIO_API_URL = f"http://127.0.0.1:{nobody.getsockname()[1]}"

        [outcome] = send(message())

    assert isinstance(outcome, NotProcessed)
    assert twilio.ledger == []


def test_wrong_credentials_are_the_accounts_fault(twilio, settings):
    settings.TWILIO_API_SECRET = "wrong"

    assert send(message()) == [Refused(20003, "Authenticate")]


def test_neither_log_nor_repr_shows_who_gets_what_not_even_while_hunting_a_fault(twilio, caplog):
    caplog.set_level(logging.DEBUG)
    twilio.behave("http:400/21211")
    one = message(unsubscribe_url="https://aftercare.example.org/u/secret-token/")

    outcomes = send(one)
    asyncio.run(look_up(NOW))

    shown = repr(one) + repr(outcomes) + caplog.text
    assert not [private for private in (TO, TO[1:], "exercises", "secret-token") if private in shown]
    assert not [record for record in caplog.records if record.name.startswith("twilio")]


async def look_up(since: datetime) -> None:
    async with sms.SmsChannel(concurrency=1) as channel:
        await channel.find(to=TO, since=since)
        await channel.fetch("SM" + "0" * 32)


def test_what_twilio_has_can_be_looked_up_again(twilio):
    before = datetime.now(UTC) - timedelta(minutes=1)

    async def work():
        async with sms.SmsChannel(concurrency=2) as channel:
            sent = await channel.send(message())
            await channel.send(message(to="+12025550101"))
            found = await channel.find(to=TO, sender=FROM, since=before)
            return sent, found, await channel.fetch(sent.provider_id), await channel.fetch("SM" + "f" * 32)

    sent, found, fetched, missing = asyncio.run(work())

    assert [(one.sid, one.status, one.text) for one in found] == [
        (sent.provider_id, "queued", "Time for your exercises.")
    ]
    assert (fetched.sid, fetched.to, fetched.error_code) == (sent.provider_id, TO, None)
    assert missing is None


@pytest.mark.parametrize("hours", [2, -5])
def test_a_list_since_a_moment_is_asked_for_in_utc_whatever_zone_the_moment_is_given_in(twilio, hours):
    there = timezone(timedelta(hours=hours))
    sent = twilio.text_in("http://127.0.0.1:1/", From=TO, To=FROM, Body="STOP")
    now = datetime.now(there)

    async def work():
        async with sms.SmsChannel(concurrency=2) as channel:
            since = await channel.find_sent(to=FROM, since=now - timedelta(minutes=1))
            return since, await channel.find_sent(to=FROM, since=now + timedelta(minutes=1))

    assert sent == 0
    found, later = asyncio.run(work())
    assert ([one.text for one in found], later) == (["STOP"], [])


def test_a_list_that_cannot_be_had_is_not_an_empty_list(twilio, settings):
    settings.TWILIO_API_SECRET = "wrong"

    async def work():
        async with sms.SmsChannel(concurrency=2) as channel:
            return await channel.find(to=TO, since=datetime.now(UTC))

    assert asyncio.run(work()) is None


def test_the_outbox_delivers_at_once_and_sends_nothing(twilio):
    async def work() -> Outcome:
        async with open_channel("outbox", concurrency=1) as channel:
            return await channel.send(message())

    assert asyncio.run(work()) == Accepted(f"outbox-{ATTEMPT}", "delivered")
    assert twilio.ledger == []


def test_a_route_that_does_not_exist_names_the_ones_that_do():
    with pytest.raises(ValueError, match="Choose one of: outbox, smtp, twilio"):
        open_channel("pigeon", concurrency=1)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "12"}, 12.0),
        (
            {"Retry-After": "Mon, 02 Mar 2026 10:00:30 GMT", "Date": "Mon, 02 Mar 2026 10:00:00 GMT"},
            30.0,
        ),
        ({"Retry-After": "Mon, 02 Mar 2026 09:00:00 GMT", "Date": "Mon, 02 Mar 2026 10:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon", "Date": "Mon, 02 Mar 2026 10:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_both_its_forms(headers, seconds):
    assert retry_after(headers) == seconds


@pytest.mark.parametrize("body", ["", "<html>", "[]", "null", '{"code": "x"}', '{"code": [1]}'])
def test_a_refusal_in_any_shape_is_still_a_refusal(body):
    assert refusal(400, {}, body) == Refused(400, "")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("The 'To' number +1 (202) 555-0100 is not valid", "The 'To' number … is not valid"),
        ("550 <ada@example.org>: no such user", "550 <…>: no such user"),
        ("Error 21211", "Error 21211"),
    ],
)
def test_a_providers_words_are_kept_without_the_patients_address(said, kept):
    assert without_personal_data(said) == kept
