"""From a fresh clone to the first page: `python -m bench.first_page 11af763 HEAD --rounds 2`.

Each commit is cloned into an empty folder and started by `make run` with empty package caches, in turn, so that
whatever else the machine does falls on all of them. Measured until the sign-in page has come: seconds, the processor
time of all its processes, and the longest time without a word on the screen. Cloning does not count. Linux only.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from threading import Thread
from urllib.error import URLError
from urllib.request import urlopen

PATIENCE = 1800  # seconds
TICK = os.sysconf("SC_CLK_TCK")
CACHES = {"PIP_NO_CACHE_DIR": "1", "PYTHONDONTWRITEBYTECODE": ""}  # empty: bytecode is kept, as on most machines


@dataclass(frozen=True, slots=True)
class Start:
    seconds: float
    processor: float
    silence: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commits", nargs="*", default=["HEAD"])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--log", type=Path, help="keep what the starts print in files of this folder")
    asked = parser.parse_args()
    found: dict[str, list[Start]] = {commit: [] for commit in asked.commits}
    for round_ in range(asked.rounds):
        for commit in asked.commits:
            start = measure(commit, asked.log and asked.log / f"{commit}-{round_}.log")
            found[commit].append(start)
            print(line(commit, [start]), flush=True)
    if asked.rounds > 1:
        print("\nmedians")
        for commit, starts in found.items():
            print(line(commit, starts))


def line(commit: str, starts: list[Start]) -> str:
    seconds, processor = median(one.seconds for one in starts), median(one.processor for one in starts)
    silence = max(one.silence for one in starts)
    return f"{commit:12} {seconds:7.1f} s   {processor:7.1f} s of processor   longest silence {silence:4.1f} s"


def measure(commit: str, log: Path | None) -> Start:
    with tempfile.TemporaryDirectory(prefix="first-page-") as folder:
        clone = Path(folder) / "aftercare"
        subprocess.run(["git", "clone", "--quiet", ".", clone], check=True)
        subprocess.run(["git", "checkout", "--quiet", resolved(commit)], cwd=clone, check=True)
        port = free_port()
        settings = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        settings |= CACHES | {"UV_CACHE_DIR": f"{folder}/uv", "PORT": str(port), "ENV_FILE": os.devnull}
        for name in ("VENV", "VAR_DIR", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL", "VIRTUAL_ENV"):
            settings.pop(name, None)
        return run(clone, port, settings, log)


def resolved(commit: str) -> str:
    """HEAD of this repository, not of the clone."""
    return subprocess.run(["git", "rev-parse", commit], check=True, capture_output=True, text=True).stdout.strip()


def run(clone: Path, port: int, settings: dict[str, str], log: Path | None) -> Start:
    began = time.monotonic()
    make = subprocess.Popen(
        ["make", "run"], cwd=clone, env=settings, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    words = Words(make, began, log)
    words.start()
    try:
        while not answers(port):
            if make.poll() is not None or time.monotonic() - began > PATIENCE:
                raise SystemExit(f"make run ended without a page (exit code {make.returncode}); see --log")
            time.sleep(0.1)
        seconds, processor = time.monotonic() - began, processor_time(make.pid)
        return Start(seconds, processor, words.longest_silence(until=seconds))
    finally:
        stop(make)
        words.join()


class Words(Thread):
    """Reads what is printed, and when."""

    def __init__(self, make: "subprocess.Popen[bytes]", began: float, log: Path | None) -> None:
        super().__init__(daemon=True)
        self.make, self.began, self.log = make, began, log
        self.at: list[float] = [0.0]

    def run(self) -> None:
        assert self.make.stdout is not None
        with open(self.log or os.devnull, "wb", buffering=0) as kept:
            while chunk := os.read(self.make.stdout.fileno(), 65536):
                self.at.append(time.monotonic() - self.began)
                kept.write(f"[{self.at[-1]:6.1f}] ".encode() + chunk)

    def longest_silence(self, *, until: float) -> float:
        moments = [*(at for at in self.at if at < until), until]
        return max(later - earlier for earlier, later in pairwise(moments))


def answers(port: int) -> bool:
    """The page that somebody sees who opens the address: the sign-in."""
    try:
        with urlopen(f"http://localhost:{port}/", timeout=30) as page:
            return bool(page.status == 200)
    except (URLError, OSError):
        return False


def processor_time(root: int) -> float:
    """Of this process, its descendants, and those of them that have ended."""
    stat = {int(entry.name): fields(entry / "stat") for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    family = {root}
    while more := {pid for pid, found in stat.items() if found and int(found[1]) in family} - family:
        family |= more
    return sum(sum(map(int, found[11:15])) for pid in family if (found := stat.get(pid))) / TICK


def fields(path: Path) -> list[str]:
    """From the state on: the name before it may hold spaces."""
    try:
        return path.read_text().rpartition(")")[2].split()
    except OSError:
        return []


def stop(make: "subprocess.Popen[bytes]") -> None:
    if make.poll() is None:
        os.killpg(make.pid, signal.SIGINT)
    try:
        make.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(make.pid, signal.SIGKILL)
        make.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
