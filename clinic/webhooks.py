"""Webhooks for Twilio: check the signature, store, answer. Never a 500: a provider repeats or gives up on those."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import DataError, Error, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.html import escape
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clinic.load_shedding import TimeBudget
from patients import clock
from reminders.delivery import alarms
from reminders.delivery.channels import sms, twilio_webhooks
from reminders.delivery.receipts import callbacks, provider_log
from reminders.replies import inbound

log = logging.getLogger(__name__)
TWIML = '<?xml version="1.0" encoding="UTF-8"?>{}'
LOUD = ("WARNING", "ERROR")
SIGNED_WITH = "X-Twilio-Webhooks-Signature-Settings"
View = Callable[..., HttpResponse]
acting = TimeBudget(
    share=0.1, most=1
)  # what a report causes costs ten times as much as keeping it: no flood waits for it


def from_twilio(view: View) -> View:
    """Decorator: 403 unless Twilio signed the request for our public address; 503 while the database is down."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def checked(request: HttpRequest, **kwargs: UUID) -> HttpResponse:
        try:
            params = {key: str(value) for key, value in request.POST.items()}
        except (RequestDataTooBig, TooManyFieldsSent):
            return HttpResponse(status=413)
        signature, signed_with = request.headers.get("X-Twilio-Signature", ""), request.headers.get(SIGNED_WITH, "")
        if not sms.is_from_twilio(settings.PUBLIC_URL + request.get_full_path(), params, signature, signed_with):
            log.warning("refused a callback with a wrong signature")
            return HttpResponse(status=403)
        try:
            with in_a_hurry():
                return view(params, **kwargs)
        except DataError:  # too long, or not text: the same again would be no better
            log.error("a callback holds what cannot be stored")
            return HttpResponse(status=400)
        except Error as error:  # its message may quote the row, and with it a number or a text
            log.error("could not store a callback: %s", type(error).__name__)
            return HttpResponse(status=503, headers={"Retry-After": "5"})

    return checked


def _is_our_account(account: str) -> bool:
    """Another account's webhook was set up with our address, or a key is shared: an alarm, and nothing is believed."""
    if account in ("", settings.TWILIO_ACCOUNT_SID) or not settings.TWILIO_ACCOUNT_SID:
        return True
    log.warning("refused a callback of another account")
    alarms.sound("security", subject="another account", detail="a callback of another account", now=clock.now())
    return False


@contextmanager
def in_a_hurry() -> Iterator[None]:
    """A transaction with short lock and statement timeouts: the provider hangs up after 15 s."""
    with transaction.atomic():
        if settings.WEBHOOK_SQL:
            with connection.cursor() as cursor:
                cursor.execute(settings.WEBHOOK_SQL)
        yield


@from_twilio
def sms_status(params: dict[str, str], *, attempt: UUID) -> HttpResponse:
    """Acts at once while there is time for it; in a flood it stores the report, and the next sweep acts on it."""
    report = twilio_webhooks.read_status(params)
    if not _is_our_account(report.account_sid):
        return HttpResponse(status=403)
    told: dict[str, Any] = {"provider_id": report.sid, "status": report.status[:24], "code": report.error_code or 0}
    with acting.turn() as mine:
        if not mine:
            callbacks.keep(attempt, **told, now=clock.now())
            return HttpResponse(status=204)
        try:
            callbacks.receive(attempt, **told, now=clock.now())
        except callbacks.ForeignReport:
            log.warning("refused a callback whose message belongs to another attempt")
            return HttpResponse(status=409)
    return HttpResponse(status=204)


@from_twilio
def sms_inbound(params: dict[str, str]) -> HttpResponse:
    """The automatic answer is returned in the response; the same text again gets the same answer (docs/adr/0020)."""
    text = twilio_webhooks.read_inbound(params)
    if not _is_our_account(text.account_sid):
        return HttpResponse(status=403)
    inbound.receive(
        provider_id=text.sid,
        from_address=text.sender,
        to_address=text.to,
        text=text.text,
        service=text.messaging_service_sid,
        media=text.media,
        opt_out_type=text.opt_out_type,
        now=clock.now(),
    )
    said = inbound.said_back(text.sid, text.sender, text.to, text.text)
    response = f"<Response><Message>{escape(said)}</Message></Response>" if said else "<Response/>"
    return HttpResponse(TWIML.format(response), content_type="text/xml")


@from_twilio
def sms_log(params: dict[str, str]) -> HttpResponse:
    """The account's error log. What cannot be read is answered like the rest: an error here would be logged there."""
    event = twilio_webhooks.read_logged(params)
    if event is None:
        log.warning("an event of the provider's error log could not be read")
    elif event.account_sid == settings.TWILIO_ACCOUNT_SID and event.level in LOUD:
        provider_log.receive(
            event.sid,
            code=event.code,
            level=event.level,
            messages=event.messages,
            numbers=event.numbers,
            now=clock.now(),
        )
    return HttpResponse(status=204)
