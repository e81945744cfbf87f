"""What an HTTP answer of Twilio means. Pure: status, headers and body in, an outcome out."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from reminders.delivery.codes import Class, look_up
from reminders.delivery.outcomes import NotProcessed, Outcome, Refused, Unknown

PERSONAL = re.compile(r"[^\s<>\"']+@[^\s<>\"']+|\+?\d(?:[\s().-]*\d){6,}")


def without_personal_data(text: str) -> str:
    """Providers like to quote the number or the address in their errors; ours must not be kept or logged."""
    return PERSONAL.sub("…", text)[:300]


def refusal(status: int, headers: Mapping[str, str], body: str) -> Outcome:
    """Any answer that is not a success. Only a definite 4xx is a no; in doubt it may have been sent."""
    code, detail = _error(body)
    wait = retry_after(headers)
    if status == 429 or (status == 503 and wait is not None):
        return NotProcessed(f"HTTP {status}", wait, code or status)
    if not 400 <= status < 500 or status == 408:
        return Unknown(f"HTTP {status}, code {code}")
    kind = look_up(code, "S").cls
    if kind is Class.NOT_PROCESSED:
        return NotProcessed(f"HTTP {status}", wait, code)
    if kind is Class.AMBIGUOUS:
        return Unknown(f"HTTP {status}, code {code}")
    return Refused(code or status, detail)


def _error(body: str) -> tuple[int, str]:
    try:
        error = json.loads(body)
        code = int(error.get("code") or 0)
        return code if 0 < code < 10**9 else 0, without_personal_data(str(error.get("message") or ""))
    except (ValueError, TypeError, AttributeError):
        return 0, ""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait. A date is measured against the answer's own clock, so ours need not be right."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    until, answered = _moment(value), _moment(headers.get("Date", ""))
    if until is None or answered is None:
        return None
    return max(0.0, (until - answered).total_seconds())


def _moment(value: str) -> datetime | None:
    try:
        return parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
