"""What a mail server's or a mail service's answer means: an exception in, an outcome out."""

import smtplib
import ssl

import requests
from anymail.exceptions import AnymailRecipientsRefused, AnymailSerializationError, AnymailUnsupportedFeature
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from reminders.delivery.channels.twilio_responses import without_personal_data
from reminders.delivery.outcomes import NotProcessed, Outcome, Refused, Unknown

# Codes of our own making (`codes.py` has them too): three from RFC 3463 with the same meaning, and our account's
ADDRESS_NOT_VALID, SENDER_REFUSED, AGAINST_POLICY, MESSAGE_REFUSED, MAILBOX_FULL = 553, 518, 571, 554, 552
TURNED_AWAY, NOT_SECURE, SIGN_IN_REFUSED = 520, 523, 535
ASKS_FOR_SIGN_IN = {530, 534, 535}
NEVER_MADE = (AnymailSerializationError, AnymailUnsupportedFeature)  # raised before a service is called


def no_connection(error: Exception) -> Outcome:
    """While the line was opened. No message was sent; a definite no is about our account, not about a patient."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _turned_away(error)
    if isinstance(error, (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError)) or _no_way_to_sign_in(error):
        return Refused(NOT_SECURE, type(error).__name__)
    return NotProcessed(f"no connection: {type(error).__name__}", None)


def _turned_away(error: smtplib.SMTPResponseException) -> Outcome:
    code = error.smtp_code
    if not 500 <= code < 600:
        return NotProcessed(f"the mail server said {code}", None, code if 400 <= code < 500 else 0)
    if code not in ASKS_FOR_SIGN_IN:
        code = SIGN_IN_REFUSED if isinstance(error, smtplib.SMTPAuthenticationError) else TURNED_AWAY
    return Refused(code, f"{error.smtp_code} {_words(error.smtp_error)}")


def _no_way_to_sign_in(error: Exception) -> bool:
    return type(error) is smtplib.SMTPException  # what smtplib raises when the server offers no way it knows


def failure(error: Exception, *, offered: bool) -> Outcome:
    """While a mail was handed over. `offered`: the server had been given the message, or part of it."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _by_code(*next(iter(error.recipients.values())))
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _by_code(error.smtp_code, error.smtp_error, otherwise=SENDER_REFUSED)
    if isinstance(error, smtplib.SMTPResponseException):  # the words were refused, not the address
        return _by_code(error.smtp_code, error.smtp_error, otherwise=MESSAGE_REFUSED)
    if isinstance(error, AnymailRecipientsRefused):
        return _refused_by_service(error)
    if isinstance(error, (UnicodeError, smtplib.SMTPNotSupportedError)):
        return Refused(ADDRESS_NOT_VALID, "the address is not usable")
    if isinstance(error, NEVER_MADE) or (isinstance(error, ValueError) and not offered):
        return Refused(MESSAGE_REFUSED, f"could not be made into a mail: {type(error).__name__}")
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and 400 <= status < 500 and status != 408:
        return NotProcessed("HTTP 429", None, 429) if status == 429 else Refused(status, f"HTTP {status}")
    if offered and not _never_connected(error):
        return Unknown(f"cut off while it was handed over: {type(error).__name__}")
    return NotProcessed(f"connection lost: {type(error).__name__}", None)


def _refused_by_service(error: AnymailRecipientsRefused) -> Outcome:
    """`rejected`: it is on the service's own list; only `invalid` is said of the address itself."""
    status = getattr(getattr(error.email_message, "anymail_status", None), "status", None) or set()
    if "rejected" in status or "failed" in status:
        return Refused(AGAINST_POLICY, "the mail service does not write to this address")
    return Refused(ADDRESS_NOT_VALID, "the address is not usable")


def _never_connected(error: Exception) -> bool:
    """A service that could not be reached at all: no name, no open port, no line in time."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.__cause__ if isinstance(error.__cause__, requests.ConnectionError) else error
    reason = getattr(cause.args[0], "reason", None) if cause.args else None
    return isinstance(reason, (NewConnectionError, ConnectTimeoutError))


def _by_code(code: int, words: bytes | str, *, otherwise: int = 0) -> Outcome:
    """A 550 says "no such mailbox" only about a recipient; `otherwise` is what it means at another moment."""
    if 400 <= code < 500:
        return NotProcessed(f"the mail server said {code}", None, code)
    if not 500 <= code < 600:
        return Unknown(f"the mail server said {code}")
    said = _words(words)
    detail = f"{code} {said}"
    if code in ASKS_FOR_SIGN_IN:
        return Refused(code, detail)
    if said.startswith("5.7."):
        return Refused(AGAINST_POLICY, detail)
    if said.startswith("5.2.2"):
        return Refused(MAILBOX_FULL, detail)
    return Refused(otherwise or code, detail)


def _words(said: bytes | str) -> str:
    return without_personal_data(said.decode("utf-8", "replace") if isinstance(said, bytes) else said)
