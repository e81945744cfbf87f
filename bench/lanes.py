"""The lanes of a run: each sends a number of messages once and says how it went."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median, quantiles

from bench import people
from bench.child import Child
from bench.place import BenchProvider
from reminders.plan.models import Reminder

PATIENCE = 600.0  # seconds the comparison gets before it is called stuck
CHEAP = 20.0  # seconds after which a lane is not repeated


@dataclass(frozen=True, slots=True)
class Round:
    """One time through. `recorded` is what our own table says; None where a lane keeps no table."""

    sent: int
    seconds: float
    p50_late: float
    p99_late: float
    cpu: float
    recorded: int | None = None

    @property
    def rate(self) -> float:
        return self.sent / self.seconds


@dataclass(slots=True)
class Lane:
    name: str
    run: Callable[[BenchProvider], Round]
    rounds: int
    done: list[Round] = field(default_factory=list)

    def again(self, provider: BenchProvider) -> None:
        """Once more; not if that has become dear."""
        if sum(one.seconds for one in self.done) < CHEAP:
            self.done.append(self.run(provider))


def in_turn(lanes: list[Lane]) -> Iterator[Lane]:
    """Round by round through all lanes, so that whatever else the machine does falls on each of them alike."""
    for number in range(max((lane.rounds for lane in lanes), default=0)):
        yield from (lane for lane in lanes if number < lane.rounds)


def middle(rounds: list[Round]) -> Round:
    """The round with the median rate; of an even number the slower of the two."""
    return sorted(rounds, key=lambda one: one.rate)[(len(rounds) - 1) // 2]


def raw(count: int, in_flight: int, processes: int = 1) -> Callable[[BenchProvider], Round]:
    share = [str(count // processes + (1 if n < count % processes else 0)) for n in range(processes)]
    return lambda provider: _race(provider, [["-m", "bench.raw", part, str(in_flight)] for part in share])


def ours(window: int, processes: int = 1, profile: str = "") -> Callable[[BenchProvider], Round]:
    def run(provider: BenchProvider) -> Round:
        people.again()
        command = ["-m", "bench.ours", str(window), *([profile] if profile else [])]
        return _race(provider, [command] * processes, recorded=people.recorded)

    return run


def _race(provider: BenchProvider, commands: list[list[str]], recorded: Callable[[], int] | None = None) -> Round:
    """All processes are ready before the clock starts; it stops when the last one has finished its work."""
    with ExitStack() as stack:
        children = [Child(*command, environment=provider.environment) for command in commands]
        for child in children:
            stack.callback(child.stop)
        for child in children:
            child.line()
        used, started = sum(child.cpu() for child in children), time.time()
        for child in children:
            child.go()
        for child in children:
            child.line()
        seconds = time.time() - started
        cpu = sum(child.cpu() for child in children) - used
    return _round(provider.accepted(), started, seconds, cpu, recorded() if recorded else None)


def tutorial(count: int, processes: int = 2) -> Callable[[BenchProvider], Round]:
    """A real worker on the real Redis. The clock starts with the first task's `delay`, as a beat's would."""

    def run(provider: BenchProvider) -> Round:
        from bench.tutorial import send_one

        people.again()
        due = list(Reminder.objects.filter(due_at=people.START).order_by("pk").values_list("pk", flat=True)[:count])
        flags = ["-c", str(processes), "--loglevel", "ERROR", "--without-gossip", "--without-mingle"]
        quiet = provider.environment | {"PYTHONWARNINGS": "ignore"}  # it dislikes root
        worker = Child("-m", "celery", "-A", "bench.tutorial", "worker", *flags, environment=quiet)
        try:
            _wait(lambda: bool(send_one.app.control.ping(timeout=0.5)), worker)
            used, started = worker.cpu(), time.time()
            for pk in due:
                send_one.delay(pk)
            _wait(lambda: _done(due) == len(due), worker)
            seconds, cpu = time.time() - started, worker.cpu() - used
        finally:
            worker.stop()
        return _round(provider.accepted(), started, seconds, cpu, _done(due))

    return run


def _done(due: list[int]) -> int:
    return Reminder.objects.filter(pk__in=due, status="done").count()


def _wait(ready: Callable[[], bool], worker: Child) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if worker.popen.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("The Celery worker of the comparison stopped or is stuck.")
        time.sleep(0.05)


def _round(accepted: list[float], started: float, seconds: float, cpu: float, recorded: int | None) -> Round:
    late = [moment - started for moment in accepted]
    p99 = quantiles(late, n=100, method="inclusive")[98] if len(late) > 1 else sum(late)
    return Round(len(late), seconds, median(late) if late else 0.0, p99, cpu, recorded)
