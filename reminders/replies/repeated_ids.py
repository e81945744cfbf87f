"""Two different texts under one id of the provider: neither may be lost, and a STOP in the second one counts."""

import hashlib
from datetime import datetime

from reminders.delivery import alarms
from reminders.delivery.matching import plain
from reminders.replies.models import Reply

SAME_ID = "same_id"


def is_another(reply: Reply, *, from_address: str, text: str) -> bool:
    """Whether this is another text than the one kept under its id. Spaces do not count, nor does a redacted text."""
    words = plain(text)
    return bool(words) and (plain(reply.text) != words or reply.from_address != from_address)


def own_id(known: str, from_address: str, text: str) -> str:
    """The id under which the second one is kept: the same for the same words."""
    made = hashlib.sha256("\0".join([known, from_address, plain(text)]).encode(errors="replace")).hexdigest()
    return f"{known[:31]}-{made[:32]}"


def tell(reply: Reply, now: datetime) -> None:
    """An alarm, unless the first was redacted: then the provider's list was only faster than its webhook."""
    if reply.text:
        detail = "Both are kept and were acted on. Ask the provider."
        alarms.sound(SAME_ID, subject=reply.provider_id[:60], site=reply.site_id, detail=detail, now=now)
