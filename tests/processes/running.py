"""Workers and clocks as real processes, ended by their own pid whatever happens."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

POLL = 0.05


class Program:
    """One celery process with its children, in a session of its own; what it says goes to a file."""

    def __init__(self, *arguments: str, environment: dict[str, str], log: Path) -> None:
        self.arguments, self.environment, self.log = arguments, environment, log
        self.was_killed = False
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "clinic", *self.arguments],
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def start_again_if_it_ended(self) -> None:
        """As compose and systemd do: Celery's worker can trip over a Redis that went away, and ends."""
        if not self.was_killed and self.popen.poll() is not None:
            self.start()

    def kill(self) -> None:
        """SIGKILL for it and its children at once, as a power cut would."""
        self.was_killed = True
        if self.popen.poll() is None:
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()


class Machine:
    """All processes of one test."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment, self.folder = environment, folder
        self.programs: list[Program] = []

    def worker(self) -> Program:
        queues = ["-Q", "send,mail,default", "-c", "2", "--without-gossip", "--without-mingle", "-l", "WARNING"]
        return self._start("worker", *queues, "-n", f"w{len(self.programs)}@localhost")

    def beat(self) -> Program:
        return self._start("beat", "-l", "WARNING")

    def _start(self, *arguments: str) -> Program:
        number = len(self.programs)
        own = self.environment | {"VAR_DIR": str(self.folder / f"var{number}")}
        self.programs.append(Program(*arguments, environment=own, log=self.folder / f"log{number}"))
        return self.programs[-1]

    def wait_until(self, ready: Callable[[], bool], *, within: float = 60) -> None:
        deadline = time.monotonic() + within
        while not ready():
            if time.monotonic() > deadline:
                raise AssertionError("\n".join(program.log.read_text()[-2_000:] for program in self.programs))
            for program in self.programs:
                program.start_again_if_it_ended()
            time.sleep(POLL)

    def stop(self) -> None:
        for program in self.programs:
            program.kill()
