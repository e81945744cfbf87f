"""A Redis of one's own, which a test may flush, kill and start again on the same port."""

import shutil
import signal
import socket
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.process import HOST, Process, ServerError, free_port
from tests.servers.programs import redis_server
from tests.waiting import HUNG

TRIES = 3  # another program may take the free port between asking and binding


class Redis:
    """Set up like the service's Redis (noeviction), but keeping nothing on disk unless told so."""

    def __init__(self, *, append_only: bool = False) -> None:
        self.append_only = append_only
        self.folder = Path(tempfile.mkdtemp(prefix="aftercare-redis-"))
        self.port = free_port()
        self._process: Process | None = None

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def start(self) -> Self:
        for attempt in range(1, TRIES + 1):
            self._process = self._launch()
            try:
                self._process.wait_until(self._answers)
                return self
            except ServerError:
                if attempt == TRIES or "Address already in use" not in self._process.tail():
                    raise
                self.port = free_port()
        raise AssertionError("unreachable")

    def stop(self) -> None:
        """Shut down in good order; what is on disk stays for the next start."""
        if self._process:
            self._process.stop()

    def kill(self) -> None:
        if self._process:
            self._process.kill()

    def send(self, sign: signal.Signals) -> None:
        if self._process:
            self._process.send(sign)

    def flush(self) -> None:
        """Lose everything, as FLUSHALL or an empty restart would."""
        if (answer := self._ask(b"FLUSHALL\r\n")) != b"+OK":
            raise ServerError(f"Redis did not flush: {answer.decode(errors='replace')}")

    def ask(self, command: str) -> str:
        """A command of simple words; the first line of the answer."""
        return self._ask(f"{command}\r\n".encode()).decode(errors="replace")

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _launch(self) -> Process:
        options = {
            "--port": str(self.port),
            "--bind": HOST,
            "--dir": str(self.folder),
            "--save": "",
            "--appendonly": "yes" if self.append_only else "no",
            "--maxmemory-policy": "noeviction",
        }
        command: list[str | Path] = [redis_server(), *(part for option in options.items() for part in option)]
        return Process("Redis", command, log=self.folder / "log", cwd=self.folder)

    def _answers(self) -> bool:
        try:
            return self._ask(b"PING\r\n", patience=5) == b"+PONG"
        except OSError:
            return False

    def _ask(self, command: bytes, *, patience: float = HUNG) -> bytes:
        with socket.create_connection((HOST, self.port), timeout=patience) as connection:
            connection.sendall(command)
            return connection.recv(200).strip()
