"""The door `python -m tests.servers run` itself: what `make test` stands on."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.servers import Redis, ServerError
from tests.servers.process import Process
from tests.waiting import HUNG, until

DOOR = [sys.executable, "-m", "tests.servers", "run"]
ROOT = Path(__file__).resolve().parent.parent
ASKS_BOTH = """
import os, psycopg, redis
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    print(connection.execute("SELECT 42").fetchone()[0])
with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
    print(client.ping(), client.config_get("maxmemory-policy")["maxmemory-policy"])
"""


def fresh(**extra: str) -> dict[str, str]:
    """This environment without the servers that `make test` has already brought up."""
    return {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")} | extra


@pytest.fixture
def open_folder() -> Iterator[str]:
    """A temporary folder that PostgreSQL's account may enter, unlike `tmp_path`."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield folder


@pytest.mark.processes
@pytest.mark.parametrize("source", ["machine", "wheels"])
def test_a_command_gets_both_servers(source: str) -> None:
    command = [*DOOR, "--", sys.executable, "-c", ASKS_BOTH]

    done = subprocess.run(command, cwd=ROOT, env=fresh(TEST_SERVERS=source), capture_output=True, text=True)

    assert done.stdout.split() == ["42", "True", "noeviction"], done.stderr


def test_the_exit_code_is_the_commands() -> None:
    done = subprocess.run([*DOOR, "--embedded", "--", "sh", "-c", "exit 7"], cwd=ROOT)

    assert done.returncode == 7


@pytest.mark.embedded
def test_embedded_means_no_server_and_a_var_folder_of_its_own() -> None:
    script = 'echo "<$DATABASE_URL$REDIS_URL>" && test "$VAR_DIR" != var && ls -A "$VAR_DIR"'

    done = subprocess.run([*DOOR, "--embedded", "--", "sh", "-c", script], cwd=ROOT, capture_output=True, text=True)

    assert done.stdout == "<>\n"


@pytest.mark.processes
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_run_leaves_no_server_behind(end: signal.Signals, open_folder: str) -> None:
    told = 'echo "$DATABASE_URL $REDIS_URL"; exec sleep 5'
    door = subprocess.Popen(
        [*DOOR, "--", "sh", "-c", told],
        cwd=ROOT,
        env=fresh(TMPDIR=open_folder),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert door.stdout is not None
    addresses = door.stdout.readline().split()

    door.send_signal(end)
    door.wait(timeout=HUNG)

    door.stdout.close()
    until(lambda: not any(map(listens, addresses)), what="both servers are gone")


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    server = Process("The server", ["/bin/sh", "-c", "echo no memory; exit 1"], log=tmp_path / "log", cwd=tmp_path)

    with pytest.raises(ServerError, match=r"stopped while starting.*\n.*no memory"):
        server.wait_until(lambda: False)


def test_redis_keeps_its_address_when_it_comes_back_empty() -> None:
    with Redis() as server:
        before = server.url
        server.kill()
        server.start()

        assert server.url == before


def listens(address: str) -> bool:
    parts = urlsplit(address)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=2).close()
    except OSError:
        return False
    return True
