"""Twilio's formats: what it refuses, how it writes a message, how it filters a list, how it signs."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from aiohttp import web

JSON_TYPE = {"Content-Type": "application/json"}


def signature(url: str, params: Mapping[str, str], token: str) -> str:
    """As Twilio documents it; written again here, so that the product is checked by a second hand."""
    signed = url + "".join(key + params[key] for key in sorted(params))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def first_status(form: Mapping[str, str]) -> str:
    return "accepted" if "MessagingServiceSid" in form else "queued"


def problem(form: Mapping[str, str]) -> web.Response | None:
    """What Twilio itself checks before it takes a message."""
    validity = form.get("ValidityPeriod", "36000")
    callback = form.get("StatusCallback", "https://")
    if not form.get("To"):
        return error(400, 21604, "A 'To' phone number is required.")
    if not (form.get("From") or form.get("MessagingServiceSid")):
        return error(400, 21603, "A 'From' phone number is required.")
    if not form.get("Body"):
        return error(400, 21602, "Message body is required.")
    if len(form["Body"]) > 1600:
        return error(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
    if not callback.startswith(("https://", "http://")):
        return error(400, 21609, "The 'StatusCallback' URL is not a valid URL.")
    if not (validity.isdigit() and 1 <= int(validity) <= 36_000):
        return error(400, 21624, "The validity period is not valid.")
    return None


def error(status: int, code: int, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    more_info = f"https://www.twilio.com/docs/errors/{code}"
    body = {"code": code, "message": message, "more_info": more_info, "status": status}
    return web.Response(status=status, text=json.dumps(body), headers={**JSON_TYPE, **(headers or {})})


def seconds(moment: str) -> float:
    when = datetime.fromisoformat(moment)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def as_json(message: dict[str, Any], base: str) -> dict[str, Any]:
    form, when = message["form"], format_datetime(datetime.fromtimestamp(message["at"], UTC))
    sid, uri = message["sid"], f"{base}/{message['sid']}"
    return {
        "account_sid": base.split("/")[3],
        "api_version": "2010-04-01",
        "body": form.get("Body", ""),
        "date_created": when,
        "date_sent": None if message["status"] in WAITING else when,
        "date_updated": when,
        "direction": message.get("direction", "outbound-api"),
        "error_code": message.get("error_code"),
        "error_message": None,
        "from": form.get("From"),
        "messaging_service_sid": form.get("MessagingServiceSid"),
        "num_media": form.get("NumMedia", "0"),
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "sid": sid,
        "status": message["status"],
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": form.get("To"),
        "uri": f"{uri}.json",
    }


WAITING = {"accepted", "scheduled", "queued"}  # in Twilio's own queue: such a message has no sent date yet


def listed(message: dict[str, Any], query: Mapping[str, str]) -> bool:
    form, at = message["form"], message["at"]
    if message["status"] in WAITING and any(key.startswith("DateSent") for key in query):
        return False
    return (
        query.get("To", form.get("To")) == form.get("To")
        and query.get("From", form.get("From")) == form.get("From")
        and ("DateSent>" not in query or at >= seconds(query["DateSent>"]))
        and ("DateSent<" not in query or at <= seconds(query["DateSent<"]))
        and ("DateSent" not in query or day(at) == query["DateSent"][:10])
    )


def page(found: list[dict[str, Any]], request: web.BaseRequest, base: str) -> web.Response:
    """One page of a list, with the addresses of those beside it."""
    query = request.query
    size, number = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
    shown = found[number * size : (number + 1) * size]
    more = (number + 1) * size < len(found)
    following = {**query, "Page": str(number + 1), "PageSize": str(size)}
    return web.json_response(
        {
            "messages": [as_json(one, base) for one in shown],
            "page": number,
            "page_size": size,
            "start": number * size,
            "end": number * size + len(shown) - 1 if shown else 0,
            "uri": str(request.rel_url),
            "first_page_uri": str(request.rel_url.update_query(Page=0)),
            "previous_page_uri": None,
            "next_page_uri": str(request.rel_url.with_query(following)) if more else None,
        }
    )
