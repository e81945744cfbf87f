"""`manage.py embedded` as `make run` starts it: what it prints and when, and that a Ctrl-C leaves nothing running."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.core.management import CommandError, call_command

from clinic import parent_process, port_holder
from clinic.management.commands import embedded
from tests.waiting import until

ROOT = Path(__file__).parent.parent
Process = subprocess.Popen[str]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(tmp_path, port):
    """Without the demo, which takes half a minute and has its own tests."""

    @contextmanager
    def started() -> Iterator[Process]:
        own = {"DATABASE_URL": "", "REDIS_URL": "", "DEMO": "0", "ENV_FILE": os.devnull, "PYTHONUNBUFFERED": "1"}
        own |= {"VAR_DIR": str(tmp_path), "PUBLIC_URL": f"http://localhost:{port}"}
        with subprocess.Popen(
            [sys.executable, "manage.py", "embedded", "--port", str(port)], cwd=ROOT, env=os.environ | own,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        ) as process:  # fmt: skip
            try:
                yield process
            finally:
                process.terminate()

    return started


def lines_until(process: Process, words: str) -> list[str]:
    """Reads on until a line with these words has come; with the process, the lines end."""
    assert process.stdout is not None
    found: list[str] = []
    for line in process.stdout:
        found.append(line.rstrip())
        if words in line:
            return found
    raise AssertionError(f"ended without {words!r}: {found}")


def rest(process: Process) -> str:
    assert process.stdout is not None
    return process.stdout.read()


def test_what_was_stopped_half_way_goes_on_until_the_page_answers_and_ctrl_c_ends_every_part(start, port):
    with start() as process:
        lines_until(process, "Creating the tables")
        process.send_signal(signal.SIGINT)
        said = rest(process)
        assert process.wait() == 130
        assert "Stopped before the first page. The next run continues." in said
        assert "Traceback" not in said

    with start() as process:
        lines = lines_until(process, "Aftercare is at")

        with urlopen(f"http://localhost:{port}/") as page:
            assert page.status == 200
        order = [re.sub(r":.*|\.\.\.", "", line).strip() for line in lines]
        assert list(dict.fromkeys(order)) == [
            "Loading Aftercare", "Creating the tables", "Opening the first page", "Aftercare is at http",
        ]  # fmt: skip

        process.send_signal(signal.SIGINT)
        assert "Traceback" not in rest(process)  # ends only when no part has the pipe any more
        assert process.wait() == 0


def test_a_killed_start_leaves_no_web_process_behind(start):
    with start() as process:
        lines_until(process, "Creating the tables")
        process.kill()

        rest(process)  # the pipe closes when the last process that has it has ended


@pytest.mark.parametrize("sign", embedded.ENDINGS, ids=lambda sign: sign.name)
def test_a_ctrl_c_while_a_part_starts_stops_that_part_too(sign, monkeypatch):
    parts: list[subprocess.Popen[bytes]] = []
    starting = subprocess.Popen

    def told_to_stop_meanwhile(*command, **how):
        part = starting(*command, **how)
        os.kill(os.getpid(), sign)
        return part

    monkeypatch.setattr(subprocess, "Popen", told_to_stop_meanwhile)
    before = {name: signal.signal(name, signal.default_int_handler) for name in embedded.ENDINGS}
    try:
        with pytest.raises(KeyboardInterrupt):
            embedded.start([sys.executable, "-c", "import time; time.sleep(600)"], parts, stdin=subprocess.DEVNULL)
        embedded.stop(parts)
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)

    assert [part.poll() is not None for part in parts] == [True]


def test_kill_minus_nine_of_a_running_clinic_leaves_no_part_that_sends_or_keeps_the_port(start, port):
    with start() as process:
        lines_until(process, "Aftercare is at")
        until(lambda: len(children_of(process.pid)) == 3, what="worker and beat are there")
        until(lambda: any(children_of(pid) for pid in children_of(process.pid)[1:]), what="the worker's own are there")
        process.kill()

        rest(process)  # the pipe closes when the last process that has it has ended

        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_part_whose_parent_is_alive_or_that_has_none_to_follow_goes_on(monkeypatch):
    ended: list[int] = []
    monkeypatch.setattr(parent_process, "_watch", ended.append)

    parent_process.follow()
    assert ended == []

    monkeypatch.setenv(parent_process.VARIABLE, "4242")
    parent_process.follow()
    until(lambda: ended == [4242], what="it is watched")
    assert parent_process.VARIABLE not in os.environ


def test_whoever_holds_the_port_is_named(port):
    script = "import socket, sys, time; s = socket.socket(); s.bind(('127.0.0.1', int(sys.argv[1]))); s.listen(); "
    command = [sys.executable, "-c", script + "print('listens', flush=True); time.sleep(600)", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        try:
            assert other.stdout is not None
            other.stdout.readline()
            with pytest.raises(CommandError, match=rf"process {other.pid} has it \(.*python.*kill {other.pid}\)"):
                embedded.refuse_taken(port)
        finally:
            other.kill()

    assert port_holder.holder(port) is None


def test_a_port_in_use_is_told_before_anything_is_made(port, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()

        with pytest.raises(CommandError, match=rf"Port {port} cannot be used .* PORT=9000 make run"):
            call_command("embedded", port=port)

    assert not list(tmp_path.iterdir())
