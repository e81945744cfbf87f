"""The mail server as a process of its own: `python -m tests.fakes.mailroom --ledger FILE --port 0 --control 0`.

One line in its ledger for each message, before it answers: the ledger is the witness of what was sent. A line's `time`
is when the sender named itself, `taken` whether it was kept, `mode` how the server behaved. A recipient that is
refused has a line too, without an id. Ask for misbehaviour with `POST /`, JSON:
  {"mode": M}                                     from now on, for everybody; see `tests/fakes/smtp.py`
  {"mode": M, "to": "ana@example.org", "times": 2}   for one address, so many times
"""

import argparse
import json
import time
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.fakes.smtp import Handler, SmtpServer


class Clerk(Handler):
    """Writes down what comes, and has a manner of its own for some addresses."""

    def __init__(self, server: SmtpServer, ledger: Path) -> None:
        super().__init__(server)
        self.ledger = ledger.open("a", encoding="utf-8")
        self.by_to: dict[str, list[Any]] = {}  # address -> [mode, times left]

    async def handle_MAIL(  # noqa: N802
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        session.began = time.time()
        return await super().handle_MAIL(smtp, session, envelope, address, options)

    async def handle_RCPT(  # noqa: N802
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        mode = self.next(address)
        if mode[:1].isdigit():
            self.write(session.began, mode, [address], None)
            return f"{mode} recipient <{address}> refused"
        return await super().handle_RCPT(smtp, session, envelope, address, options)

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.write(session.began, self.server.mode, envelope.rcpt_tos, envelope.content)
        return await super().handle_DATA(smtp, session, envelope)

    def next(self, address: str) -> str:
        mode, left = self.by_to.get(address, [self.server.mode, 0])
        if left:
            self.by_to[address] = [mode, left - 1]
            if left == 1:
                del self.by_to[address]
        return str(mode)

    def write(self, began: float, mode: str, recipients: list[str], content: Any) -> None:
        mail = message_from_bytes(content, policy=policy.default) if content else {}
        names = ("Message-ID", "List-Unsubscribe", "Subject")
        line = {"time": began, "mode": mode, "to": ", ".join(recipients), "taken": False}
        if content:
            line["taken"] = not mode.startswith("data:")
            line |= {"content": content.decode("utf-8", "replace")}
        self.ledger.write(json.dumps(line | {name: str(mail.get(name, "")).strip() for name in names}) + "\n")
        self.ledger.flush()

    async def wish(self, wish: dict[str, Any]) -> None:
        """In the server's own loop, so that no message meets two manners at once."""
        if "to" in wish:
            self.by_to[wish["to"]] = [wish["mode"], wish["times"]]
        else:
            self.server.mode = wish["mode"]


def control(clerk: Clerk, port: int) -> ThreadingHTTPServer:
    class ControlHandler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            wish = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            clerk.server.thread.run(clerk.wish(wish))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            """Its ledger says enough."""

    return ThreadingHTTPServer(("127.0.0.1", port), ControlHandler)


def main() -> None:
    parser = argparse.ArgumentParser(description="A mail server that writes down what comes.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control", type=int, default=0)
    parser.add_argument("--ledger", type=Path, required=True)
    options = parser.parse_args()
    server = SmtpServer(port=options.port, handler=lambda server: Clerk(server, options.ledger))
    with control(server.handler, options.control) as door:
        print(server.port, door.server_address[1], flush=True)  # whoever started it reads both here
        door.serve_forever()


if __name__ == "__main__":
    main()
