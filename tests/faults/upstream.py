"""The provider is down, or its list of messages lags (F-S1, F-S6, F-S8, F-S11)."""

import json
from collections.abc import Iterator
from functools import partial
from time import sleep
from typing import Any

from patients import clock
from patients.models import Site
from patients.models.site import UnknownPolicy
from reminders.delivery.models import Attempt, Breaker, Delivery
from reminders.delivery.monitoring import due_unsent
from tests.faults import world
from tests.faults.cases import FaultCase, Theatre, Trial
from tests.faults.facts import steady
from tests.faults.judge import RunFacts, possible_doubles
from tests.faults.stage import wait_for

IN_FLIGHT = 1.5  # seconds until all that left before the breaker opened is over
PROBED = 2  # times, before the provider is well again
NEVER = 900  # seconds: its list shows nothing in the time of a run


def down(name: str, theatre: Theatre, *, wish: dict[str, Any]) -> Trial:
    """Many call in vain, the breaker opens, and only probes leave until one is taken; a few come due meanwhile."""
    theatre.provider.wish(**wish)
    keys = theatre.drain(people=5, waves=(0, 0, 0, 4))
    opened = wait_for(lambda: bool(_open()), every=0.1)
    sleep(IN_FLIGHT)
    probes, since = _probes(), world.now()
    wait_for(lambda: _probes() >= probes + PROBED, every=0.2)
    sleep(IN_FLIGHT)
    rows = Attempt.objects.filter(delivery__reminder__in=keys, started_at__gt=since)
    left, probes = steady(rows.count), _probes() - probes
    waiting = len(keys) - theatre.taken(keys)
    wrong = [] if left <= probes else [f"{left} left while the breaker was open, and {probes} of them were probes"]
    note = f"{probes} probes, {waiting} waited"
    return Trial(name, keys, opened and bool(waiting), note, check=lambda facts: wrong + _closed())


def _open() -> list[Breaker]:
    return steady(lambda: list(Breaker.objects.filter(channel="sms", closed_at=None)))


def _probes() -> int:
    return sum(breaker.probes for breaker in _open())


def _closed() -> list[str]:
    return ["the breaker is still open"] if _open() else []


def busy(name: str, theatre: Theatre) -> Trial:
    """A 503 that says when to come again is an answer: nothing was taken, nothing is in doubt."""
    theatre.provider.behave("http:503/20503/1")
    keys = theatre.drain()
    refused = wait_for(lambda: len(theatre.lines(keys)) >= len(keys), every=0.1)
    in_doubt = Attempt.objects.filter(delivery__reminder__in=keys, outcome="unknown", detail__contains="503")
    wrong = ["a refusal was taken for a lost answer"] if steady(in_doubt.exists) else []
    return Trial(name, keys, refused, check=lambda facts: wrong)


def the_list_lags(name: str, theatre: Theatre) -> Trial:
    """The admitted twin: the answer is lost, no callback comes, and the list is empty for longer than we wait."""
    person = theatre.person()
    theatre.fate(person, heard=False)
    theatre.provider.wish(list_delay=NEVER)
    theatre.provider.behave("ok_then_close", to=person.phone, times=1)
    before, keys = _counted(), theatre.due(person)
    twice = wait_for(lambda: theatre.taken(keys) == 2, every=0.5)

    def check(facts: RunFacts) -> list[str]:
        told, seen = _counted() - before, possible_doubles(facts)
        return [] if told == seen == 1 else [f"the metric counts {told} possible doubles, the judge {seen}"]

    return Trial(name, keys, twice, "a double, and counted", taken=(2, 2), asked=(2, 2), lagging=True, check=check)


def _counted() -> int:
    return steady(lambda: due_unsent.counts(clock.now())["possible_duplicates"].number)


def the_list_lags_and_nothing_is_sent_again(name: str, theatre: Theatre) -> Trial:
    """`never`: no double, at the price of a call; what the provider says very late still counts."""
    person = theatre.people.pop()  # of another site than the others, as it changes the site
    steady(lambda: Site.objects.filter(pk=person.site).update(when_unknown=UnknownPolicy.NEVER))
    theatre.fate(person, heard=False)
    theatre.provider.wish(list_delay=NEVER)
    theatre.provider.behave("ok_then_close", to=person.phone, times=1)
    keys = theatre.due(person)
    rows = Delivery.objects.filter(reminder__in=keys, state="unconfirmed")
    given_up = wait_for(lambda: steady(rows.exists), every=0.5)
    for line in theatre.lines(keys):
        theatre.provider.wish(callback={"sid": line["sid"], "status": "delivered"})
    return Trial(name, keys, given_up, asked=(1, 1))


def its_clock_is_apart(name: str, theatre: Theatre, *, minutes: int) -> Trial:
    """All answers are lost, no callback comes, and in its list the texts stand at another time than ours."""
    theatre.provider.wish(clock=minutes * 60)
    people = [theatre.person() for _ in range(4)]
    for person in people:
        theatre.fate(person, heard=False)
        theatre.provider.behave("ok_then_close", to=person.phone, times=1)
    keys = theatre.due(*people)
    lost = wait_for(lambda: theatre.taken(keys) >= len(people), every=0.1)
    rows = Delivery.objects.filter(reminder__in=keys, state__in=["queued", "claimed", "unknown"])
    wait_for(lambda: not steady(rows.exists), every=0.5)
    status, said = theatre.stage.ask_web("/health/")
    told = status == 503 and "clocks" in json.loads(said)["urgent"]
    wrong = [] if told else ["/health/ does not tell of the clocks"]
    return Trial(name, keys, lost, asked=(1, 1), check=lambda facts: wrong)


DOWN: dict[str, dict[str, Any]] = {
    "provider refuses connections": {"door": "shut"},
    "provider answers 503": {"behaviour": "http:503"},
    "provider refuses our account, 401": {"behaviour": "http:401/20003"},
}


def cases() -> Iterator[FaultCase]:
    for name, wish in DOWN.items():
        yield FaultCase(name, partial(down, name, wish=wish), alone=True)
    plays = {
        "provider is busy, 503 and Retry-After": busy,
        "provider's list lags: the admitted double": the_list_lags,
        "provider's list lags, nothing is sent again": the_list_lags_and_nothing_is_sent_again,
    }
    for name, play in plays.items():
        yield FaultCase(name, partial(play, name), alone=True)
    for minutes, way in ((15, "ahead"), (-15, "behind")):
        name = f"provider's clock 15 minutes {way}, no callbacks"
        yield FaultCase(name, partial(its_clock_is_apart, name, minutes=minutes), short=minutes < 0, alone=True)
