"""The database is put back to a back-up, and texts have left since: nothing lost, nothing twice (F-D9)."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from django.db import connection

from reminders.delivery.models import Freeze
from tests.faults import world
from tests.faults.cases import FaultCase, Theatre, Trial
from tests.faults.facts import steady
from tests.faults.judge import RunFacts
from tests.faults.stage import Stage, wait_for
from tests.waiting import HUNG, until

PEOPLE = 4
BACK_UP = "back_up"
YOUNGER = "UPDATE reminders_heartbeat SET at = at - %s * interval '1 minute'"
NO_ROUND = ["DELETE FROM reminders_heartbeat", "DELETE FROM reminders_roundcounter"]


def restored(name: str, theatre: Theatre, *, minutes: int | None) -> Trial:
    """`minutes`: between the last round in the back-up and the last one before the restore. None: it holds no round.

    All stand still while it is made and while it is read back, as an operator would have it.
    """
    stage, people = theatre.stage, [theatre.person() for _ in range(PEOPLE)]
    for person in people:
        theatre.fate(person, heard=True)
    with _stopped(stage):
        keys = theatre.due(*people)
        _copied(stage, stage.name, BACK_UP)
        _aged(stage, minutes)
    phones = {person.phone for person in people}
    left = wait_for(lambda: _taken(theatre, phones) >= PEOPLE, every=0.2)
    with _stopped(stage):
        stage.servers.drop(stage.name)
        _copied(stage, BACK_UP, stage.name)
        stage.servers.drop(BACK_UP)
    held = wait_for(_held, missed=lambda: _taken(theatre, phones) > PEOPLE, every=0.2)
    if held:
        until(lambda: _operator(stage, "reconcile", "--release"), what="the operator may release", every=2)

    def check(facts: RunFacts) -> list[str]:
        doubled = _taken(theatre, phones) - PEOPLE
        wrong = [] if held else ["the restored database was not held"]
        return [*wrong, f"{doubled} texts left twice"] if doubled else wrong

    return Trial(name, keys, left, f"{PEOPLE} had left", check=check)


@contextmanager
def _stopped(stage: Stage) -> Iterator[None]:
    """No program runs, and nobody is connected to the database."""
    for program in stage.programs().values():
        program.kill()
    world.leave()
    try:
        yield
    finally:
        world.leave()
        for program in stage.programs().values():
            program.revive()


def _copied(stage: Stage, source: str, target: str) -> None:
    world.leave()
    stage.servers.ask(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
    ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{source}'"  # noqa: S608
    stage.servers.ask(ended)
    stage.servers.ask(f"CREATE DATABASE {target} TEMPLATE {source}")


def _aged(stage: Stage, minutes: int | None) -> None:
    statements = NO_ROUND if minutes is None else [YOUNGER % minutes]
    world.visit(stage.servers.address(BACK_UP))
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    world.leave()
    world.visit(stage.address)


def _held() -> bool:
    return steady(Freeze.objects.filter(in_force=True).exists)


def _taken(theatre: Theatre, phones: set[str]) -> int:
    """By the provider's ledger: the database does not know."""
    return sum(bool(line["sid"]) and line["To"] in phones for line in theatre.provider.ledger())


def _operator(stage: Stage, *command: str) -> bool:
    """A command typed on the server; whether it was done."""
    own = stage.machine.environment | {"VAR_DIR": str(stage.folder / "var-operator")}
    done = subprocess.run(
        [sys.executable, "manage.py", *command], env=os.environ | own, capture_output=True, timeout=HUNG, check=False
    )
    return done.returncode == 0


def cases() -> Iterator[FaultCase]:
    for minutes in (0, 1, 4, 6):
        name = f"restored to a back-up of {minutes} minutes"
        yield FaultCase(name, partial(restored, name, minutes=minutes), short=minutes == 0, alone=True)
    name = "restored to a back-up without any round"
    yield FaultCase(name, partial(restored, name, minutes=None), alone=True)
