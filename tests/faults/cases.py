"""Enumerated faults: what a case is, how it is played, and how it is judged afterwards."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import psycopg
from django.db.models import Q

from reminders.delivery.models import Attempt
from reminders.plan.models import Reminder
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
UNSENT = ("queued", "claimed", "unknown")
WAVES = (0.0, 0.4, 0.8, 1.2)  # seconds after that, one for each of the steps
APART = 0.4  # seconds from one person's answers to the next one's
TRIES = 10


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
        self.missed: list[Trial] = []

    def person(self) -> FaultPatient:
        return self.people.pop(0)

    def due(self, *people: FaultPatient, within: timedelta = SOON, step: str = world.STEPS[0]) -> list[int]:
        """One text for each, due in a moment."""
        return steady(lambda: world.promise(people, at=world.now() + within, step=step))

    def drain(self, *, people: int = 4, waves: Sequence[float] = WAVES, spread: bool = False) -> list[int]:
        """Several texts for each, no two of one phone in the same words; each is told to have arrived.

        `spread`: answers to one come later than to another, so that there is a middle however they were claimed.
        """
        some = [self.person() for _ in range(people)]
        self.provider.wish(latency=0.2, fate={"ends": "delivered", "delay": 0.5})
        for number, person in enumerate(some if spread else ()):
            self.provider.behave(f"slow:{number * APART}", to=person.phone)
        due = [SOON + timedelta(seconds=after) for after in waves]
        return [
            key
            for step, within in zip(world.STEPS, due, strict=True)
            for key in self.due(*some, within=within, step=step)
        ]

    def in_the_middle(self, reminders: list[int]) -> bool:
        """Waits until some have left while others are out at this very moment."""

        def is_so() -> bool:
            ends = {attempt.outcome for attempt in self.attempts(reminders)}
            return {"accepted", ""} <= ends

        return wait_for(is_so, missed=lambda: not self._unsent(reminders))

    def _unsent(self, reminders: list[int]) -> bool:
        out = Reminder.objects.filter(pk__in=reminders).filter(Q(status="planned") | Q(deliveries__state__in=UNSENT))
        return steady(out.exists)

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

    def waiting_for(
        self, session: psycopg.Connection, *, only: int | None = None, missed: Callable[[], bool] = lambda: False
    ) -> int | None:
        """The worker's process that this session's lock holds up; `only`: this one, however many others wait."""
        found: list[int] = []

        def blocked() -> bool:
            found[:] = [pid for pid in self.blocked_by(session) if only in (None, pid)]
            return bool(found)

        wait_for(blocked, missed=missed, every=0.02)
        return found[0] if found else None

    def blocked_by(self, session: psycopg.Connection) -> list[int]:
        ask = "SELECT client_port FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid)) AND client_port > 0"
        with self.stage.session() as other:
            ports = [row[0] for row in other.execute(ask, [session.info.backend_pid]).fetchall()]
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

    def knocking(self, reminders: list[int]) -> set[int]:
        """Who has claimed one of these and stands before the provider's door. Nobody, where they were turned away."""
        found: set[int] = set()

        def is_so() -> bool:
            if self.attempts(reminders):  # before that, whoever knocks only looks something up
                found.update(peer.knocking(self.provider.port, among=self.senders()))
            return bool(found)

        wait_for(is_so, missed=lambda: bool(self.answered(reminders)), every=0.005)
        return found

    def idle(self) -> bool:
        """No task waits in Redis, and none is at work: what is unacknowledged is at work."""
        ask = self.stage.redis.ask
        waiting = [ask(f"LLEN aftercare:{queue}") for queue in ("default", "send", "mail")]
        return {*waiting, ask("HLEN aftercare:unacked")} == {":0"}

    def answered(self, reminders: list[int]) -> list[Attempt]:
        """Those that are over, by what the program wrote down."""
        return [attempt for attempt in self.attempts(reminders) if attempt.outcome]

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
    return CaseVerdict(trial.name, trial.landed, trial.note, _counted(facts), len(facts.ledger), taken, wrong)


def judged_all(theatre: Theatre, trials: Sequence[Trial]) -> list[CaseVerdict]:
    """Of those that did not land only what is wrong is told."""
    missed = [_missed(theatre, trial) for trial in theatre.missed if trial not in trials]
    return [judged(theatre, trial) for trial in trials] + [verdict for verdict in missed if verdict.wrong]


def _missed(theatre: Theatre, trial: Trial) -> CaseVerdict:
    facts = collect(theatre.provider, reminders=trial.reminders, lagging=trial.lagging)
    taken, name = sum(bool(line.sid) for line in facts.ledger), f"{trial.name}, a fault that missed"
    return CaseVerdict(name, True, trial.note, _counted(facts), len(facts.ledger), taken, complaints(facts))


def _counted(facts: RunFacts) -> str:
    ends = sorted(end_states(facts).items())
    return ", ".join(f"{count} {state}" if count > 1 else state for state, count in ends)


def over(theatre: Theatre, trials: list[Trial]) -> bool:
    """Whether every delivery of these is in a state it will not leave by itself."""
    keys = [key for trial in [*trials, *theatre.missed] for key in trial.reminders]
    facts = collect(theatre.provider, reminders=keys)
    started = all(promised.deliveries or promised.status in OVER for promised in facts.promises)
    return started and all(delivery.state in FINAL for _, delivery in facts.deliveries())


def played(case: FaultCase, theatre: Theatre) -> Trial:
    """A fault that missed is tried again, on somebody else: a busy machine may look away at the wrong moment.

    Whom it missed is judged too: nothing may be lost or doubled there either.
    """
    began = monotonic()
    for _ in range(TRIES):
        trial = case.play(theatre)
        if trial.landed:
            break
        theatre.missed.append(trial)
    if case.alone:
        healing.make_whole(theatre.stage)
        rest = healing.rest(theatre.stage, lambda: over(theatre, [trial]))
        trial.note += "; never at rest" if rest is None else f"; at rest after {rest:.0f} s"
    trial.seconds = monotonic() - began
    return trial
