"""`python -m bench.moves`: a whole protocol's patients to its new version, the mover killed half-way and started again.

Needs DATABASE_URL (PostgreSQL): `python -m tests.servers run -- python -m bench.moves`. Ends with 1 when a plan of the
sample is not what a fresh one would be, when a message is there twice, or when somebody was left behind.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

FEW = 20  # made by the product's own actions; the others are copies of them inside PostgreSQL
MANAGE = Path(__file__).resolve().parent.parent / "manage.py"


def main() -> int:
    options = _options()
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        sys.exit("The bench needs DATABASE_URL (PostgreSQL): python -m tests.servers run -- python -m bench.moves")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aftercare-bench-")))
        from bench.__main__ import _settings
        from bench.place import database

        os.environ |= _settings(folder, stack.enter_context(database(server))) | {"MESSAGES": "outbox"}
        import django

        django.setup()
        from django.db import connection

        stack.callback(connection.close)
        return _profiled(options) if options.profile else _run(options)


def _run(options: argparse.Namespace) -> int:
    from reminders import version_moves
    from reminders.plan.models import CarePlan, Reminder

    clinic = _timed("laid out", options.patients, lambda: _clinic(options.patients))
    print(f"{Reminder.objects.count():,} reminders in the table", flush=True)
    _timed("previewed", options.patients, lambda: _previewed(clinic))
    moved = _timed(
        "moved, until killed (SIGKILL)", options.patients // 2, lambda: _killed_half_way(clinic, options.patients)
    )
    print(f"{moved:,} of {options.patients:,} were moved when the process was killed", flush=True)
    _timed("moved by a second run", options.patients - moved, lambda: _mover(clinic).wait())
    left = version_moves.waiting(clinic.new).count()
    on_it = CarePlan.objects.filter(version=clinic.new).count()
    twice = _twice()
    odd = _timed("compared with a fresh plan", options.sample, lambda: _odd(options.sample, options.seed))
    print(f"{on_it:,} on the version, {left:,} left, {twice} messages twice, {len(odd)} plans differ: {odd[:5]}")
    return 1 if left or twice or odd or on_it != options.patients else 0


def _clinic(number: int) -> Any:
    """Operated on 0 to 190 days ago, some on the pace of a surgeon's decision, some told a first time already."""
    from django.core.management import call_command
    from django.utils import timezone

    from bench import people
    from tests.moves.given import a_clinic

    call_command("migrate", verbosity=0)
    few = min(FEW, number)
    clinic = a_clinic(days=tuple(10 * place for place in range(few)), now=timezone.now())
    own = {"surgery_id": "t.surgery"}
    check_ups = ("nextval('patients_checkup_id_seq')", own, "o.surgery_id = t.of_surgery")
    people.multiply([s.pk for s in clinic.surgeries], number - few, people.TABLES | {"patients_checkup": check_ups})
    return clinic


def _previewed(clinic: Any) -> None:
    from django.core.management import call_command

    call_command("move_patients", **_told(clinic), preview=True)


def _told(clinic: Any) -> dict[str, str]:
    return {"site": clinic.site.code, "protocol": "miss-base", "by": clinic.surgeon.username}


def _mover(clinic: Any) -> "subprocess.Popen[bytes]":
    told = [word for name, value in (_told(clinic) | {"why": "new days"}).items() for word in (f"--{name}", value)]
    return subprocess.Popen([sys.executable, str(MANAGE), "move_patients", *told], stdout=subprocess.DEVNULL)


def _killed_half_way(clinic: Any, number: int) -> int:
    from reminders.plan.models import PlanChange

    mover = _mover(clinic)
    while PlanChange.objects.count() < number // 2 and mover.poll() is None:
        time.sleep(0.05)
    mover.send_signal(signal.SIGKILL)
    mover.wait()
    return PlanChange.objects.count()


def _twice() -> int:
    """The database refuses it by a constraint; this asks the rows themselves."""
    from django.db.models import Count

    from reminders.plan.models import PlanChange, Reminder

    rows = Reminder.objects.order_by().values("surgery", "step_code", "occurrence").annotate(n=Count("pk"))
    decided = PlanChange.objects.order_by().values("surgery").annotate(n=Count("pk"))
    return rows.filter(n__gt=1).count() + decided.filter(n__gt=1).count()


def _odd(number: int, seed: int) -> list[int]:
    """Surgeries whose plan is not what a fresh one would have been at the moment of their move."""
    from reminders.plan.models import PlanChange
    from tests.moves.anew import laid_out_anew, picture

    changes = list(PlanChange.objects.values_list("pk", flat=True))
    drawn = random.Random(seed).sample(changes, min(number, len(changes)))
    chosen = PlanChange.objects.filter(pk__in=drawn).select_related("surgery")
    return [c.surgery_id for c in chosen if picture(c.surgery) != laid_out_anew(c.surgery, now=c.at)]


def _profiled(options: argparse.Namespace) -> int:
    import cProfile

    from django.utils import timezone

    from reminders import version_moves

    clinic = _clinic(options.patients)
    move = version_moves.start(clinic.new, why="new days", by=clinic.surgeon, now=timezone.now())
    profile = cProfile.Profile()
    _timed("moved", options.patients, lambda: profile.runcall(version_moves.run, move.pk, clock=timezone.now))
    profile.dump_stats(options.profile)
    return 0


def _timed(what: str, number: int | None, act: Callable[[], Any]) -> Any:
    began = time.monotonic()
    answer = act()
    took = time.monotonic() - began
    each = f", {number / took:,.1f} a second" if number else ""
    print(f"{what}: {number or ''} in {took:.1f} s{each}", flush=True)
    return answer


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.moves", description=__doc__)
    parser.add_argument("--patients", type=int, default=1_000)
    parser.add_argument("--sample", type=int, default=1_000, help="how many plans are compared with fresh ones (1,000)")
    parser.add_argument("--seed", type=int, default=1, help="draws the sample")
    parser.add_argument("--profile", default="", help="instead: profile one move into this file (cProfile)")
    options = parser.parse_args()
    if options.patients < 2:
        parser.error("--patients is at least 2")
    return options


if __name__ == "__main__":
    sys.exit(main())
