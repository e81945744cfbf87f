"""`python -m bench`: one provider, one run, one table. Needs DATABASE_URL (PostgreSQL) and REDIS_URL: `make bench`."""

import argparse
import json
import os
import secrets
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.servers.leaving import leave_when_told

LATENCY = 0.1  # seconds the provider takes
SHORT = {"n": 300, "tutorial": 40, "rounds": 1}
USUAL = {"n": int(os.environ.get("BENCH_N", "2000")), "tutorial": 200, "rounds": 3}


def main() -> int:
    options = _options()
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres") or not os.environ.get("REDIS_URL"):
        sys.exit("The bench needs DATABASE_URL (PostgreSQL) and REDIS_URL. `make bench` brings both up.")
    leave_when_told()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aftercare-bench-")))
        from bench.place import BenchProvider, database

        provider = BenchProvider(folder, latency=options.latency)
        stack.callback(provider.child.stop)
        os.environ |= provider.environment | _settings(folder, stack.enter_context(database(server)))
        return _run(options, provider)


def _settings(folder: Path, database: str) -> dict[str, str]:
    """Set before Django is. Only the stand-in is ever called: its address is the one above."""
    return {
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
        "DATABASE_URL": database,
        "VAR_DIR": str(folder / "var"),
        "ENV_FILE": os.devnull,
        "SECRET_KEY": secrets.token_urlsafe(64),
        "MESSAGES": "live",
        "LOG_LEVEL": "ERROR",
        "DEBUG": "false",
        "DEMO": "false",
        "BENCH_PREFIX": f"bench-{os.getpid()}:",
    }


def _run(options: argparse.Namespace, provider: Any) -> int:
    import django

    django.setup()
    from django.db import connection
    from tqdm import tqdm

    from bench import lanes, people, report

    print(f"Laying out {options.n:,} plans ...", file=sys.stderr, flush=True)
    people.make(options.n)
    to_run = _lanes(options, lanes)
    try:
        with tqdm(list(lanes.in_turn(to_run)), unit=" rounds") as bar:
            for lane in bar:
                bar.set_description(lane.name)
                lane.again(provider)
    finally:
        connection.close()
    results = {lane.name: lanes.middle(lane.done) for lane in to_run}
    print(report.table(results, latency=options.latency))
    if options.json:
        options.json.write_text(json.dumps({name: asdict(one) for name, one in results.items()}, indent=2))
    return report.verdict(results)


def _lanes(options: argparse.Namespace, lanes: Any) -> list[Any]:
    n, rounds = options.n, options.rounds
    if options.profile:
        return [lanes.Lane("Aftercare, 250 in flight, profiled", lanes.ours(250, profile=options.profile), 1)]
    every = [
        lanes.Lane("raw aiohttp, 250 in flight", lanes.raw(n, 250), rounds),
        lanes.Lane("raw aiohttp, 500 in flight", lanes.raw(n, 500), rounds),
        lanes.Lane("raw aiohttp, 2 processes x 250", lanes.raw(n, 250, 2), rounds),
        lanes.Lane("Aftercare, 250 in flight", lanes.ours(250), rounds),
        lanes.Lane("Aftercare, 2 processes x 250", lanes.ours(250, 2), rounds),
        lanes.Lane("one Celery task per reminder, prefork 2", lanes.tutorial(min(n, options.tutorial)), 1),
    ]
    return [lane for lane in every if options.lanes in lane.name]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--n", type=int, help="reminders due at once (BENCH_N; 2,000)")
    parser.add_argument("--tutorial", type=int, help="of these, how many the one-task-per-reminder lane sends (200)")
    parser.add_argument("--rounds", type=int, help="times each lane runs, where that is cheap; the median is shown (3)")
    parser.add_argument("--short", action="store_true", help="300 reminders, each lane once: about half a minute")
    parser.add_argument("--lanes", default="", help="only those with these words in their name, such as: Aftercare")
    parser.add_argument("--latency", type=float, default=LATENCY, help="seconds the provider takes to answer (0.1)")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--profile", default="", help="instead: profile one drain into this file (cProfile)")
    options = parser.parse_args()
    for name, value in (SHORT if options.short else USUAL).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    if min(options.n, options.tutorial, options.rounds) < 1:
        parser.error("--n, --tutorial and --rounds are at least 1")
    return options


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
