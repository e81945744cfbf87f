"""What a mail service tells afterwards of a mail it took: arrived, bounced, called spam, unsubscribed.

A bounce becomes the code a mail server would have given (`codes.py`, "M"), so that both cause the same.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from patients import actions as care
from patients.models import Contact
from patients.models.contact import ConsentSource
from reminders.delivery.followup.opt_out import of_same_address, stop_contacts
from reminders.delivery.models import Attempt
from reminders.delivery.receipts import callbacks

FAILED = {"bounced", "rejected", "failed"}
REFUSALS = {
    "complained": "Reported as spam, says the mail service.",
    "unsubscribed": "Unsubscribed at the mail service.",
}
TOLD = {"queued", "sent", "deferred", "delivered", *FAILED, *REFUSALS}  # who opened what is nobody's business
PUT_OFF, NO_MAILBOX, FULL, NOT_VALID, REFUSED, POLICY, OPTED_OUT = 450, 550, 552, 553, 554, 571, 572
BY_REASON = {
    "invalid": NOT_VALID,
    "blocked": POLICY,
    "spam": OPTED_OUT,
    "unsubscribed": OPTED_OUT,
    "timed_out": PUT_OFF,
}
BY_ENHANCED = {  # RFC 3463, the longest beginning first
    "5.2.2": FULL, "5.2.3": REFUSED, "5.2": NO_MAILBOX,
    "5.1.7": REFUSED, "5.1.8": REFUSED, "5.1": NO_MAILBOX,  # 7 and 8 are about the sender
    "5.7": POLICY, "5": REFUSED, "4": PUT_OFF,
}  # fmt: skip
BY_REPLY = {550: NO_MAILBOX, 551: NO_MAILBOX, 552: FULL, 553: NOT_VALID}
ENHANCED = re.compile(r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])")
REPLY = re.compile(r"(?<![\d.])[45]\d\d(?![\d.])")
FOR_NOW = re.compile(r"soft|transient|temporar|mailbox.?full|quota", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailEvent:
    """`event` and `reason` in anymail's words. `said`: what the other mail server answered; never kept."""

    event: str
    reason: str = ""
    said: str = field(default="", repr=False)
    attempt: UUID | None = None  # as we gave it along
    message_id: str = ""


def read(news: MailEvent) -> tuple[str, int]:
    """The word of the report and its code. One that may pass has another word than one that will not:

    a second report in the same word is taken for the first come twice.
    """
    if news.event not in FAILED:
        return news.event, 0
    code = BY_REASON.get(news.reason) or _code(news)
    return ("undelivered" if code in (PUT_OFF, FULL) else "failed"), code


def _code(news: MailEvent) -> int:
    """The more exact number first. Without any: a bounce is a dead mailbox unless it is called a soft one."""
    for enhanced in ENHANCED.findall(news.said)[:1]:
        return next(code for start, code in BY_ENHANCED.items() if f"{enhanced}.".startswith(f"{start}."))
    for reply in REPLY.findall(news.said)[:1]:
        return PUT_OFF if reply[0] == "4" else BY_REPLY.get(int(reply), REFUSED)
    if FOR_NOW.search(news.said):
        return PUT_OFF
    return NO_MAILBOX if (news.event, news.reason) == ("bounced", "bounced") else REFUSED


@transaction.atomic
def receive(news: MailEvent, *, now: datetime) -> bool:
    """Keep it and act on it once. False: seen before, of no interest, or of a mail that is not ours.

    An attempt that nobody knows is kept as an orphan; a mail without one may be anybody's who shares the service.
    """
    attempt = _attempt(news)
    ref = attempt.pk if attempt else news.attempt
    if news.event not in TOLD or ref is None or (attempt is None and Attempt.objects.filter(pk=ref).exists()):
        return False  # the last: a text has doors of its own
    if attempt and news.event in REFUSALS:
        _hold_contact(attempt)
    word, code = read(news)
    provider_id = (attempt.provider_id if attempt else "") or news.message_id[:254]
    new = callbacks.receive(ref, provider_id=provider_id, status=word, code=code, now=now)
    if new and attempt and news.event in REFUSALS:
        contact = Contact.objects.get(deliveries=attempt.delivery_id)
        stop_contacts([contact], source=ConsentSource.PROVIDER, wording=REFUSALS[news.event], by=None, now=now)
    return new


def _hold_contact(attempt: Attempt) -> None:
    """Before the report locks the reminder, in the order of `patients.locks`: the refusal comes after the report."""
    rows = Attempt.objects.select_for_update(of=("self", "delivery"), no_key=True).select_related("delivery__contact")
    care.lock_contacts(of_same_address(rows.get(pk=attempt.pk).delivery.contact))


def _attempt(news: MailEvent) -> Attempt | None:
    """By our own id if it came along, else by the mail's: of several attempts of one mail the last one is meant."""
    mails = Attempt.objects.filter(route="smtp")
    if news.attempt:
        return mails.filter(pk=news.attempt).first()
    ids = [news.message_id, f"<{news.message_id}>"] if news.message_id else []  # some services leave the brackets out
    return mails.filter(provider_id__in=ids).order_by("-started_at").first()
