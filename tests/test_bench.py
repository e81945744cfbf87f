"""`make bench` in its shortest form. Only counts are asserted: how fast a machine is, is not a promise."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.size import only_full
from tests.waiting import HUNG

ROOT = Path(__file__).resolve().parent.parent
TINY = ["--n", "30", "--tutorial", "4", "--rounds", "1", "--latency", "0.01"]


@only_full
@pytest.mark.processes
def test_every_lane_sends_all_and_records_what_the_provider_took(process_environment, tmp_path):
    figures = tmp_path / "figures.json"
    command = [sys.executable, "-m", "bench", *TINY, "--json", str(figures)]

    done = subprocess.run(command, cwd=ROOT, env=process_environment, capture_output=True, text=True, timeout=HUNG)

    assert done.returncode == 0, done.stderr
    counted = {name: (one["sent"], one["recorded"]) for name, one in json.loads(figures.read_text()).items()}
    assert counted == {
        "raw aiohttp, 250 in flight": (30, None),
        "raw aiohttp, 500 in flight": (30, None),
        "raw aiohttp, 2 processes x 250": (30, None),
        "Aftercare, 250 in flight": (30, 30),
        "Aftercare, 2 processes x 250": (30, 30),
        "one Celery task per reminder, prefork 2": (4, 4),
    }
    assert left_over(process_environment["DATABASE_URL"]) == []


@only_full
@pytest.mark.processes
def test_every_callback_of_a_flood_is_in_the_table(process_environment):
    command = [sys.executable, "-m", "bench.callbacks", "--rate", "30", "--seconds", "2", "--limit-ms", "0"]

    done = subprocess.run(command, cwd=ROOT, env=process_environment, capture_output=True, text=True, timeout=HUNG)

    assert done.returncode == 0, done.stderr + done.stdout
    assert "sent 60  stored 60  errors 0" in done.stdout
    assert "nothing lost" in done.stdout
    assert left_over(process_environment["DATABASE_URL"]) == []


@only_full
@pytest.mark.processes
def test_a_move_that_was_killed_ends_as_it_was_shown(process_environment):
    command = [sys.executable, "-m", "bench.moves", "--patients", "60", "--sample", "6"]

    done = subprocess.run(command, cwd=ROOT, env=process_environment, capture_output=True, text=True, timeout=HUNG)

    assert done.returncode == 0, done.stderr + done.stdout
    assert "60 on the version, 0 left; what was shown first is what was done" in done.stdout
    assert "0 messages twice or no longer as sent, 0 of 6 plans differ" in done.stdout
    assert left_over(process_environment["DATABASE_URL"]) == []


def test_it_says_what_is_missing_without_its_servers():
    bare = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}

    done = subprocess.run([sys.executable, "-m", "bench"], cwd=ROOT, env=bare, capture_output=True, text=True)

    assert done.returncode == 1
    assert "`make bench` brings both up" in done.stderr


def left_over(server: str) -> list[str]:
    """Databases of runs that have ended: `bench_<pid>_…`. Another test's run may be under way beside this one."""
    with psycopg.connect(urlsplit(server)._replace(path="/postgres").geturl()) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'bench\\_%'").fetchall()
    return [name for (name,) in rows if not runs(int(name.split("_")[1]))]


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
