"""One process of the run: waits for "go", says when it is done, and ends with whoever started it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.servers.process import LEASH

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


class Child:
    """A Python process in a session of its own, on a leash: it ends even when the bench is killed outright."""

    def __init__(self, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, "-ES", str(LEASH), "-", sys.executable, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | (environment or {}),
            start_new_session=True,
        )

    def line(self) -> str:
        """What it says next. Raises when it ended instead; its own words are on stderr."""
        assert self.popen.stdout
        if said := self.popen.stdout.readline().strip():
            return said
        raise RuntimeError(f"A process of the bench stopped, exit code {self.popen.wait()}: {self.popen.args!r}")

    def go(self) -> None:
        assert self.popen.stdin
        self.popen.stdin.write("go\n")
        self.popen.stdin.flush()

    def cpu(self) -> float:
        """Seconds of processor time so far, with its own children; 0 where there is no /proc."""
        return sum(_cpu(pid) for pid in [self.popen.pid, *_below(self.popen.pid)])

    def stop(self) -> None:
        self.popen.terminate()
        try:
            self.popen.wait(15)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        for pipe in (self.popen.stdin, self.popen.stdout):
            if pipe:
                pipe.close()


def _cpu(pid: int) -> float:
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def _below(pid: int) -> list[int]:
    """Children, and theirs."""
    found: list[int] = []
    for path in PROC.glob(f"{pid}/task/*/children"):
        for child in map(int, path.read_text().split()):
            found += [child, *_below(child)]
    return found
