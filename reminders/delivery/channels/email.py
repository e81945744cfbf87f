"""E-mail through Django's backends over a pool of open connections, each used by one thread at a time."""

import asyncio
import smtplib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from email.utils import parseaddr
from typing import Any, Self

from anymail.exceptions import AnymailRecipientsRefused
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.core.validators import validate_email

from reminders.delivery.channels.answers import without_personal_data
from reminders.delivery.outcomes import Accepted, Message, NotProcessed, Outcome, Refused, Unknown
from reminders.delivery.wording import html_of

DJANGO_SMTP = "django.core.mail.backends.smtp.EmailBackend"
TIMEOUT_SECONDS = 20
# Codes of our own making, from the enhanced status codes of RFC 3463 with the same meaning
ADDRESS_NOT_VALID, SENDER_REFUSED, AGAINST_POLICY, MESSAGE_REFUSED = 553, 518, 571, 554
ASKS_FOR_SIGN_IN = {530, 534, 535}


class _Watched(smtplib.SMTP):
    """Remembers whether the server was offered the message itself: before that, nothing can have left."""

    offered = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.offered = True
        return super().data(msg)


class _WatchedTls(_Watched, smtplib.SMTP_SSL):
    pass


class SmtpBackend(EmailBackend):
    """Django's own, on connections that can be asked how far they came."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _WatchedTls if self.use_ssl else _Watched


class EmailChannel:
    """Holds up to `concurrency` connections open. One that failed is closed; the next send opens another."""

    def __init__(self, *, concurrency: int) -> None:
        self.concurrency = concurrency
        self.threads = ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="mail")
        self.free: asyncio.LifoQueue[BaseEmailBackend] = asyncio.LifoQueue()  # the warmest first
        for _ in range(concurrency):
            self.free.put_nowait(_backend())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        """Waits for what is still being handed over: mail cannot be called back, only made uncertain."""
        loop = asyncio.get_running_loop()
        backends = [await self.free.get() for _ in range(self.concurrency)]
        await asyncio.gather(*(loop.run_in_executor(self.threads, _close, backend) for backend in backends))
        self.threads.shutdown(wait=True)

    async def send(self, message: Message) -> Outcome:
        """Never raises. A message cut off while it was handed over is `Unknown`, and keeps its Message-ID."""
        backend = await self.free.get()
        sending = asyncio.get_running_loop().run_in_executor(self.threads, _deliver, backend, message)
        # Only the thread's end frees the backend (hence the shield): nobody else may use it while it works.
        sending.add_done_callback(lambda _: self.free.put_nowait(backend))
        return await asyncio.shield(sending)


def _backend() -> BaseEmailBackend:
    if settings.EMAIL_BACKEND == DJANGO_SMTP:
        return SmtpBackend(timeout=settings.EMAIL_TIMEOUT or TIMEOUT_SECONDS)
    return get_connection(settings.EMAIL_BACKEND)


def _close(backend: BaseEmailBackend) -> None:
    with suppress(OSError, smtplib.SMTPException):  # it is gone either way
        backend.close()


def _deliver(backend: BaseEmailBackend, message: Message) -> Outcome:
    """In a thread."""
    if not _is_address(message.to):
        return Refused(ADDRESS_NOT_VALID, "not an e-mail address")
    if not _is_address(parseaddr(message.sender)[1]):
        return Refused(SENDER_REFUSED, "the sender has no e-mail address")
    opened = _open(backend)
    if opened is not None:
        _close(backend)
        return opened
    try:
        mail, message_id = _mail(message)
        backend.send_messages([mail])
    except Exception as error:
        outcome = _failure(error, offered=_offered(backend))
        if not isinstance(outcome, Refused):
            _close(backend)
        return outcome
    return Accepted(message_id, "sent")


def _open(backend: BaseEmailBackend) -> Outcome | None:
    """None: the connection stands. Whatever happens here, no message was sent."""
    connection = getattr(backend, "connection", None)
    if isinstance(connection, _Watched):
        connection.offered = False
    try:
        backend.open()
    except smtplib.SMTPAuthenticationError as error:
        return Refused(error.smtp_code, _words(error.smtp_error))
    except Exception as error:
        return NotProcessed(f"no connection: {type(error).__name__}", None, getattr(error, "smtp_code", 0))
    return None


def _offered(backend: BaseEmailBackend) -> bool:
    """Services reached by HTTP cannot tell, so there the message counts as offered."""
    return bool(getattr(getattr(backend, "connection", None), "offered", True))


def _failure(error: Exception, *, offered: bool) -> Outcome:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _by_code(*next(iter(error.recipients.values())))
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _by_code(error.smtp_code, error.smtp_error, otherwise=SENDER_REFUSED)
    if isinstance(error, smtplib.SMTPResponseException):  # the words were refused, not the address
        return _by_code(error.smtp_code, error.smtp_error, otherwise=MESSAGE_REFUSED)
    if isinstance(error, (AnymailRecipientsRefused, UnicodeError, smtplib.SMTPNotSupportedError)):
        return Refused(ADDRESS_NOT_VALID, "the address is not usable")
    if isinstance(error, ValueError) and not offered:
        return Refused(MESSAGE_REFUSED, f"could not be made into a mail: {type(error).__name__}")
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and 400 <= status < 500 and status != 408:
        return NotProcessed("HTTP 429", None, 429) if status == 429 else Refused(status, f"HTTP {status}")
    if offered:
        return Unknown(f"cut off while it was handed over: {type(error).__name__}")
    return NotProcessed(f"connection lost: {type(error).__name__}", None)


def _by_code(code: int, words: bytes | str, *, otherwise: int = 0) -> Outcome:
    """A 550 says "no such mailbox" only about a recipient; `otherwise` is what it means at another moment."""
    if 400 <= code < 500:
        return NotProcessed(f"the mail server said {code}", None, code)
    if not 500 <= code < 600:
        return Unknown(f"the mail server said {code}")
    said = _words(words)
    if said.startswith("5.7.") and code not in ASKS_FOR_SIGN_IN:
        return Refused(AGAINST_POLICY, f"{code} {said}")
    if otherwise and code not in ASKS_FOR_SIGN_IN:
        return Refused(otherwise, f"{code} {said}")
    return Refused(code, f"{code} {said}")


def _words(said: bytes | str) -> str:
    return without_personal_data(said.decode("utf-8", "replace") if isinstance(said, bytes) else said)


def _is_address(value: str) -> bool:
    try:
        validate_email(value)
    except ValidationError:
        return False
    return True


def _mail(message: Message) -> tuple[EmailMultiAlternatives, str]:
    sender = _one_line(message.sender)
    domain = parseaddr(sender)[1].rpartition("@")[2]
    message_id = f"<{message.attempt_id}@{domain}>"
    mail = EmailMultiAlternatives(
        subject=_one_line(message.subject),
        body=message.text,
        from_email=sender,
        to=[message.to],
        headers={"Message-ID": message_id, **_ways_out(message)},
    )
    mail.attach_alternative(message.html or html_of(message.text), "text/html")
    return mail, message_id


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
