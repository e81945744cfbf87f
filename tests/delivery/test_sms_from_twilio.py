import pytest
from django.http import QueryDict
from twilio.request_validator import RequestValidator

from reminders.delivery.channels import sms, twilio_webhooks
from tests.fakes.twilio import AUTH_TOKEN
from tests.fakes.twilio_format import signature

URL = "https://aftercare.example.org/hooks/sms/"


def signed(params: QueryDict, token: str = AUTH_TOKEN, url: str = URL) -> str:
    return signature(url, params.dict(), token)


def test_a_callback_is_believed_only_with_twilios_signature(twilio, settings):
    params = QueryDict("MessageSid=SM1&MessageStatus=sent&FromCity=&Body=caf%C3%A9")

    assert sms.is_from_twilio(URL, params, signed(params))
    assert not sms.is_from_twilio(URL, params, signed(params, token="another"))
    assert not sms.is_from_twilio(URL + "x", params, signed(params))
    assert not sms.is_from_twilio(URL, QueryDict("MessageSid=SM2"), signed(params))
    assert not sms.is_from_twilio(URL, params, "")


@pytest.mark.parametrize(
    ("url", "params"),
    [
        (URL, "MessageSid=SM1&Body=%2B1+%26+%23+%25"),
        (URL + "?site=1&x=%20y", "MessageSid=SM1"),
        ("https://aftercare.example.org:8443/hooks/sms/", "MessageSid=SM1"),
        ("http://localhost:8000/hooks/sms/", "MessageSid=SM1&Body=%F0%9F%98%80"),
        (URL, ""),
    ],
)
def test_twilios_own_validator_accepts_what_our_stand_in_signs(twilio, url, params):
    fields = QueryDict(params)

    assert RequestValidator(AUTH_TOKEN).validate(url, fields.dict(), signed(fields, url=url))
    assert sms.is_from_twilio(url, fields, signed(fields, url=url))
    assert not sms.is_from_twilio(url.replace("hooks", "hook"), fields, signed(fields, url=url))


def test_blank_parameters_are_signed_too(twilio):
    params, fewer = QueryDict("Body=&MessageSid=SM1&New="), QueryDict("MessageSid=SM1")

    assert sms.is_from_twilio(URL, params, signed(params))
    assert not sms.is_from_twilio(URL, fewer, signed(params))


def test_both_tokens_count_while_one_replaces_the_other(twilio, settings):
    params = QueryDict("MessageSid=SM1")
    settings.TWILIO_AUTH_TOKEN, settings.TWILIO_AUTH_TOKEN_OLD = "new", "old"

    assert [sms.is_from_twilio(URL, params, signed(params, token)) for token in ("new", "old", "older")] == [
        True,
        True,
        False,
    ]


SHARED = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"


def test_a_shared_keys_sha256_signature_is_read_where_its_secret_is_set(twilio, settings):
    params, url = QueryDict("MessageSid=SM1&Body=STOP"), URL
    by = {
        name: RequestValidator(secret).compute_signature(url, params.dict(), "HMAC_SHA256")
        for name, secret in (("shared", "shared-secret"), ("token", AUTH_TOKEN), ("none", ""))
    }
    assert not sms.is_from_twilio(url, params, by["shared"], SHARED)  # not switched on

    settings.TWILIO_WEBHOOK_SECRET = "shared-secret"

    assert sms.is_from_twilio(url, params, by["shared"], SHARED)
    assert sms.is_from_twilio(url, params, signed(params))  # what the auth token signs goes on beside it
    for made, how in [
        (by["token"], SHARED),
        (by["none"], SHARED),
        (by["shared"], ""),
        (by["shared"], SHARED.replace("256", "512")),
        (signed(params), SHARED),
        (signed(params, token="shared-secret"), ""),
    ]:
        assert not sms.is_from_twilio(url, params, made, how)


def test_a_shared_keys_secret_is_rotated_as_a_token_is(twilio, settings):
    params = QueryDict("MessageSid=SM1")
    settings.TWILIO_WEBHOOK_SECRET, settings.TWILIO_WEBHOOK_SECRET_OLD = "new", "old"

    believed = [
        sms.is_from_twilio(URL, params, RequestValidator(one).compute_signature(URL, params, "HMAC_SHA256"), SHARED)
        for one in ("new", "old", "older")
    ]

    assert believed == [True, True, False]


def test_without_a_token_nobody_is_believed(twilio, settings):
    params = QueryDict("MessageSid=SM1")
    settings.TWILIO_AUTH_TOKEN = settings.TWILIO_AUTH_TOKEN_OLD = ""

    assert not sms.is_from_twilio(URL, params, signed(params, token=""))


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ("MessageSid=SM1&MessageStatus=delivered", ("SM1", "delivered", None)),
        ("MessageSid=SM1&MessageStatus=failed&ErrorCode=30003", ("SM1", "failed", 30003)),
        ("MessageSid=SM1&MessageStatus=undelivered", ("SM1", "undelivered", 0)),
        ("MessageSid=SM1&MessageStatus=undelivered&ErrorCode=odd", ("SM1", "undelivered", 0)),
        ("MessageSid=SM1&MessageStatus=sent&ErrorCode=30005", ("SM1", "sent", None)),
        ("SmsSid=SM1&SmsStatus=foo&New=", ("SM1", "foo", None)),
        ("", ("", "", None)),
    ],
)
def test_a_status_is_read_and_a_stale_error_code_is_not(params, expected):
    report = twilio_webhooks.read_status(QueryDict(params))

    assert (report.sid, report.status, report.error_code) == expected


def test_a_text_that_comes_in_is_read_whole():
    params = QueryDict(
        "MessageSid=SM1&AccountSid=AC1&From=%2B12025550100&To=%2B12025550199&Body=caf%C3%A9%00%20%F0%9F%98%80"
        "&NumMedia=1&OptOutType=Stop"
    )

    inbound = twilio_webhooks.read_inbound(params)

    assert (inbound.sid, inbound.account_sid, inbound.sender, inbound.to) == (
        "SM1",
        "AC1",
        "+12025550100",
        "+12025550199",
    )
    assert (inbound.text, inbound.media, inbound.opt_out_type) == ("café 😀", 1, "STOP")
    assert "+12025550100" not in repr(inbound)
    assert "café" not in repr(inbound)


def test_a_text_without_anything_is_read_too():
    assert twilio_webhooks.read_inbound(QueryDict("NumMedia=many")).media == 0
