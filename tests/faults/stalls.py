"""The clock is dead or doubled (F-T1, F-T2), a worker frozen past its lease (F-P6), a row locked (F-D4)."""

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from time import sleep

from reminders.delivery.models import Transition
from reminders.plan.reasons import Reason
from tests.faults.breaking import LONGER_THAN_A_LEASE
from tests.faults.cases import FaultCase, Theatre, Trial
from tests.faults.facts import steady
from tests.faults.stage import wait_for
from tests.waiting import HUNG

A_FEW_RINGS = 4.0  # seconds


def the_clock_is_dead(name: str, theatre: Theatre) -> Trial:
    """Nobody rings and the workers sleep; cron's line does all the work, one round after the other."""
    theatre.stage.beat.kill()
    wait_for(lambda: theatre.idle())  # what it rang last has run
    keys = theatre.drain(waves=(0, 0, 0, 0))
    sleep(A_FEW_RINGS)
    asleep = not theatre.attempts(keys)
    said: list[str] = []
    while theatre.taken(keys) < len(keys) and len(said) < HUNG:  # a busy machine gives back what it could not send
        said.append(second_timer(theatre))
    left = theatre.taken(keys)
    wrong = [] if left == len(keys) else [f"the second timer sent {left} of {len(keys)}: {said[-1]}"]
    return Trial(name, keys, asleep, f"sent in {len(said)} rounds", check=lambda facts: wrong)


def second_timer(theatre: Theatre) -> str:
    """`manage.py sweep`, as cron rings it; what it said."""
    machine = theatre.stage.machine
    own = machine.environment | {"VAR_DIR": str(machine.folder / "timer")}
    done = subprocess.run(
        [sys.executable, "manage.py", "sweep"], env=own, capture_output=True, text=True, timeout=HUNG, check=False
    )
    return " / ".join(f"{done.stdout}{done.stderr}".split("\n"))


def the_clock_is_doubled(name: str, theatre: Theatre) -> Trial:
    """And the second timer rings into the same drain."""
    machine = theatre.stage.machine
    second = machine.second_beat()
    keys = theatre.drain(spread=True)
    middle = theatre.in_the_middle(keys)
    second_timer(theatre)
    wait_for(lambda: theatre.taken(keys) == len(keys), every=0.1)
    both = second.alive and theatre.stage.beat.alive
    machine.programs.remove(second)
    second.kill()
    return Trial(name, keys, middle and both)


def frozen_with_the_request_out(name: str, theatre: Theatre) -> Trial:
    """The provider has it; whoever waits for the answer wakes when its lease is long over."""
    person = theatre.person()
    theatre.fate(person, heard=False)
    theatre.provider.behave("hang_after_accept", to=person.phone, times=1)
    keys = theatre.due(person)
    wait_for(lambda: bool(theatre.lines(keys)))
    asking = {line["pid"] for line in theatre.lines(keys) if line.get("pid")}
    return _frozen(name, theatre, keys, asking)


def frozen_before_the_socket(name: str, theatre: Theatre) -> Trial:
    """Not one byte has left, and the line is free again while it sleeps."""
    person = theatre.person()
    theatre.fate(person, heard=False)
    theatre.provider.wish(door="full")
    keys = theatre.due(person)
    return _frozen(name, theatre, keys, theatre.knocking(keys))


def _frozen(name: str, theatre: Theatre, keys: list[int], asking: set[int]) -> Trial:
    """The worker of this process, parent and children, for longer than a lease; the door is open meanwhile."""
    workers = [worker for worker in theatre.stage.workers if asking & set(worker.children())]
    with theatre.still(*workers[:1]):
        theatre.provider.wish(door="open")
        sleep(LONGER_THAN_A_LEASE)
        missed = partial(theatre.answered, keys)  # it was over before everybody stood still
        lost = wait_for(lambda: _lost_its_lease(keys), missed=lambda: not workers or missed(), every=0.1)
    return Trial(name, keys, bool(workers) and lost, f"{len(workers)} worker stood still", asked=(1, 1))


def _lost_its_lease(keys: list[int]) -> bool:
    rows = Transition.objects.filter(delivery__reminder__in=keys, reason=Reason.LEASE_LOST)
    return steady(rows.exists)


def one_row_is_locked(name: str, theatre: Theatre) -> Trial:
    """Somebody else holds one patient's phone: the others do not wait for it."""
    locked, *others = (theatre.person() for _ in range(6))
    for person in (locked, *others):
        theatre.fate(person, heard=True)
    with theatre.held("patients_contact", locked.contact):
        keys = theatre.due(locked, *others)
        left = wait_for(lambda: theatre.taken(keys[1:]) == len(others), every=0.1)
        waits = not theatre.attempts(keys[:1])
    wrong = [] if left else ["a locked row held up the others"]
    return Trial(name, keys, waits, asked=(1, 1), check=lambda facts: wrong)


def cases() -> Iterator[FaultCase]:
    plays = {
        "beat dead, the second timer does the work": (the_clock_is_dead, False),
        "beat doubled, and the second timer beside it": (the_clock_is_doubled, False),
        "worker frozen past its lease, request out": (frozen_with_the_request_out, True),
        "worker frozen past its lease, before the socket": (frozen_before_the_socket, False),
        "one patient's row locked by somebody else": (one_row_is_locked, False),
    }
    for name, (play, short) in plays.items():
        yield FaultCase(name, partial(play, name), short=short, alone=True)
