"""`manage.py embedded`: the whole clinic on one machine: database, demo, web, worker and beat. Ctrl-C stops all."""

import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.management.commands import migrate
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from clinic import parent_process, port_holder
from clinic.demo.people import SIGN_IN
from clinic.management.commands import demo
from clinic.progress import Progress

STOP_WITHIN = 10  # seconds
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Process = subprocess.Popen[bytes]


class Command(BaseCommand):
    help = "Migrate, make the demo when DEMO=1, start web, worker and beat, and print the address once it answers."
    requires_system_checks = []  # they load every page, and the web process does that at the same time

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))

    def handle(self, *args: Any, **options: Any) -> None:
        port = options["port"]
        refuse_taken(port)
        processes: list[Process] = []
        for ending in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(ending, _interrupt)
        try:
            self._start(port, processes)
            ended = _wait(processes)
        except KeyboardInterrupt:
            return
        finally:
            stop(processes)
        raise CommandError(f"One part stopped (exit code {ended.returncode}); its messages are above.")

    def _start(self, port: int, processes: list[Process]) -> None:
        """The web process loads on another core meanwhile; worker and beat start when the first page has come."""
        (settings.VAR_DIR / "broker").mkdir(exist_ok=True)
        try:
            web_process = start(web(port), processes, stdin=subprocess.PIPE)
            create_tables()
            self.check()
            if settings.DEMO:
                demo.make_once()
            serve(web_process, port)
        except KeyboardInterrupt:
            raise CommandError("Stopped before the first page. The next run continues.", returncode=130) from None
        self.stdout.write(self.style.SUCCESS(f"Aftercare is at http://localhost:{port}/  (Ctrl-C stops it)"))
        if settings.DEMO:
            self.stdout.write(SIGN_IN)
        self.stdout.flush()
        for command in background():
            start(command, processes, stdin=subprocess.DEVNULL)


def web(port: int) -> list[str]:
    gunicorn = [sys.executable, "-m", "gunicorn", "clinic.wsgi", "--config", "python:clinic.embedded_web"]
    return [*gunicorn, "--bind", f"127.0.0.1:{port}", "--threads", "4", "--log-level", "warning"]


def background() -> list[list[str]]:
    celery = [sys.executable, "-m", "celery", "-A", "clinic", "--quiet"]
    quiet = ["--loglevel", "WARNING"]
    return [
        [*celery, "worker", *quiet, "-Q", "send,mail,default", "-c", "2", "--without-gossip", "--without-mingle"],
        [*celery, "beat", *quiet],
    ]


def start(command: list[str], processes: list[Process], *, stdin: int) -> Process:
    """Start one part and add it to `processes`, which `stop` ends."""
    with signals_wait():
        own = os.environ | {parent_process.VARIABLE: str(os.getpid())}  # kill -9 of this process ends it as well
        process = subprocess.Popen(command, stdin=stdin, env=own)  # noqa: S603
        processes.append(process)
    return process


@contextmanager
def signals_wait() -> Iterator[None]:
    """Hold back Ctrl-C until the block ends: a part that runs and is in no list would go on sending unseen."""
    came: list[int] = []
    before = {name: signal.signal(name, lambda number, _frame: came.append(number)) for name in ENDINGS}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
    if came:
        raise KeyboardInterrupt


def refuse_taken(port: int) -> None:
    """Raise CommandError if the port is taken, before minutes are spent."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(_taken(port, error.strerror or "")) from None


def _taken(port: int, why: str) -> str:
    """What to do about it; a part that an earlier run left behind is told by its command."""
    holder = port_holder.holder(port)
    if holder is None:
        return f"Port {port} cannot be used ({why}). Take another: PORT=9000 make run"
    pid, command = holder
    return (
        f"Port {port} cannot be used ({why}): process {pid} has it ({command or 'its command cannot be read'}). "
        f"End that one (kill {pid}), or take another: PORT=9000 make run"
    )


def create_tables() -> None:
    """Migrate. Each migration is a transaction: after a run that was stopped, the next one goes on."""
    executor = MigrationExecutor(connection)
    ahead = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not ahead:
        call_command("migrate", verbosity=0)  # it also sets up the triggers of signed versions
        return
    with Progress("Creating the tables", ahead, "migrations", sys.stderr) as progress:
        call_command(Migrate(progress), verbosity=0)


class Migrate(migrate.Command):
    """Django's migrate, with progress."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self.progress = progress

    def migration_progress_callback(self, action: str, migration: Migration | None = None, fake: bool = False) -> None:
        if migration and action.endswith("_start"):
            self.progress.at(self.progress.done, str(migration))
        if migration and action.endswith("_success"):
            self.progress.at(self.progress.done + 1)


def serve(process: Process, port: int) -> None:
    """Let the web process listen, and return when a page has come. Raises CommandError if it ends before that."""
    assert process.stdin is not None  # noqa: S101  a pipe
    with Progress("Opening the first page", 1, "page", sys.stderr) as progress:
        try:
            process.stdin.write(b"serve\n")
            process.stdin.close()
        except BrokenPipeError:
            process.wait(STOP_WITHIN)
        while not answers(port):
            if process.poll() is not None:
                raise CommandError(f"The web process ended (exit code {process.returncode}); its messages are above.")
            time.sleep(0.05)
        progress.at(1)


def answers(port: int) -> bool:
    """Whether the sign-in page comes. Any answer will do: the settings say which hosts and schemes are served."""
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request("GET", reverse("admin:login"), headers={"Host": urlsplit(settings.PUBLIC_URL).netloc})
        line.getresponse().read()
    except (OSError, HTTPException):
        return False
    finally:
        line.close()
    return True


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _wait(processes: list[Process]) -> Process:
    """The first process to end."""
    while True:
        for process in processes:
            if process.poll() is not None:
                return process
        time.sleep(0.5)


def stop(processes: list[Process]) -> None:
    """A second Ctrl-C must not leave a part of it running: stopping takes 10 seconds at the most."""
    for again in ENDINGS:
        signal.signal(again, signal.SIG_IGN)
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + STOP_WITHIN
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
