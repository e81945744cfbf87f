"""What everything stands on fails in the middle of a drain: Redis (F-R*) and PostgreSQL (F-D*)."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import partial
from random import Random
from time import sleep

import psycopg

from tests.faults import world
from tests.faults.breaking import FaultInjector, read_only
from tests.faults.cases import FaultCase, Theatre, Trial
from tests.faults.judge import RunFacts
from tests.faults.stage import Stage, wait_for

Strike = Callable[[Stage], bool]  # breaks something, heals it after a moment, and says whether it bit
LONGER_THAN_A_SOCKETS_PATIENCE = 7.0  # of our connections to Redis: 5 s
TABLES = ["reminders_attempt", "reminders_report", "reminders_delivery", "reminders_transition"]
FULL = """CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"""


def in_a_drain(name: str, theatre: Theatre, *, strike: Strike) -> Trial:
    keys = theatre.drain(spread=True)
    middle = theatre.in_the_middle(keys)
    before = len(theatre.lines(keys))
    landed = strike(theatre.stage) and middle
    return Trial(name, keys, landed, f"struck after {before} of {len(keys)}")


# Redis


def emptied(stage: Stage) -> bool:
    held = stage.redis.ask("DBSIZE")
    for _ in range(6):
        stage.redis.flush()
        sleep(0.3)
    return held != ":0"


def killed(stage: Stage) -> bool:
    return _breaker(stage).redis_killed()


def paused(stage: Stage) -> bool:
    landed = stage.redis.ask(f"CLIENT PAUSE {LONGER_THAN_A_SOCKETS_PATIENCE * 1000:.0f} ALL") == "+OK"
    sleep(LONGER_THAN_A_SOCKETS_PATIENCE)
    return landed


def frozen(stage: Stage) -> bool:
    """Half-open: the connections stand, and nobody is at the other end."""
    stage.redis.send(signal.SIGSTOP)
    sleep(LONGER_THAN_A_SOCKETS_PATIENCE)
    stage.redis.send(signal.SIGCONT)
    return True


def full(stage: Stage) -> bool:
    """`noeviction`: nothing can be published."""
    stage.redis.ask("CONFIG SET maxmemory 1")
    refused = stage.redis.ask("SET full 1")
    sleep(3)
    stage.redis.ask("CONFIG SET maxmemory 0")
    return refused.startswith("-OOM")


def emptied_while_rings_are_queued(name: str, theatre: Theatre) -> Trial:
    """Nobody takes a ring while the workers stand still: what lies in Redis then is lost."""
    stage = theatre.stage
    with theatre.still(*stage.workers):
        keys = theatre.drain()
        wait_for(lambda: _queued(stage) >= 2, every=0.1)
        lost = _queued(stage)
        stage.redis.flush()
    return Trial(name, keys, lost >= 2, f"{lost} rings lost")


def _queued(stage: Stage) -> int:
    return int(stage.redis.ask("LLEN aftercare:default").removeprefix(":"))


# PostgreSQL


def sessions_ended(stage: Stage) -> bool:
    """Again and again, as each of them comes back."""
    ended = []
    for _ in range(4):
        ended.append(_breaker(stage).sessions_ended())
        sleep(0.3)
    return any(ended)


def postgres_killed(stage: Stage) -> bool:
    return _breaker(stage).postgres_killed()


def nothing_can_be_written(
    name: str, theatre: Theatre, *, how: Callable[[Stage], AbstractContextManager[None]]
) -> Trial:
    """F-D6: no claim can commit, so nothing leaves meanwhile."""
    keys = theatre.drain(spread=True)
    middle = theatre.in_the_middle(keys)
    with how(theatre.stage):
        refused = wait_for(partial(_refuses_to_write, theatre.stage), every=0.1)
        before, since = len(theatre.lines(keys)), world.now()
        sleep(3)
        until = world.now()
    check = partial(_silent, since=since, until=until)
    return Trial(name, keys, middle and refused, f"struck after {before} of {len(keys)}", check=check)


def _refuses_to_write(stage: Stage) -> bool:
    with stage.session() as session:
        try:
            session.execute("UPDATE reminders_delivery SET id = id WHERE false")
        except psycopg.Error:
            return True
    return False


def _silent(facts: RunFacts, *, since: datetime, until: datetime) -> list[str]:
    """What had been claimed by then may still leave."""
    claims = {attempt.id: attempt.claimed for _, delivery in facts.deliveries() for attempt in delivery.attempts}
    left = [line.attempt for line in facts.ledger if since < claims.get(line.attempt, line.at) < until]
    return [f"attempt {attempt} was claimed while nothing could be written" for attempt in left]


@contextmanager
def full_disk(stage: Stage) -> Iterator[None]:
    """As the server says it, and where it does: whatever has to grow is refused, and all that is there can be read."""
    with stage.session() as session:
        session.execute(FULL)
        try:
            for table in TABLES:
                session.execute(
                    f"CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION full_disk()"
                )
            yield
        finally:
            session.execute("DROP FUNCTION full_disk CASCADE")


def _breaker(stage: Stage) -> FaultInjector:
    return FaultInjector(stage, [], Random(0))


STRIKES: dict[str, tuple[Strike, bool]] = {  # and whether CI plays it
    "Redis emptied again and again in a drain": (emptied, False),
    "Redis killed in a drain, comes back empty": (killed, True),
    "Redis paused in a drain": (paused, False),
    "Redis frozen in a drain": (frozen, False),
    "Redis full in a drain": (full, False),
    "all database sessions ended in a drain": (sessions_ended, False),
    "PostgreSQL killed in a drain": (postgres_killed, True),
}


def cases() -> Iterator[FaultCase]:
    name = "Redis emptied while rings are queued"
    yield FaultCase(name, partial(emptied_while_rings_are_queued, name), alone=True)
    for name, (strike, short) in STRIKES.items():
        yield FaultCase(name, partial(in_a_drain, name, strike=strike), short=short, alone=True)
    for name, how in {"database read-only in a drain": read_only, "disk full in a drain": full_disk}.items():
        yield FaultCase(name, partial(nothing_can_be_written, name, how=how), alone=True)
