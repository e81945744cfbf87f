"""The random run: hundreds of reminders over several sites and zones, one fault every one to three seconds.

It goes by faults, not by the clock: a slow machine meets as many, and as many texts come due with each.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from time import sleep
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from patients.models import Site
from tests import canary
from tests.faults import PARTS, healing, overheard, world
from tests.faults.breaking import FaultInjector, name_of
from tests.faults.facts import collect, end_states, said_no, steady
from tests.faults.findings import RunFacts, Unsubscribed
from tests.faults.judge import RED_FLAG, complaints, possible_doubles
from tests.faults.reception import Reception
from tests.faults.stage import Servers, Stage, wait_for
from tests.faults.world import FaultPatient
from tests.waiting import HUNG

MIX = {
    "failing": {"30003": 0.05, "30008": 0.03, "30007": 0.02, "30005": 0.01},
    "silent": 0.03, "lost": 0.1, "doubled": 0.15, "shuffled": 0.2, "within": 3.0,
}  # fmt: skip
FEW, AT_THE_DESK = 24, 4
NO_MORE_MAIL = 4  # people who unsubscribe
TEXTS_FAIL = {"30007": 0.4, "30003": 0.2}  # to whom a mail may go instead
AT_LEAST = 2  # things done at reception's desk while a fault lasts, and after it
EACH = 2.5  # seconds, about, for a fault; what comes due with it is spread over so many


@dataclass
class Result:
    seed: int
    reminders: int
    faults: Counter[str] = field(default_factory=Counter)  # that landed
    missed: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    behaviours: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    taken: int = 0
    stops: int = 0
    texts: int = 0
    doubles: int = 0
    deeds: Counter[str] = field(default_factory=Counter)  # at reception's desk
    mails: Counter[str] = field(default_factory=Counter)
    heard: int = 0  # bytes of logs, of what was said to Redis and the like
    rest: float | None = None
    wrong: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.wrong and bool(self.faults) and self.rest is not None

    def __str__(self) -> str:
        how = "holds" if self.holds else "BROKEN"
        ends = ", ".join(f"{count} {state}" for state, count in sorted(self.ends.items()))
        rest = "never" if self.rest is None else f"{self.rest:.0f} s"
        lines = [
            f"{how}: seed {self.seed}, {self.reminders} reminders, at rest after {rest}",
            f"  asked {self.asked}, taken {self.taken}, possible doubles {self.doubles}; "
            f"{self.texts} texts came in, {self.stops} of them STOP",
            f"  ended: {ends}",
            "  mails: " + _counted(self.mails),
            f"  visits ({sum(self.deeds.values())}): " + _counted(self.deeds),
            f"  faults that landed ({sum(self.faults.values())}): " + _counted(self.faults),
            "  the provider's answers: " + _counted(self.behaviours),
            f"  {self.heard / 1e6:.1f} MB of logs, Redis, figures and addresses were searched for names",
        ]
        return "\n".join([*lines, *(f"  - {said}" for said in self.wrong[:20])])


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


class Run:
    def __init__(self, stage: Stage, people: list[FaultPatient], *, seed: int, reminders: int, faults: int) -> None:
        self.stage, self.faults = stage, faults
        self.chance = Random(seed)
        few = min(max(FEW, reminders // len(world.STEPS)), len(people) - AT_THE_DESK)
        self.people = self.chance.sample(people, few)  # few enough that a STOP has something to stop
        self.mailed = steady(world.with_mail)
        others = [person for person in people if person not in self.people]  # a 1 of theirs answers no other question
        self.reception = Reception(stage, self.chance.sample(others, AT_THE_DESK), seed=seed)
        self.result = Result(seed, reminders)
        self.pool = ThreadPoolExecutor(8)
        self.texts: list[Future[int]] = []
        self.unsubscribing: dict[str, Future[Unsubscribed]] = {}

    def play(self) -> Result:
        self.stage.provider.wish(fate=MIX | {"seed": self.result.seed}, latency=0.1)
        for person in self._with_both():
            fate = MIX | {"seed": self.result.seed, "failing": TEXTS_FAIL}
            self.stage.provider.wish(fate=fate, to=person.phone)
        steady(self._keep_hours)
        self.reception.open()
        self._break()
        healing.make_whole(self.stage)
        self.reception.close()
        for said in [*self.texts, *self.unsubscribing.values()]:
            said.result(timeout=HUNG)
        self.result.rest = healing.rest(self.stage, self._at_rest)
        sleep(2)  # nothing may move any more
        self._judge(self._all_facts())
        self.pool.shutdown()
        return self.result

    def _promise(self, told: list[tuple[FaultPatient, str]]) -> None:
        """Due at any moment of the next fault, to anybody, by any of a few steps."""
        now = world.now()
        for person, step in told:
            world.promise([person], at=now + timedelta(seconds=self.chance.uniform(0, EACH)), step=step)

    def _told(self) -> list[tuple[FaultPatient, str]]:
        """Nobody hears the same twice: of two texts alike in the provider's list nobody can say which is which."""
        told = [(person, step) for person in [*self.people, *self.mailed] for step in world.STEPS]
        told += [(person, step) for person in self.mailed for step in world.BY_MAIL]
        return self.chance.sample(told, self.result.reminders)

    def _with_both(self) -> list[FaultPatient]:
        return [person for person in self.mailed if person.phone]

    def _keep_hours(self) -> None:
        """One site is closed, one closes half-way, one opens half-way; where it is not about midnight."""
        now = world.now()
        half = now + timedelta(seconds=self.faults * EACH / 2)
        hours = [
            {"send_until": lambda zone: (now - timedelta(hours=1)).astimezone(zone).time()},
            {"send_until": lambda zone: half.astimezone(zone).time().replace(microsecond=0)},
            {"send_from": lambda zone: half.astimezone(zone).time().replace(microsecond=0)},
        ]
        awake = [site for site in Site.objects.order_by("code") if self._by_day(now, site.zone)]
        for site, change in zip(awake, hours, strict=False):
            for name, local in change.items():
                setattr(site, name, local(site.zone))
            site.save()

    def _by_day(self, now: datetime, zone: ZoneInfo) -> bool:
        return time(2) < now.astimezone(zone).time() < time(23)

    def _break(self) -> None:
        told = self._told()
        for number, fault in enumerate(islice(self._endless(), self.faults)):
            steady(partial(self._promise, told[number :: self.faults]))
            self._somebody_writes()
            self._somebody_unsubscribes()
            served = len(self.reception.deeds)
            landed = fault()
            self._until_the_desk_has_done(served + AT_LEAST)
            (self.result.faults if landed else self.result.missed)[name_of(fault)] += 1
            sleep(self.chance.uniform(0.5, 2))

    def _until_the_desk_has_done(self, number: int) -> None:
        wait_for(lambda: self.reception.is_free or len(self.reception.deeds) >= number)

    def _endless(self) -> Iterator[Callable[[], bool]]:
        """Those that fall to this seed first; and each comes up before one comes again."""
        breaker = FaultInjector(self.stage, self.people + self.mailed, self.chance)
        faults = breaker.faults() + breaker.mail_faults()
        own = faults[self.result.seed % PARTS :: PARTS]
        others = [fault for number, fault in enumerate(faults) if number % PARTS != self.result.seed % PARTS]
        while True:
            for some in (own, others):
                yield from self.chance.sample(some, len(some))

    def _somebody_writes(self) -> None:
        person = self.chance.choice(self.people + self._with_both())
        said = ["4", "7", canary.SCORE, canary.SAID, RED_FLAG]
        text = self.chance.choice([*said, *["STOP"] * 4] if self.result.stops < 8 else said)
        self.result.texts += 1
        self.result.stops += text == "STOP"
        repeated = self.chance.random() < 0.7  # else it is tried once: what is missed then, only the list knows
        self.texts.append(self.pool.submit(self.stage.text_in, person.phone, person.sender, text, repeated=repeated))

    def _somebody_unsubscribes(self) -> None:
        """By the link in the newest mail, as a mail program does by itself."""
        mails = [line for line in self.stage.mail.ledger() if line["taken"] and line["to"] not in self.unsubscribing]
        if mails and len(self.unsubscribing) < NO_MORE_MAIL and self.chance.random() < 0.8:
            address, link = mails[-1]["to"], mails[-1]["List-Unsubscribe"].strip("<>")
            self.unsubscribing[address] = self.pool.submit(self._unsubscribe, address, urlsplit(link).path)

    def _unsubscribe(self, address: str, path: str) -> Unsubscribed:
        """Whether the program said yes to it or not: it may have written it down all the same."""
        status, _ = self.stage.ask_web(path, body={"List-Unsubscribe": "One-Click"})
        return Unsubscribed(address, world.now() if status == 200 else None)

    def _at_rest(self) -> bool:
        return self.stage.provider.busy() == 0 and not complaints(self._facts())

    def _facts(self) -> RunFacts:
        desk = self.reception
        found = collect(self.stage.provider, mails=self.stage.mail.ledger())
        noes, stored = [said.result() for said in self.unsubscribing.values() if said.done()], steady(said_no)
        known = tuple(replace(no, stored=stored.get(no.address)) for no in noes if no.answered or no.address in stored)
        return replace(found, deeds=tuple(desk.deeds), shown=desk.shown(), unsubscribed=known)

    def _all_facts(self) -> RunFacts:
        """With what was overheard: a long search, made once."""
        said = overheard.said(self.stage)
        self.result.wrong += [f"nothing could be heard in {where}" for where in overheard.unsaid(said)]
        self.result.heard = sum(map(len, said.values()))
        surgeries = [person.surgery for person in self.people + self.mailed + self.reception.people]
        tokens = overheard.unsubscribe_tokens(self.stage.mail.ledger())
        return replace(self._facts(), said=said, secrets=overheard.secrets(surgeries, self.reception.token, *tokens))

    def _judge(self, facts: RunFacts) -> None:
        result = self.result
        result.wrong += [*self.reception.wrong, *complaints(facts)]
        result.deeds = Counter(deed.what for deed in facts.deeds)
        result.ends = end_states(facts)
        result.asked, result.taken = len(facts.ledger), sum(bool(line.sid) for line in facts.ledger)
        result.mails = Counter("taken" if line.taken else "refused" for line in facts.mails)
        result.mails["instead of a text"] = sum(delivery.is_fallback for _, delivery in facts.deliveries())
        result.mails["unsubscribed"] = len(facts.unsubscribed)
        result.doubles = possible_doubles(facts)
        result.behaviours = Counter(line.behaviour for line in facts.ledger)


def run(
    servers: Servers, people: list[FaultPatient], folder: Path, *, seed: int, reminders: int, faults: int
) -> Result:
    with Stage(servers, folder, level="DEBUG") as stage:
        world.visit(stage.address)
        try:
            return Run(stage, people, seed=seed, reminders=reminders, faults=faults).play()
        finally:
            world.leave()
