"""Webhooks for mail services (django-anymail's tracking). 403 without the secret; never a 500."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, tracking
from anymail.urls import urlpatterns as of_anymail
from anymail.utils import get_anymail_setting
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import DataError, Error
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.views.decorators.csrf import csrf_exempt

from patients import clock
from reminders.delivery.receipts import mail_events
from reminders.delivery.receipts.callbacks import ForeignReport

log = logging.getLogger(__name__)
View = Callable[..., HttpResponse]


def from_mail_service(view: View) -> View:
    """anymail's views check the secret, but let whatever is wrong with a request become a 500."""

    @csrf_exempt
    @wraps(view)
    def checked(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not get_anymail_setting("webhook_secret", default=""):
            return HttpResponse(status=403)  # without one, anymail would let everybody in
        try:
            return view(request, **kwargs)
        except AnymailWebhookValidationFailure:
            log.warning("refused a mail service's report with a wrong secret")
            return HttpResponse(status=403)
        except AnymailConfigurationError:  # another service's door, for which we hold no key
            return HttpResponse(status=404)
        except (RequestDataTooBig, TooManyFieldsSent):
            return HttpResponse(status=413)
        except ForeignReport:
            log.warning("refused a report whose mail belongs to another attempt")
            return HttpResponse(status=409)
        except Error as error:
            return _not_stored(error)
        except Exception as error:  # not JSON, half of it, a field of another kind: the parsers expect none of that
            log.error("a mail service's report could not be read: %s", type(error).__name__)
            return HttpResponse(status=400)

    return checked


def _not_stored(error: Error) -> HttpResponse:
    """Its message may quote the row. What cannot be stored is no better the next time; a lost database is."""
    log.error("could not store a mail service's report: %s", type(error).__name__)
    if isinstance(error, DataError):
        return HttpResponse(status=400)
    return HttpResponse(status=503, headers={"Retry-After": "5"})


def _guarded(pattern: URLPattern) -> URLPattern:
    return URLPattern(pattern.pattern, from_mail_service(pattern.callback), name=pattern.name)


app_name = "anymail"
urlpatterns = [_guarded(pattern) for pattern in of_anymail if "inbound" not in pattern.name]


@receiver(tracking, dispatch_uid="mail news")
def heard(sender: object, event: AnymailTrackingEvent, **kwargs: object) -> None:
    mail_events.receive(
        mail_events.MailEvent(
            event=event.event_type or "",
            reason=event.reject_reason or "",
            said=f"{event.mta_response or ''} {event.description or ''} {_kind(event.esp_event)}",
            attempt=_attempt(event.metadata),
            message_id=str(event.message_id or "").replace("\0", ""),
        ),
        now=clock.now(),
    )


def _kind(raw: object) -> str:
    """Soft or hard, where a service says it in a word of its own that anymail does not pass on."""
    if not hasattr(raw, "get"):
        return ""
    return " ".join(str(raw.get(key) or "") for key in ("Type", "type", "event", "bounceType"))


def _attempt(metadata: object) -> UUID | None:
    try:
        return UUID(str(metadata["attempt"]))  # type: ignore[index]
    except (KeyError, TypeError, ValueError):
        return None
