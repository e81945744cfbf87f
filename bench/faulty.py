"""`python -m bench.faulty`: the usual design and Aftercare under the same faults, judged by the provider's ledger.

Lost: due, and never accepted by the provider, though nothing forbade it. Doubled: accepted twice or more. The faults,
and when they fall, come from the seed; they are those of `make faults`.
"""

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from time import monotonic, sleep

QUIET = 25.0  # seconds without a request: nothing more is coming
LONGEST = 150.0


@dataclass
class FaultTally:
    design: str
    due: int
    faults: Counter[str] = field(default_factory=Counter)
    accepted: Counter[int] = field(default_factory=Counter)  # by reminder

    @property
    def lost(self) -> int:
        return self.due - len(self.accepted)

    @property
    def doubled(self) -> int:
        return sum(times > 1 for times in self.accepted.values())

    def __str__(self) -> str:
        landed = sum(self.faults.values())
        return f"{self.design:<44}{self.due:>6}{landed:>8}{self.lost:>6}{self.doubled:>9}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.faulty", description=__doc__)
    parser.add_argument("--reminders", type=int, default=120)
    parser.add_argument("--span", type=float, default=25, help="seconds during which things break")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aftercare-faulty-")))
        from tests.faults.stage import Servers

        servers = stack.enter_context(Servers(folder, scale=0.03))
        os.environ |= servers.environment | {"DATABASE_URL": servers.address("base"), "REDIS_URL": servers.redis.url}
        import django

        django.setup()
        return _both(servers, folder, options)


def _both(servers, folder: Path, options: argparse.Namespace) -> int:
    from tests.faults import world

    people = world.lay_out(servers)
    print(f"{'seed ' + str(options.seed):<44}{'due':>6}{'faults':>8}{'lost':>6}{'doubled':>9}", flush=True)
    tallies = []
    for design in ("one task with an ETA for each reminder", "Aftercare"):
        tallies.append(_play(design, servers, people, folder / design.split()[0], options))
        print(tallies[-1], flush=True)
    return 1 if tallies[1].lost or tallies[1].doubled else 0


def _play(design: str, servers, people, folder: Path, options: argparse.Namespace) -> FaultTally:
    from tests.faults import healing, world
    from tests.faults.facts import steady
    from tests.faults.stage import Stage

    class Usual(Stage):
        def start(self) -> None:
            self.workers = [self.machine.worker("celery", "bench.usual") for _ in range(2)]
            self.beat, self.web = self.machine.beat("bench.usual"), self.machine.web(self.port)
            self.machine.watch()
            self.machine.wait_until(lambda: self.web_answers() and all(len(w.children()) == 2 for w in self.workers))

    usual = design != "Aftercare"
    with (Usual if usual else Stage)(servers, folder) as stage:
        world.visit(stage.address)
        try:
            stage.provider.wish(latency=0.1)
            keys = _promise(people, options, usual, servers)
            tally = FaultTally(design, len(keys), _break(stage, people, options))
            healing.make_whole(stage)
            _quiet(lambda: len(stage.provider.ledger()), let_time_pass=not usual)
            tally.accepted = steady(lambda: _accepted(stage, usual))
            return tally
        finally:
            world.leave()


def _promise(people, options: argparse.Namespace, usual: bool, servers) -> list[int]:
    """The same people at the same moments for both; one text each, so that no two can be taken for one another."""
    from tests.faults import world

    chance, now, keys = Random(options.seed), world.now(), []
    for number in range(options.reminders):
        at = now + timedelta(seconds=chance.uniform(1, options.span))
        [key] = world.promise([people[number % len(people)]], at=at, step=world.STEPS[number // len(people)])
        keys.append(key)
        if usual:
            from bench.usual import app, send

            app.conf.broker_url = servers.redis.url
            send.apply_async(args=[key], eta=at)
    return keys


def _break(stage, people, options: argparse.Namespace) -> Counter[str]:
    from tests.faults.breaking import FaultInjector, name_of

    chance, ends, landed = Random(options.seed), monotonic() + options.span, Counter[str]()
    breaker = FaultInjector(stage, people, chance)
    faults = [fault for fault in breaker.faults() if name_of(fault) != "the provider refuses one"]
    chance.shuffle(faults)
    while monotonic() < ends:
        for fault in faults:
            if monotonic() > ends:
                break
            landed[name_of(fault)] += fault()
            sleep(chance.uniform(0.5, 2))
    return landed


def _quiet(count: Callable[[], int], *, let_time_pass: bool) -> None:
    """Until the provider has heard nothing new for a while. Waits of minutes that a row remembers end now."""
    from tests.faults import healing

    ends, seen, since = monotonic() + LONGEST, count(), monotonic()
    while monotonic() < ends and monotonic() - since < QUIET:
        sleep(0.5)
        if let_time_pass:
            healing.let_time_pass()
        if (now := count()) != seen:
            seen, since = now, monotonic()


def _accepted(stage, usual: bool) -> Counter[int]:
    from reminders.delivery.models import Attempt

    owners = {str(pk): reminder for pk, reminder in Attempt.objects.values_list("pk", "delivery__reminder")}
    taken: Counter[int] = Counter()
    for line in stage.provider.ledger():
        if line["sid"]:
            key = line["StatusCallback"].split("/status/")[1].split("/")[0]
            taken[int(key[-12:]) if usual else owners[key]] += 1
    return taken


if __name__ == "__main__":
    sys.exit(main())
