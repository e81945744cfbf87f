"""E-mail through Django's backends over a pool of open connections, each used by one thread at a time."""

import asyncio
import smtplib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Self

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from reminders.delivery.channels import mail_errors, mail_message
from reminders.delivery.channels.smtp import SmtpBackend, Watched
from reminders.delivery.outcomes import Accepted, Message, NotProcessed, Outcome, Refused

DJANGO_SMTP = "django.core.mail.backends.smtp.EmailBackend"
HUNG_UP = {0, 421}  # no code, or "closing": how a server ends a connection that was idle


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
    return SmtpBackend() if settings.EMAIL_BACKEND == DJANGO_SMTP else get_connection(settings.EMAIL_BACKEND)


def _close(backend: BaseEmailBackend) -> None:
    with suppress(OSError, smtplib.SMTPException):  # it is gone either way
        backend.close()


def _deliver(backend: BaseEmailBackend, message: Message) -> Outcome:
    """In a thread."""
    if refused := mail_message.misaddressed(message):
        return refused
    was_open = getattr(backend, "connection", None) is not None
    outcome = _hand_over(backend, message)
    if was_open and _hung_up(backend, outcome):
        _close(backend)
        outcome = _hand_over(backend, message)
    if not isinstance(outcome, (Accepted, Refused)):
        _close(backend)
    return outcome


def _hung_up(backend: BaseEmailBackend, outcome: Outcome) -> bool:
    """The server had closed a connection that was idle, before anything left on it."""
    return isinstance(outcome, NotProcessed) and outcome.code in HUNG_UP and not _offered(backend)


def _hand_over(backend: BaseEmailBackend, message: Message) -> Outcome:
    if failed := _open(backend):
        _close(backend)
        return failed
    try:
        mail = mail_message.mail(message)
        backend.send_messages([mail])
    except Exception as error:
        return mail_errors.failure(error, offered=_offered(backend))
    return Accepted(_id_at_service(mail) or mail_message.message_id(message), "sent")


def _open(backend: BaseEmailBackend) -> Outcome | None:
    """None: the connection stands. Whatever happens here, no message was sent."""
    connection = getattr(backend, "connection", None)
    if isinstance(connection, Watched):
        connection.begin()
    try:
        backend.open()
    except Exception as error:
        return mail_errors.no_connection(error)
    return None


def _offered(backend: BaseEmailBackend) -> bool:
    """Services reached by HTTP cannot tell, so there the message counts as offered."""
    return bool(getattr(getattr(backend, "connection", None), "offered", True))


def _id_at_service(mail: EmailMessage) -> str:
    """Mail services number messages themselves, and name that number in what they tell later."""
    given = getattr(getattr(mail, "anymail_status", None), "message_id", None)
    return given[:254] if isinstance(given, str) else ""
