"""A mail server that keeps what it accepts, or misbehaves: `SmtpServer().mode = "451"`.

Modes: ok · a code such as "451" or "550 5.7.1" (answer to the recipient) · mail:<code> (to the sender) ·
data:<code> (to the message) · greeting:<code> (when called) · login:<code> (to our greeting) · starttls:<code> ·
auth:<code> · hang_at_greeting · hang_before_data · close_before_data · close_at_data (before it is asked for) ·
close_after_data · hang_after_data. `hang_up()` closes the connections that are open, as after a time-out.
"""

import asyncio
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.fakes.threads import LoopThread


class Handler:
    def __init__(self, server: "SmtpServer") -> None:
        self.server = server

    async def handle_EHLO(  # noqa: N802
        self, smtp: SMTP, session: Session, envelope: Envelope, host: str, answers: list[str]
    ) -> list[str]:
        session.host_name = host
        self.server.connections += 1
        offers = {"starttls": "250-STARTTLS", "auth": "250-AUTH PLAIN LOGIN"}
        offer = offers.get(self.server.mode.split(":")[0])
        return [*answers[:-1], offer, answers[-1]] if offer else answers

    async def handle_MAIL(  # noqa: N802
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.server.mode.startswith("mail:"):
            return f"{self.server.mode[5:]} sender {address} refused"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.server.mode == "close_before_data":
            smtp.transport.abort()  # type: ignore[union-attr]
        if self.server.mode == "hang_before_data":
            await asyncio.sleep(86_400)
        if self.server.mode[:1].isdigit():
            return f"{self.server.mode} recipient <{address}> refused"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        mode = self.server.mode
        if mode.startswith("data:"):
            return f"{mode[5:]} message refused"
        content: Any = envelope.content
        self.server.recipients.append(list(envelope.rcpt_tos))
        self.server.accepted.append(message_from_bytes(content, policy=policy.default))  # type: ignore[arg-type]
        if mode == "close_after_data":
            smtp.transport.abort()  # type: ignore[union-attr]
        if mode == "hang_after_data":
            await asyncio.sleep(86_400)
        return "250 OK"


class _Smtp(SMTP):
    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        mode = self.event_handler.server.mode
        if mode.startswith("login:"):
            await self.push(f"{mode[6:]} not now")
            return
        await super().smtp_EHLO(hostname)

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802
        await self.smtp_EHLO(hostname)

    async def push(self, status: str) -> None:
        """The first line of all is the greeting."""
        mode = self.event_handler.server.mode
        if status.startswith(f"220 {self.hostname}"):
            self.event_handler.server.transports.append(self.transport)
            if mode == "hang_at_greeting":
                await asyncio.sleep(86_400)
            if mode.startswith("greeting:"):
                await super().push(f"{mode[9:]} not today")
                self.transport.close()  # type: ignore[union-attr]
                return
        await super().push(status)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        await self._answer("starttls:")

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        await self._answer("auth:")

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if self.event_handler.server.mode == "close_at_data":
            self.transport.abort()  # type: ignore[union-attr]
            return
        await super().smtp_DATA(arg)

    async def _answer(self, prefix: str) -> None:
        mode = self.event_handler.server.mode
        await self.push(f"{mode.removeprefix(prefix)} no" if mode.startswith(prefix) else "502 not here")


class SmtpServer:
    def __init__(self, *, port: int = 0, handler: Callable[["SmtpServer"], Handler] = Handler) -> None:
        self.mode = "ok"
        self.handler = handler(self)
        self.accepted: list[EmailMessage] = []
        self.recipients: list[list[str]] = []  # of each message, as the envelope named them
        self.connections = 0
        self.transports: list[Any] = []
        self.thread = LoopThread()
        self.server = self.thread.run(self._start(port))
        self.port: int = self.server.sockets[0].getsockname()[1]

    async def _start(self, port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(
            lambda: _Smtp(self.handler, enable_SMTPUTF8=True, hostname="mail.example.org", loop=loop),
            "127.0.0.1",
            port,
        )

    def hang_up(self) -> None:
        self.thread.run(self._hang_up())

    async def _hang_up(self) -> None:
        for transport in self.transports:
            transport.close()

    def stop(self) -> None:
        self.thread.run(self._stop())
        self.thread.stop()

    async def _stop(self) -> None:
        self.server.close()
        for transport in self.transports:
            transport.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
