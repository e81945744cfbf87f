"""Everything that any client says to a Redis, heard beside them (MONITOR)."""

import socket
from contextlib import suppress
from threading import Event, Thread

from tests.servers.process import HOST
from tests.waiting import HUNG

AGAIN = 0.02  # seconds until a Redis that went away is called again


class Monitor:
    """A Redis that was killed is listened to again as soon as it is back; the first words may be missed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.heard = bytearray()
        self.line: socket.socket | None = None
        self.over, self.listening = Event(), Event()
        self.thread = Thread(target=self._listen, daemon=True)
        self.thread.start()
        self.listening.wait(HUNG)

    def _listen(self) -> None:
        while not self.over.is_set():
            with suppress(OSError), socket.create_connection((HOST, self.port), timeout=5) as self.line:
                self.line.settimeout(None)
                self.line.sendall(b"MONITOR\r\n")
                while chunk := self.line.recv(65_536):
                    self.heard += chunk
                    self.listening.set()
            self.over.wait(AGAIN)

    def stop(self) -> None:
        self.over.set()
        if self.line is not None:
            with suppress(OSError):
                self.line.shutdown(socket.SHUT_RDWR)
        self.thread.join(HUNG)
