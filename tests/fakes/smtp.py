"""A mail server that keeps what it accepts, or misbehaves: `SmtpServer().mode = "451"`.

Modes: ok · a code such as "451" or "550 5.7.1" (answer to the recipient) · mail:<code> (to the sender) ·
data:<code> (to the message) · login:<code> (to the greeting) · close_before_data · close_after_data ·
hang_after_data.
"""

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.fakes.threads import LoopThread


class _Handler:
    def __init__(self, server: "SmtpServer") -> None:
        self.server = server

    async def handle_EHLO(  # noqa: N802
        self, smtp: SMTP, session: Session, envelope: Envelope, host: str, answers: list[str]
    ) -> list[str]:
        session.host_name = host
        self.server.connections += 1
        return answers

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
        if self.server.mode[:1].isdigit():
            return f"{self.server.mode} recipient <{address}> refused"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        mode = self.server.mode
        if mode.startswith("data:"):
            return f"{mode[5:]} message refused"
        content: Any = envelope.content
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


class SmtpServer:
    def __init__(self) -> None:
        self.mode = "ok"
        self.accepted: list[EmailMessage] = []
        self.connections = 0
        self.thread = LoopThread()
        self.server = self.thread.run(self._start())
        self.port: int = self.server.sockets[0].getsockname()[1]

    async def _start(self) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(
            lambda: _Smtp(_Handler(self), enable_SMTPUTF8=True, hostname="mail.example.org", loop=loop),
            "127.0.0.1",
            0,
        )

    def stop(self) -> None:
        self.thread.run(self._stop())
        self.thread.stop()

    async def _stop(self) -> None:
        self.server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
