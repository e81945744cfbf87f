"""One server process: started, waited for with a deadline, stopped by its own pid."""

import atexit
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.waiting import HUNG

POLL = 0.05
LEASH = Path(__file__).with_name("leash.py")
HOST = "127.0.0.1"


class ServerError(RuntimeError):
    """A server could not be found, started or stopped; the message says what to do."""


class Process:
    """A server in a session of its own, so that Ctrl-C reaches the tests first and the server last."""

    def __init__(self, name: str, command: Sequence[str | Path], *, log: Path, cwd: Path, user: int | None = None):
        self.name, self.log = name, log
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                [sys.executable, "-ES", str(LEASH), "-" if user is None else str(user), *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=cwd,
                env=environment,
                start_new_session=True,
            )
        atexit.register(self.kill)

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    def wait_until(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + HUNG  # a broken server says so at once
        while not ready():
            if not self.alive:
                raise ServerError(f"{self.name} stopped while starting. Its log ends:\n{self.tail()}")
            if time.monotonic() > deadline:
                self.kill()
                raise ServerError(f"{self.name} was not ready in {HUNG:.0f} s. Its log ends:\n{self.tail()}")
            time.sleep(POLL)

    def send(self, sign: signal.Signals) -> None:
        self._popen.send_signal(sign)

    def stop(self, *signals: signal.Signals, within: float = 10.0) -> None:
        """Ask with one signal after the other, then kill. Safe to call twice."""
        for sign in signals or (signal.SIGTERM,):
            if not self.alive:
                break
            self._popen.send_signal(sign)
            try:
                self._popen.wait(within)
            except subprocess.TimeoutExpired:
                continue
        self.kill()

    def kill(self) -> None:
        """SIGKILL, as the machine's memory guard or a power cut would."""
        if self.alive:
            self._popen.kill()
        self._popen.wait()
        atexit.unregister(self.kill)

    def tail(self, lines: int = 20) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def as_user(user: int | None) -> dict[str, Any]:
    """Arguments that make a short command run under another account; only root may."""
    return {} if user is None else {"user": user, "group": user_group(user), "extra_groups": []}


def user_group(user: int) -> int:
    return pwd.getpwuid(user).pw_gid


def free_port() -> int:
    """A port nobody listens on now; whoever binds it must be ready to lose the race and ask again."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
