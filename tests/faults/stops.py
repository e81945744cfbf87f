"""STOP while the database is down (F-D3): a 503, never a 200; found again, and in force from then on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from time import monotonic, sleep

from reminders.replies.models import Reply
from tests.faults.cases import FaultCase, Theatre, Trial
from tests.faults.facts import steady
from tests.faults.judge import RunFacts
from tests.faults.stage import wait_for
from tests.faults.world import STEPS, FaultPatient
from tests.waiting import HUNG

DURING = timedelta(seconds=1)  # the outage
EITHER = frozenset({"delivered", "suppressed"})


def given_up(name: str, theatre: Theatre) -> Trial:
    """The provider tries once; only its list knows of it afterwards."""
    person, stage = theatre.person(), theatre.stage
    theatre.fate(person, heard=True)
    during = theatre.due(person, within=DURING)
    stage.postgres.kill()
    try:
        status = stage.text_in(person.phone, person.sender, "STOP", repeated=False)
        sleep(1)
    finally:
        stage.postgres.start()
    return _afterwards(
        name, theatre, person, during, source="reconcile", landed=status == 503, note=f"answered {status}"
    )


def repeated(name: str, theatre: Theatre) -> Trial:
    """The provider tries again, and the database is back by then."""
    person, stage = theatre.person(), theatre.stage
    theatre.fate(person, heard=True)
    during, before = theatre.due(person, within=DURING), _repeats(theatre)
    stage.postgres.kill()
    with ThreadPoolExecutor(1) as pool:
        text = pool.submit(stage.text_in, person.phone, person.sender, "STOP")
        sleep(1.5)
        stage.postgres.start()
        status, repeats = text.result(HUNG), _repeats(theatre) - before
    note = f"answered {status} after {repeats} repeats"
    return _afterwards(name, theatre, person, during, source="", landed=repeats > 0, note=note)


def _repeats(theatre: Theatre) -> int:
    return int(theatre.provider.wish(state=True)["calls"].get("repeated", 0))


def _afterwards(
    name: str, theatre: Theatre, person: FaultPatient, during: list[int], *, source: str, landed: bool, note: str
) -> Trial:
    """What was due in the outage may have left before anybody could know; what comes due later may not."""
    began, rows = monotonic(), Reply.objects.filter(from_address=person.phone, source__contains=source)
    wait_for(lambda: steady(rows.exists), every=0.2)
    note += f", stored after {monotonic() - began:.0f} s"
    later = theatre.due(person, step=STEPS[1])
    check = partial(_nothing_more, later=later)
    return Trial(name, during + later, landed, note, ends=EITHER, taken=(0, 1), asked=(0, 1), check=check)


def _nothing_more(facts: RunFacts, *, later: list[int]) -> list[str]:
    """Such a reminder has no delivery at all, or one that was stopped before it left."""
    promises = [promised for promised in facts.promises if promised.id in later]
    left = any(facts.requests(delivery) for promised in promises for delivery in promised.deliveries)
    said = [f"reminder {one.id} ended as {one.status} after STOP" for one in promises if one.status != "suppressed"]
    return ["a text left after STOP was stored", *said] if left else said


def cases() -> Iterator[FaultCase]:
    plays = {"STOP while the database is down, tried once": given_up, "STOP while the database is down": repeated}
    for name, play in plays.items():
        yield FaultCase(name, partial(play, name), short=play is given_up, alone=True)
