"""Play cases and seeds on a stage each, judge them when all has healed, and write the table of what held."""

from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from tqdm import tqdm

from tests.faults import catalogue, chaos, healing, world
from tests.faults.book import Book
from tests.faults.cases import CaseVerdict, FaultCase, Theatre, judged, over, played
from tests.faults.stage import Servers, Stage
from tests.faults.world import FaultPatient

REST = 180.0


def cases(servers: Servers, people: list[FaultPatient], folder: Path, book: Book, *, words: str, short: bool) -> None:
    """A fault for each, then peace for all: what becomes of one does not hang on the next."""

    def wanted(case: FaultCase) -> bool:
        return words in case.name and (case.short or not short) and not book.has(case.name)

    stages = list(catalogue.stages(wanted))
    with tqdm(total=sum(map(len, stages)), unit=" cases") as bar:
        for number, some in enumerate(stages):
            for verdict in _together(servers, people, folder / f"cases{number}", some, bar):
                book.add(verdict.name, verdict.holds, str(verdict))


def _together(
    servers: Servers, people: list[FaultPatient], folder: Path, some: Sequence[FaultCase], bar: tqdm
) -> list[CaseVerdict]:
    with Stage(servers, folder, pids=True) as stage:
        world.visit(stage.name)
        try:
            theatre, trials = Theatre(stage, people), []
            for case in some:
                trials.append(played(case, theatre))
                bar.update()
            healing.make_whole(stage)
            healing.rest(stage, lambda: over(theatre, trials), within=REST)
            return [judged(theatre, trial) for trial in trials]
        finally:
            world.leave()


def seeds(
    servers: Servers,
    people: list[FaultPatient],
    folder: Path,
    book: Book,
    wanted: list[int],
    *,
    reminders: int,
    span: float,
) -> None:
    for seed in tqdm(wanted, unit=" seeds"):
        name = f"seed {seed}, {reminders} reminders, {span:.0f} s"
        if book.has(name):
            continue
        result = chaos.run(servers, people, folder / f"seed{seed}", seed=seed, reminders=reminders, span=span)
        book.add(name, result.holds, str(result))


def everything(servers: Servers, folder: Path, options) -> int:
    """`short` is CI's part; `long` is all of it.

    In CI what broke is played once more: on a machine that stands still for seconds a run may meet what no promise is
    about. What is grave is broken the first time it is seen (`Book.is_grave`).
    """
    began, book = monotonic(), Book(options.results)
    people = world.lay_out(servers)
    _all(servers, people, folder / "first", book, options)
    if options.what == "short" and not book.holds() and not book.is_grave():
        print("\nWhat broke is played once more.")
        book.forget_what_broke()
        _all(servers, people, folder / "again", book, options)
    held = sum(bool(row["holds"]) for row in book.rows)
    print(f"\n{held} of {len(book.rows)} hold, after {monotonic() - began:.0f} s.")
    if options.table:
        options.table.write_text(table(book))
    return 0 if book.holds() else 1


def _all(servers: Servers, people: list[FaultPatient], folder: Path, book: Book, options) -> None:
    if options.what != "seeds":
        cases(servers, people, folder, book, words=options.words, short=options.what == "short")
    if options.what != "cases":
        wanted = options.seeds or book.seeds(options.drawn)
        seeds(servers, people, folder, book, wanted, reminders=options.reminders, span=options.span)


def table(book: Book) -> str:
    lines = [
        f"`python -m tests.faults`, commit {book.commit[:8]}",
        "",
        "```text",
        *(str(row["said"]) for row in book.rows),
        "```",
    ]
    return "\n".join(lines) + "\n"
