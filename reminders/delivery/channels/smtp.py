"""Django's SMTP backend on connections that can be asked how far they came, and that do not wait for ever."""

import smtplib
import socket
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from reminders.delivery import waits

GO_AHEAD = 354  # the server's word to begin with the message itself; before it, nothing can have left


class Watched(smtplib.SMTP):
    """One limit for everything before the message, another for the server's last word about it."""

    offered = False

    def __init__(self, host: str, port: int, *, timeout: float, **more: Any) -> None:
        self.patience = timeout
        self.begin()
        super().__init__(host, port, timeout=timeout, **more)

    def begin(self) -> None:
        """Start the next mail on this connection."""
        self.offered = False
        self.until = monotonic() + min(self.patience, waits.OFFER.total_seconds())

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return super()._get_socket(host, port, min(timeout, waits.CONNECT.total_seconds()))  # type: ignore[misc,no-any-return]

    def getreply(self) -> tuple[int, bytes]:
        """Read the server's answer within the time limit."""
        if self.sock is not None:
            self.sock.settimeout(max(0.01, self.until - monotonic()))
        code, words = super().getreply()
        if code == GO_AHEAD:
            self.offered = True
            self.until = monotonic() + min(self.patience, waits.ANSWER.total_seconds())
        return code, words


class WatchedTls(Watched, smtplib.SMTP_SSL):
    pass


class SmtpBackend(EmailBackend):
    def __init__(self) -> None:
        super().__init__(timeout=settings.EMAIL_TIMEOUT or waits.ANSWER.total_seconds())

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return WatchedTls if self.use_ssl else Watched
