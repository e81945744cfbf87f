"""A message as a mail: its headers, its two forms, its ways out. No line break of ours gets into a header."""

from email.utils import parseaddr

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email

from reminders.delivery.channels.mail_errors import ADDRESS_NOT_VALID, SENDER_REFUSED
from reminders.delivery.mail_html import html_of
from reminders.delivery.outcomes import Message, Refused


def misaddressed(message: Message) -> Refused | None:
    """Said before anything leaves. An address with letters beyond ASCII before the @ is refused here too:

    few servers take one (SMTPUTF8), and the form does not accept it. After the @ they travel as punycode.
    """
    if not _is_address(message.to):
        return Refused(ADDRESS_NOT_VALID, "not an e-mail address")
    if not _is_address(parseaddr(message.sender)[1]):
        return Refused(SENDER_REFUSED, "the sender has no e-mail address")
    return None


def _is_address(value: str) -> bool:
    try:
        validate_email(value)
    except ValidationError:
        return False
    return True


def message_id(message: Message) -> str:
    """The same on every attempt, so that servers and mail programs fold a doubled one."""
    domain = parseaddr(_one_line(message.sender))[1].rpartition("@")[2]
    return f"<{message.mail_id or message.attempt_id.hex}@{domain}>"


def mail(message: Message) -> EmailMultiAlternatives:
    """The message as Django sends it: text and HTML, a stable Message-ID, unsubscribe headers, no tracking."""
    made = EmailMultiAlternatives(
        subject=_one_line(message.subject),
        body=message.text,
        from_email=_one_line(message.sender),
        to=[message.to],
        headers={"Message-ID": message_id(message), **_ways_out(message)},
    )
    made.attach_alternative(message.html or html_of(message.text), "text/html")
    if message.calendar:  # in both forms: some programs read the one, some the other
        made.attach_alternative(message.calendar.decode(), f"text/calendar; method={message.calendar_method}")
        made.attach("visit.ics", message.calendar, "application/ics")
    made.metadata = {"attempt": str(message.attempt_id)}  # type: ignore[attr-defined]  # services give it back
    made.track_clicks = made.track_opens = False  # type: ignore[attr-defined]  # a patient's link stays a patient's link
    return made


def _ways_out(message: Message) -> dict[str, str]:
    """RFC 8058: the mail program itself shows a button that posts to this address."""
    if not message.unsubscribe_url:
        return {}
    return {
        "List-Unsubscribe": f"<{_one_line(message.unsubscribe_url)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _one_line(value: str) -> str:
    """No line break may pass into a header: what follows it would become a header of its own."""
    return " ".join(value.split())
