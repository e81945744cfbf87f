"""Programs that begin with all of Aftercare imported: forked from one process, else as if they had been started.

An import takes two seconds of a processor, and a fault run starts a hundred programs. The process that is forked from
reads a line of JSON for each program to begin (`command`, `environment`, `log`) and answers with its pid.
"""

import atexit
import gc
import json
import os
import random
import runpy
import select
import signal
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any

from tests.servers.leash import tie
from tests.servers.process import LEASH

PROGRAMS = (
    "clinic.wsgi", "celery.apps.beat", "celery.apps.worker", "celery.bin.celery", "celery.concurrency.prefork",
    "kombu.transport.redis", "gunicorn.app.wsgiapp", "gunicorn.workers.gthread",
)  # fmt: skip


class ForkServer:
    """`environment`: what all of its programs have in common; of their own they may have a VAR_DIR."""

    def __init__(self, environment: dict[str, str], *, log: Path) -> None:
        self.lock = Lock()
        with log.open("ab") as errors:
            self.popen = subprocess.Popen(
                [sys.executable, "-ES", str(LEASH), "-", sys.executable, "-m", "tests.processes.forking"],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )

    def begin(self, command: list[str], environment: dict[str, str], log: Path) -> "Forked":
        """`command`: as for `python -m`."""
        order = {"command": command, "environment": environment, "log": str(log)}
        with self.lock:
            assert self.popen.stdin
            assert self.popen.stdout
            self.popen.stdin.write(json.dumps(order) + "\n")
            self.popen.stdin.flush()
            return Forked(int(self.popen.stdout.readline()))

    def stop(self) -> None:
        """Once all that was forked has ended."""
        self.popen.communicate()


class Forked:
    """As much of Popen as is needed here, for a process that is another's child."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.handle: int | None = None
        with suppress(ProcessLookupError):  # it has ended already
            self.handle = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """None while it runs."""
        return 0 if self._ended(0) else None

    def wait(self) -> None:
        self._ended(None)

    def _ended(self, patience: float | None) -> bool:
        return self.handle is None or bool(select.select([self.handle], [], [], patience)[0])

    def __del__(self) -> None:
        if self.handle is not None:
            os.close(self.handle)


def main() -> None:
    _import_all()
    gc.collect()
    gc.freeze()  # else the first collection in each program would copy what it shares with the others
    for line in sys.stdin:
        order = json.loads(line)
        _bury(os.WNOHANG)
        if (pid := os.fork()) == 0:
            _become(**order)
        print(pid, flush=True)
    _bury(0)


def _bury(how: int) -> None:
    """Those that have ended; with 0, all of them."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, how)[0]:
            pass


def _import_all() -> None:
    for module in PROGRAMS:
        import_module(module)
    from django.urls import get_resolver

    from clinic.celery import app

    app.loader.import_default_modules()
    assert get_resolver().url_patterns


def _become(*, command: list[str], environment: dict[str, str], log: str) -> None:
    code: Any = 1
    try:
        os.setsid()
        if sys.platform == "linux":
            tie(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _open(log)
        _settle(environment)
        sys.argv = command
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def _open(log: str) -> None:
    nothing, output = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for place, file in enumerate((nothing, output, output)):
        os.dup2(file, place)
    os.close(nothing)
    os.close(output)


def _settle(environment: dict[str, str]) -> None:
    """What the settings have read when they were imported, and what no two processes may have in common."""
    from django.conf import settings

    from clinic.celery import app

    os.environ.clear()
    os.environ.update(environment)
    settings.VAR_DIR = Path(environment["VAR_DIR"])
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    app.conf.beat_schedule_filename = str(settings.VAR_DIR / "beat-schedule")
    random.seed()


if __name__ == "__main__":
    main()
