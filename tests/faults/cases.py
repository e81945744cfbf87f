"""Enumerated faults: what a case is, how it is played, and how it is judged afterwards."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import psycopg

from reminders.delivery.models import Attempt
from tests.fakes import twilio_peer as peer
from tests.faults import healing, world
from tests.faults.facts import attempt_of, collect, end_states, steady
from tests.faults.findings import RunFacts
from tests.faults.judge import FINAL, OVER, Killed, complaints, lost_twice, moment
from tests.faults.provider import Line
from tests.faults.stage import Stage, wait_for
from tests.faults.world import FaultPatient
from tests.processes.running import ChildProcess

SOON = timedelta(seconds=1.5)
WAVES = (0.0, 0.4, 0.8, 1.2)  # seconds after that, one for each of the steps
TRIES = 3
REST = 90.0  # seconds within which an outage must be over by itself once it is healed


@dataclass
class Trial:
    """One case as it was played. `ends`: the states it may end in; `taken`: how often each was accepted."""

    name: str
    reminders: list[int]
    landed: bool
    note: str = ""
    ends: frozenset[str] = frozenset({"delivered"})
    taken: tuple[int, int] = (1, 1)
    asked: tuple[int, int] = (1, 99)
    lagging: bool = False
    check: Callable[[RunFacts], list[str]] = lambda facts: []
    seconds: float = 0.0


@dataclass(frozen=True)
class FaultCase:
    """`play` breaks something and returns at once; what becomes of it is judged when all has healed."""

    name: str
    play: "Callable[[Theatre], Trial]"
    short: bool = False  # in CI too
    alone: bool = False  # an outage for everybody: all has to come to rest before the next case


@dataclass
class CaseVerdict:
    name: str
    landed: bool
    note: str
    ends: str
    asked: int
    taken: int
    wrong: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return self.landed and not self.wrong

    def __str__(self) -> str:
        how = "holds" if self.holds else "DID NOT LAND" if not self.landed else "BROKEN"
        line = f"{how:12} {self.name:58} {self.ends:28} asked {self.asked}, taken {self.taken}  {self.note}"
        return "\n".join([line, *(f"             - {said}" for said in self.wrong[:6])])


class Theatre:
    """A stage, and people nobody has used yet."""

    def __init__(self, stage: Stage, people: list[FaultPatient]) -> None:
        self.stage, self.provider = stage, stage.provider
        self.people = list(people)
        self.killed: list[Killed] = []

    def person(self) -> FaultPatient:
        return self.people.pop(0)

    def due(self, *people: FaultPatient, within: timedelta = SOON, step: str = world.STEPS[0]) -> list[int]:
        """One text for each, due in a moment."""
        return steady(lambda: world.promise(people, at=world.now() + within, step=step))

    def drain(self, *, people: int = 4, waves: Sequence[float] = WAVES) -> list[int]:
        """Several texts for each, no two of one phone in the same words; each is told to have arrived."""
        some = [self.person() for _ in range(people)]
        self.provider.wish(latency=0.2, fate={"ends": "delivered", "delay": 0.5})
        due = [SOON + timedelta(seconds=after) for after in waves]
        return [
            key
            for step, within in zip(world.STEPS, due, strict=True)
            for key in self.due(*some, within=within, step=step)
        ]

    def in_the_middle(self, reminders: list[int]) -> bool:
        """Waits until some have left while others are out at this very moment."""

        def is_so() -> bool:
            over = [bool(attempt.outcome) for attempt in self.attempts(reminders)]
            return any(over) and not all(over)

        return wait_for(is_so, within=20)

    # The first word comes late enough for the crash to be over: a callback would write to the same tables.
    def fate(self, person: FaultPatient, *, heard: bool, ends: str = "delivered", code: int | None = None) -> None:
        self.provider.wish(fate={"ends": ends, "code": code, "heard": heard, "delay": 1.5}, to=person.phone)

    @contextmanager
    def held(self, table: str, key: object) -> Iterator[psycopg.Connection]:
        """A row lock that the program's own conflicts with; foreign keys to the row are not held up."""
        with self.stage.session() as session, session.transaction():
            session.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR NO KEY UPDATE", [key])  # noqa: S608
            yield session

    @contextmanager
    def closed(self, table: str) -> Iterator[psycopg.Connection]:
        """Nobody writes into this table; all may read it."""
        with self.stage.session() as session, session.transaction():
            session.execute(f"LOCK TABLE {table} IN SHARE MODE")
            yield session

    def waiting_for(self, session: psycopg.Connection, *, only: int | None = None, within: float = 20) -> int | None:
        """The worker's process that this session's lock holds up; `only`: this one, however many others wait."""
        found: list[int] = []

        def blocked() -> bool:
            found[:] = [pid for pid in self._blocked_by(session.info.backend_pid) if only in (None, pid)]
            return bool(found)

        wait_for(blocked, within=within, every=0.02)
        return found[0] if found else None

    def _blocked_by(self, backend: int) -> list[int]:
        ask = "SELECT client_port FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid)) AND client_port > 0"
        with self.stage.session() as session:
            ports = [row[0] for row in session.execute(ask, [backend]).fetchall()]
        server = self.stage.postgres.port
        pids = [pid for port in ports if (pid := peer.pid_of(port, to=server))]
        return [pid for pid in pids if pid in self.senders()]

    def kill(self, pid: int | None) -> bool:
        """Whether it was there. Written down: only by one of these may an answer be lost twice."""
        dead = peer.kill(pid)
        if dead and pid:
            self.killed.append(Killed(pid, world.now()))
        return dead

    def all_killed(self) -> list[Killed]:
        """Those too that the provider itself killed as they asked."""
        lines = [line for line in self.provider.ledger() if line["behaviour"].startswith("kill:")]
        return [*self.killed, *(Killed(line["pid"], moment(line["time"])) for line in lines)]

    def senders(self) -> set[int]:
        return {pid for worker in self.stage.workers for pid in worker.children()}

    @contextmanager
    def still(self, *programs: ChildProcess) -> Iterator[None]:
        """They stand still, with all their children, and go on afterwards as if nothing had been."""
        for program in programs:
            program.send(signal.SIGSTOP, everybody=True)
        try:
            yield
        finally:
            for program in programs:
                program.send(signal.SIGCONT, everybody=True)

    def taken(self, reminders: list[int]) -> int:
        """How many messages the provider has accepted of these."""
        return sum(bool(line["sid"]) for line in self.lines(reminders))

    def lines(self, reminders: list[int]) -> list[Line]:
        """What the ledger has of these so far."""
        own = {str(attempt.pk) for attempt in self.attempts(reminders)}
        return [line for line in self.provider.ledger() if attempt_of(line) in own]

    def attempts(self, reminders: list[int]) -> list[Attempt]:
        return steady(lambda: list(Attempt.objects.filter(delivery__reminder__in=reminders)))


