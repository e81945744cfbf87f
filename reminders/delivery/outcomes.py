"""One message as a channel takes it, and what a channel may answer. Plain values; nothing here sends."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

TOO_LONG = "waited too long"  # why a claimed message was not handed over: our own queue, not the provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What leaves. Who it goes to and what it says stay out of `repr`, and so out of logs and tracebacks."""

    attempt_id: UUID
    channel: Literal["sms", "email"]
    to: str = field(repr=False)
    sender: str
    text: str = field(repr=False)
    subject: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    valid_for: int  # seconds until the sending window or the use of the message ends
    unsubscribe_url: str = field(default="", repr=False)  # carries a token
    callback_url: str = ""
    mail_id: str = ""  # the same on every attempt of a delivery
    calendar: bytes = field(default=b"", repr=False)  # an iCalendar file about the visit that the mail tells
    calendar_method: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it and gave it a number."""

    provider_id: str
    status: str = "accepted"


@dataclass(frozen=True, slots=True)
class Refused:
    """A definite no. `codes.look_up` says whose fault it is and what to do."""

    code: int
    detail: str


@dataclass(frozen=True, slots=True)
class NotProcessed:
    """Certainly not sent: it may be tried again, and costs the reminder none of its retries."""

    reason: str
    retry_after: float | None
    code: int = 0


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have left. Never try again on this alone: wait for evidence."""

    reason: str


Outcome = Accepted | Refused | NotProcessed | Unknown
