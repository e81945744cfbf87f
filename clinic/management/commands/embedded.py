"""`manage.py embedded`: the whole clinic on one machine: database, demo, web, worker and beat. Ctrl-C stops all."""

import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

STOP_WITHIN = 10  # seconds


class Command(BaseCommand):
    help = "Migrate, make the demo when DEMO=1, start web, worker and beat, and print the address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))

    def handle(self, *args: Any, **options: Any) -> None:
        (settings.VAR_DIR / "broker").mkdir(exist_ok=True)
        call_command("migrate", verbosity=0)
        if settings.DEMO:
            call_command("demo", stdout=self.stdout)
        processes = [subprocess.Popen(command) for command in commands(options["port"])]  # noqa: S603
        self.stdout.write(self.style.SUCCESS(f"Aftercare is at http://localhost:{options['port']}/  (Ctrl-C stops it)"))
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            ended = _wait(processes)
        except KeyboardInterrupt:
            ended = None
        finally:
            _stop(processes)
        if ended is not None:
            raise CommandError(f"A part stopped by itself (exit code {ended.returncode}); its own words are above.")


def commands(port: int) -> list[list[str]]:
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "clinic", "--quiet"]
    quiet = ["--loglevel", "WARNING"]
    web = ["gunicorn", "clinic.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4", "--log-level", "warning"]
    return [
        [*python, *web],
        [*celery, "worker", *quiet, "-Q", "send,mail,default", "-c", "2", "--without-gossip", "--without-mingle"],
        [*celery, "beat", *quiet],
    ]


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _wait(processes: list["subprocess.Popen[bytes]"]) -> "subprocess.Popen[bytes]":
    """The first process to end."""
    while True:
        for process in processes:
            if process.poll() is not None:
                return process
        time.sleep(0.5)


def _stop(processes: list["subprocess.Popen[bytes]"]) -> None:
    """A second Ctrl-C must not leave a part of it running: stopping takes 10 seconds at the most."""
    for again in (signal.SIGINT, signal.SIGTERM):
        signal.signal(again, signal.SIG_IGN)
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + STOP_WITHIN
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