def judged(theatre: Theatre, trial: Trial) -> CaseVerdict:
    facts = collect(theatre.provider, reminders=trial.reminders, lagging=trial.lagging)
    ends = end_states(facts)
    wrong = [*complaints(facts), *trial.check(facts)]
    taken = sum(bool(line.sid) for line in facts.ledger)
    killed = theatre.all_killed()
    for _, delivery in facts.deliveries():
        requests = facts.requests(delivery)
        accepted = sum(bool(line.sid) for line in requests)
        twice = lost_twice(delivery, facts, killed)  # its second try was hit by a later case: then a person calls
        if delivery.state not in trial.ends and not twice:
            wrong.append(f"delivery {delivery.id} ended as {delivery.state}, story {' > '.join(delivery.story)}")
        if not (0 if twice else trial.taken[0]) <= accepted <= trial.taken[1]:
            wrong.append(f"delivery {delivery.id} was accepted {accepted} times")
        if not trial.asked[0] <= len(requests) <= trial.asked[1]:
            wrong.append(f"delivery {delivery.id} was asked for {len(requests)} times")
    said = ", ".join(f"{count} {state}" if count > 1 else state for state, count in sorted(ends.items()))
    return CaseVerdict(trial.name, trial.landed, trial.note, said, len(facts.ledger), taken, wrong)


def over(theatre: Theatre, trials: list[Trial]) -> bool:
    """Whether every delivery of these is in a state it will not leave by itself."""
    keys = [key for trial in trials for key in trial.reminders]
    facts = collect(theatre.provider, reminders=keys)
    started = all(promised.deliveries or promised.status in OVER for promised in facts.promises)
    return started and all(delivery.state in FINAL for _, delivery in facts.deliveries())


def played(case: FaultCase, theatre: Theatre) -> Trial:
    """A fault that missed is tried again, on somebody else: a busy machine may look away at the wrong moment."""
    began = monotonic()
    for _ in range(TRIES):
        trial = case.play(theatre)
        if trial.landed:
            break
    if case.alone:
        healing.make_whole(theatre.stage)
        rest = healing.rest(theatre.stage, lambda: over(theatre, [trial]), within=REST)
        trial.note += "; never at rest" if rest is None else f"; at rest after {rest:.0f} s"
    trial.seconds = monotonic() - began
    return trial
