"""`python -m bench.moves`: a whole protocol's patients to its new version, the mover killed half-way and started again.

Needs DATABASE_URL (PostgreSQL): `make bench-moves`. Ends with 1 when a plan of the sample is not what a fresh one would
be, when a message is there twice, when another number of them moved than was shown first, or somebody was left behind.
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
from datetime import timedelta
from pathlib import Path
from typing import Any

FEW = 20  # made by the product's own actions; the others are copies of them inside PostgreSQL
SENT = ("check-in-5", "check-in-6")  # what version 2 has on another day, and what it does not have
OWN = {"surgery_id": "t.surgery"}
TWIN = "r.surgery_id = t.surgery AND m.id = o.reminder_id AND m.step_code = r.step_code AND m.occurrence = r.occurrence"
ALSO = {  # tables beside those of `people`
    "patients_checkup": ("nextval('patients_checkup_id_seq')", OWN, "o.surgery_id = t.of_surgery"),
    "reminders_planchange": ("nextval('reminders_planchange_id_seq')", OWN, "o.surgery_id = t.of_surgery"),
    "reminders_delivery": (
        "nextval('reminders_delivery_id_seq')",
        {"reminder_id": "r.id", "contact_id": "t.contact"},
        f"TRUE JOIN reminders_reminder m ON m.surgery_id = t.of_surgery JOIN reminders_reminder r ON {TWIN}",
    ),
}
MANAGE = Path(__file__).resolve().parent.parent / "manage.py"


def main() -> int:
    options = _options()
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        sys.exit("The bench needs DATABASE_URL (PostgreSQL). `make bench-moves` brings it up.")
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
    before, sent = _planned(), _sent()
    print(f"{Reminder.objects.count():,} reminders in the table, {len(sent):,} of them sent", flush=True)
    shown = _timed("previewed", options.patients, lambda: _previewed(clinic))
    half = options.patients // 2
    moved = _timed("moved, until killed (SIGKILL)", half, lambda: _killed_half_way(clinic, half))
    print(f"{moved:,} of {options.patients:,} were moved when the process was killed", flush=True)
    _timed("moved by a second run", options.patients - moved, lambda: _mover(clinic).wait())
    left = version_moves.waiting(clinic.new).count()
    on_it = CarePlan.objects.filter(version=clinic.new).count()
    twice = _twice() + len(sent ^ _sent())
    unlike = _unlike(shown, before, _planned())
    odd = _timed("compared with a fresh plan", options.sample, lambda: _odd(options.sample, options.seed))
    print(f"{on_it:,} on the version, {left:,} left; {unlike or 'what was shown first is what was done'}")
    print(f"{twice} messages twice or no longer as sent, {len(odd)} of {options.sample:,} plans differ {odd[:5]}")
    return 1 if left or twice or unlike or odd or on_it != options.patients else 0


def _clinic(number: int) -> Any:
    """Operated on 0 to 95 days ago; some held, some told already what version 2 says on another day or not at all."""
    from django.core.management import call_command
    from django.utils import timezone

    from bench import people
    from reminders.plan.values import ChangeKind
    from reminders.plan_changes import Wish, decide
    from tests.moves.given import a_clinic
    from tests.plan.rows import on_its_way, reminder

    call_command("migrate", verbosity=0)
    few, now = min(FEW, number), timezone.now()
    clinic = a_clinic(days=tuple(5 * place for place in range(few)), now=now)
    for place, surgery in enumerate(clinic.surgeries):
        if place % 3 == 0:
            hold = Wish(ChangeKind.HOLD, ends=clinic.site.today(now) + timedelta(days=5))
            decide(surgery, hold, why="wound infection", by=clinic.surgeon, now=now)
        for code in SENT[: place % 3]:
            on_its_way(reminder(surgery, code), status="done")
    people.multiply([s.pk for s in clinic.surgeries], number - few, people.TABLES | ALSO)
    return clinic


def _previewed(clinic: Any) -> Any:
    from django.utils import timezone
    from tqdm import tqdm

    from reminders import version_moves

    with tqdm(total=version_moves.waiting(clinic.new).count(), unit=" patients") as bar:
        total, refused = version_moves.preview(clinic.new, by=clinic.surgeon, clock=timezone.now, each=bar.update)
    print(f"{total}, {refused} cannot be moved", flush=True)
    return total


def _planned() -> dict[tuple[int, str, int], Any]:
    from reminders.plan.models import Reminder

    rows = Reminder.objects.planned().order_by().values_list("surgery", "step_code", "occurrence", "due_at")
    return {(surgery, code, occurrence): due for surgery, code, occurrence, due in rows.iterator()}


def _sent() -> set[tuple[int, Any]]:
    from reminders.plan.models import Reminder

    return set(Reminder.objects.filter(status="done", deliveries__attempt_count=1).values_list("pk", "due_at"))


def _unlike(shown: Any, was: dict[Any, Any], now: dict[Any, Any]) -> str:
    """Empty: the messages that moved, came and went are as many as the preview said."""
    done = sum(now[key] != was[key] for key in was.keys() & now.keys()), len(now.keys() - was.keys())
    gone = len(was.keys() - now.keys())
    said = shown.moved, shown.added
    is_so = done == said and shown.dropped <= gone <= shown.dropped + shown.missed
    return "" if is_so else f"NOT AS SHOWN: moved and added {done}, gone {gone}"


def _mover(clinic: Any) -> "subprocess.Popen[bytes]":
    told = ["--site", clinic.site.code, "--protocol", "miss-base", "--by", clinic.surgeon.username, "--why", "new days"]
    return subprocess.Popen([sys.executable, str(MANAGE), "move_patients", *told], stdout=subprocess.DEVNULL)


def _killed_half_way(clinic: Any, half: int) -> int:
    mover, changes = _mover(clinic), _changes()
    while changes.count() < half and mover.poll() is None:
        time.sleep(0.05)
    mover.send_signal(signal.SIGKILL)
    mover.wait()
    return int(changes.count())


def _changes() -> Any:
    from reminders.plan.models import PlanChange

    return PlanChange.objects.exclude(move=None)


def _twice() -> int:
    """There twice, sent and planned again, or moved twice."""
    from django.db.models import Count

    from reminders.plan.models import Reminder

    rows = Reminder.objects.order_by().values("surgery", "step_code", "occurrence").annotate(n=Count("pk"))
    again = Reminder.objects.planned().filter(deliveries__attempt_count__gt=0)
    decided = _changes().order_by().values("surgery").annotate(n=Count("pk"))
    return rows.filter(n__gt=1).count() + again.count() + int(decided.filter(n__gt=1).count())


def _odd(number: int, seed: int) -> list[int]:
    """Surgeries whose plan is not what a fresh one would have been at the moment of their move."""
    from tqdm import tqdm

    from tests.moves.anew import laid_out_anew, picture

    changes = list(_changes().values_list("pk", flat=True))
    drawn = random.Random(seed).sample(changes, min(number, len(changes)))
    chosen = _changes().filter(pk__in=drawn).select_related("surgery")
    return [c.surgery_id for c in tqdm(chosen) if picture(c.surgery) != laid_out_anew(c.surgery, now=c.at)]


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
