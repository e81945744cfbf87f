"""What Twilio's webhooks say, read into values. Pure; the signature is checked before."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")
NUMBER = re.compile(r"\+\d{6,20}|MG[0-9a-f]{32}", re.ASCII)
FAILED = {"failed", "undelivered"}


@dataclass(frozen=True, slots=True)
class StatusReport:
    sid: str
    status: str
    error_code: int | None
    account_sid: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """A text that came in. `opt_out_type` is STOP, START or HELP if Twilio already dealt with the word itself."""

    sid: str
    account_sid: str
    sender: str = field(repr=False)
    to: str
    text: str = field(repr=False)
    messaging_service_sid: str
    opt_out_type: str
    media: int


def read_status(params: Mapping[str, str]) -> StatusReport:
    """An error code can ride along from an earlier status; it counts only where something failed."""
    status = params.get("MessageStatus") or params.get("SmsStatus") or ""
    return StatusReport(
        sid=params.get("MessageSid") or params.get("SmsSid") or "",
        status=status,
        error_code=error_code_of(status, params.get("ErrorCode", "")),
        account_sid=params.get("AccountSid", ""),
    )


def error_code_of(status: str, value: str) -> int | None:
    """None: nothing failed. 0: it failed and nobody says why."""
    if status not in FAILED:
        return None
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def read_inbound(params: Mapping[str, str]) -> Inbound:
    """NUL is dropped: PostgreSQL cannot store it, and no text may be lost for one."""
    return Inbound(
        sid=params.get("MessageSid") or params.get("SmsSid") or "",
        account_sid=params.get("AccountSid", ""),
        sender=params.get("From", "").replace("\0", ""),
        to=params.get("To", "").replace("\0", ""),
        text=params.get("Body", "").replace("\0", ""),
        messaging_service_sid=params.get("MessagingServiceSid", ""),
        opt_out_type=params.get("OptOutType", "").upper(),
        media=count_of(params.get("NumMedia", "")),
    )


def count_of(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 4 else 0


@dataclass(frozen=True, slots=True)
class Logged:
    """An event of the account's error log. Of its payload only this is read: it quotes texts and numbers."""

    sid: str
    account_sid: str
    level: str
    code: int
    messages: tuple[str, ...]
    numbers: tuple[str, ...] = field(repr=False)


def read_logged(params: Mapping[str, str]) -> Logged | None:
    """None: half of one, or nothing that names itself and a code."""
    try:
        payload = json.loads(params.get("Payload", ""))
    except (ValueError, RecursionError):
        return None
    payload = _mapping(payload)
    asked = _mapping(_mapping(_mapping(payload.get("webhook")).get("request")).get("parameters"))
    sid, code = params.get("Sid", ""), str(payload.get("error_code", ""))
    if not SID.fullmatch(sid) or not (code.isascii() and code.isdigit() and len(code) < 10):
        return None
    return Logged(
        sid=sid,
        account_sid=params.get("AccountSid", ""),
        level=params.get("Level", "").upper()[:16],
        code=int(code),
        messages=tuple(filter(SID.fullmatch, map(str, (payload.get("resource_sid"), asked.get("MessageSid"))))),
        numbers=tuple(filter(NUMBER.fullmatch, (str(asked.get(key)) for key in ("From", "To", "MessagingServiceSid")))),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
