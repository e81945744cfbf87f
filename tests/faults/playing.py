"""What is played on one stage: some cases one after the other, or one seed. Each is judged when all has healed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults import catalogue, chaos, healing, world
from tests.faults.book import Book
from tests.faults.cases import CaseVerdict, FaultCase, Theatre, judged_all, over, played
from tests.faults.stage import Servers, Stage
from tests.faults.world import FaultPatient


@dataclass(frozen=True)
class Found:
    """What came of a case or a seed."""

    name: str
    holds: bool
    said: str


@dataclass(frozen=True)
class CasesPlay:
    """A fault for each, then peace for all: what becomes of one does not hang on the next."""

    cases: Sequence[FaultCase]

    @property
    def name(self) -> str:
        return " · ".join(case.name for case in self.cases)

    def play(self, servers: Servers, people: list[FaultPatient], folder: Path) -> list[Found]:
        with Stage(servers, folder, pids=True) as stage:
            world.visit(stage.address)
            try:
                verdicts = self._verdicts(stage, people)
            finally:
                world.leave()
        return [Found(verdict.name, verdict.holds, str(verdict)) for verdict in verdicts]

    def _verdicts(self, stage: Stage, people: list[FaultPatient]) -> list[CaseVerdict]:
        theatre = Theatre(stage, people)
        trials = [played(case, theatre) for case in self.cases]
        healing.make_whole(stage)
        healing.rest(stage, lambda: over(theatre, trials))
        return judged_all(theatre, trials)


@dataclass(frozen=True)
class SeedPlay:
    seed: int
    reminders: int
    faults: int

    @property
    def name(self) -> str:
        return f"seed {self.seed}, {self.reminders} reminders, {self.faults} faults"

    def play(self, servers: Servers, people: list[FaultPatient], folder: Path) -> list[Found]:
        sizes = {"reminders": self.reminders, "faults": self.faults}
        result = chaos.run(servers, people, folder, seed=self.seed, **sizes)
        return [Found(self.name, result.holds, str(result))]


Play = CasesPlay | SeedPlay


def plays(book: Book, options: Any) -> Iterator[Play]:
    """All that is to be played and did not hold before. Outages come first: they take longest."""
    if options.what != "seeds":
        yield from _cases(book, words=options.words, short=options.what == "short")
    if options.what != "cases":
        for seed in options.seeds or book.seeds(options.drawn):
            play = SeedPlay(seed, options.reminders, options.faults)
            if not book.has(play.name):
                yield play


def _cases(book: Book, *, words: str, short: bool) -> Iterator[CasesPlay]:
    def wanted(case: FaultCase) -> bool:
        return words in case.name and (case.short or not short) and not book.has(case.name)

    yield from map(CasesPlay, catalogue.stages(wanted))
