"""Play the cases one after the other, and judge them together when all has healed."""

from pathlib import Path

from tqdm import tqdm

from tests.faults import chaos, crash, healing, world
from tests.faults.cases import Theatre, judged, over, played
from tests.faults.stage import Servers, Stage


def cases(servers: Servers, folder: Path, *, words: str) -> int:
    people = world.lay_out(servers)
    wanted = [case for case in crash.cases() if words in case.name]
    with Stage(servers, folder / "cases") as stage:
        world.visit(stage.name)
        theatre = Theatre(stage, people)
        trials = []
        for case in tqdm(wanted, unit=" cases"):
            trials.append(played(case, theatre))
        healing.make_whole(stage)
        seconds = healing.rest(stage, lambda: over(theatre, trials), within=120)
        verdicts = [judged(theatre, trial) for trial in trials]
        for verdict in verdicts:
            print(verdict)
        print("rest after", seconds)
        from django.db import connection

        connection.close()
    return 0 if all(verdict.holds for verdict in verdicts) else 1


def seeds(servers: Servers, folder: Path, wanted: list[int], *, reminders: int, span: float) -> int:
    people = world.lay_out(servers)
    results = []
    for seed in tqdm(wanted, unit=" seeds"):
        results.append(chaos.run(servers, people, folder / f"seed{seed}", seed=seed, reminders=reminders, span=span))
        tqdm.write(str(results[-1]))
    return 0 if all(result.holds for result in results) else 1
