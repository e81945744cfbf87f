"""Workers, clocks and web servers as real processes, ended by their own pid whatever happens."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread

from tests.processes.forking import Forked, ForkServer
from tests.servers.process import LEASH
from tests.waiting import HUNG, until

POLL = 0.05
PROC = Path("/proc")


class ChildProcess:
    """One process with its children, in a session of its own and on a leash; what it says goes to a file."""

    def __init__(
        self, command: list[str], *, environment: dict[str, str], log: Path, server: ForkServer | None = None
    ) -> None:
        """`command`: as for `python -m`. `server`: it is forked from there, where there is one."""
        self.command, self.environment, self.log, self.server = command, environment, log, server
        self.was_killed = False
        self.starts = 0
        self.lock = Lock()
        self.start()

    def start(self) -> None:
        self.popen: Forked | subprocess.Popen[bytes] = (
            self.server.begin(self.command, self.environment, self.log) if self.server else self._spawned()
        )
        self.starts += 1

    def _spawned(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-ES", str(LEASH), "-", sys.executable, "-m", *self.command],
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        return self.popen.poll() is None

    def start_again_if_it_ended(self) -> None:
        """As compose and systemd do: Celery's worker can trip over a Redis that went away, and ends."""
        with self.lock:
            if not self.was_killed and not self.alive:
                self._end_orphans()
                self.start()

    def send(self, sign: signal.Signals, *, everybody: bool = False) -> None:
        """To the parent alone, or to everybody at once. Whoever watches over it starts it again when it ended."""
        with suppress(ProcessLookupError):
            (os.killpg if everybody else os.kill)(self.popen.pid, sign)

    def children(self) -> list[int]:
        """The processes that do the work, of a worker or a web server."""
        try:
            return [int(pid) for pid in (PROC / f"{self.popen.pid}/task/{self.popen.pid}/children").read_text().split()]
        except OSError:
            return []

    def kill(self) -> None:
        """SIGKILL for it and its children at once, as a power cut would; nobody starts it again."""
        with self.lock:
            self.was_killed = True
            self._end_orphans()
            self.popen.wait()

    def revive(self) -> None:
        with self.lock:
            if self.was_killed:
                self.was_killed = False
                self.start()

    def _end_orphans(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)


class Machine:
    """All processes of one test. `watch` starts again what ended, as compose does."""

    def __init__(self, environment: dict[str, str], folder: Path, *, server: ForkServer | None = None) -> None:
        self.environment, self.folder, self.server = environment, folder, server
        self.programs: list[ChildProcess] = []
        self.over = Event()
        self.guard: Thread | None = None

    def worker(self, queues: str = "send,mail,default", app: str = "clinic", processes: int = 2) -> ChildProcess:
        command = ["-Q", queues, "-c", str(processes), "--without-gossip", "--without-mingle", "-l", self.level]
        return self.celery("worker", *command, "-n", f"w{len(self.programs)}@localhost", app=app)

    def beat(self, app: str = "clinic") -> ChildProcess:
        return self.celery("beat", "--pidfile=", "-l", self.level, app=app)

    def second_beat(self) -> ChildProcess:
        """One that has begun to tick."""
        beat, folder = self.beat(), self.folder / f"var{len(self.programs) - 1}"
        until(lambda: any(folder.glob("beat-schedule*")) or not beat.alive, what="the second clock ticks")
        return beat

    def web(self, port: int) -> ChildProcess:
        serve = ["--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4", "--graceful-timeout", "5"]
        return self.program("gunicorn", "clinic.wsgi", *serve)

    def celery(self, *arguments: str, app: str = "clinic") -> ChildProcess:
        return self.program("celery", "-A", app, *arguments)

    def program(self, *command: str) -> ChildProcess:
        number = len(self.programs)
        own = self.environment | {"VAR_DIR": str(self.folder / f"var{number}")}
        log = self.folder / f"log{number}"
        self.programs.append(ChildProcess(list(command), environment=own, log=log, server=self.server))
        return self.programs[-1]

    @property
    def level(self) -> str:
        return self.environment.get("LOG_LEVEL", "WARNING")

    def watch(self) -> None:
        self.guard = Thread(target=self._watch, daemon=True)
        self.guard.start()

    def _watch(self) -> None:
        while not self.over.wait(0.2):
            for program in list(self.programs):
                program.start_again_if_it_ended()

    def wait_until(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + HUNG
        while not ready():
            if time.monotonic() > deadline:
                raise AssertionError("\n".join(program.log.read_text()[-2_000:] for program in self.programs))
            for program in self.programs if self.guard is None else ():
                program.start_again_if_it_ended()
            time.sleep(POLL)

    def stop(self) -> None:
        self.over.set()
        if self.guard is not None:
            self.guard.join()
        for program in self.programs:
            program.kill()
