"""All of them tried, several at once: each worker has a copy of the tree and databases of its own."""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar
from urllib.parse import urlsplit

from tqdm import tqdm

from tests.mutants.copied_tree import CopiedTree
from tests.mutants.mutant import Mutant, faults
from tests.mutants.results import Results

What, Found = TypeVar("What"), TypeVar("Found")
AT_ONCE = 15  # tests of one run of pytest, while nothing is taken out


def hunt(mutants: Sequence[Mutant], results: Results, *, workers: int) -> int:
    """0: every rule is watched by every test that its entry names. 1: one is not. 2: an entry or a test is wrong."""
    if wrong := [sentence for mutant in mutants for sentence in faults(mutant)]:
        print("\n".join(wrong))
        return 2
    left = [mutant for mutant in mutants if results.of(mutant) is None]
    if left and not _try(left, results, workers=min(workers, len(left))):
        return 2
    return _tell(mutants, results, new=len(left))


def _try(mutants: Sequence[Mutant], results: Results, *, workers: int) -> bool:
    """False: not even unharmed do all the tests pass."""
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    some = [tests[first : first + AT_ONCE] for first in range(0, len(tests), AT_ONCE)]
    with _workers(workers) as pool:
        for _, said in pool.each(CopiedTree.run, some, f"{len(tests)} tests unharmed"):
            if said:
                print(f"Not even unharmed do all the tests pass:\n{said[-3_000:]}")
                return False
        for mutant, red in pool.each(CopiedTree.red, mutants, f"{len(mutants)} rules taken out"):
            results.keep(mutant, red)
            _say(mutant, red)
    return True


@dataclass(frozen=True, slots=True)
class Workers:
    threads: ThreadPoolExecutor
    trees: Sequence[CopiedTree]

    def each(
        self, act: Callable[[CopiedTree, What], Found], whats: Sequence[What], label: str
    ) -> Iterator[tuple[What, Found]]:
        """What was found of each, as it is found, on whichever tree is free."""
        free: SimpleQueue[CopiedTree] = SimpleQueue()
        for tree in self.trees:
            free.put(tree)

        def one(what: What) -> Found:
            tree = free.get()
            try:
                return act(tree, what)
            finally:
                free.put(tree)

        begun = {self.threads.submit(one, what): what for what in whats}
        for future in tqdm(as_completed(begun), label, len(begun), smoothing=0, dynamic_ncols=True):
            yield begun[future], future.result()


@contextmanager
def _workers(number: int) -> Iterator[Workers]:
    """However it is left, what was begun is ended first: a thread that waits for pytest hears no Ctrl-C."""
    threads = ThreadPoolExecutor(number)
    with tempfile.TemporaryDirectory(prefix="aftercare-mutants-") as folder:
        trees = [CopiedTree(Path(folder) / str(n), _database(n)) for n in range(number)]
        try:
            list(threads.map(CopiedTree.fill, trees))
            yield Workers(threads, trees)
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
            for tree in trees:
                tree.end()
            threads.shutdown()


def _database(number: int) -> str:
    url = urlsplit(os.environ["DATABASE_URL"])
    return url._replace(path=f"{url.path}_mutants{number}").geturl()


def _say(mutant: Mutant, red: Sequence[str]) -> None:
    tests = sorted({test.partition("[")[0].rpartition("/")[2] for test in red})
    tqdm.write(f"without {mutant.guard}: " + (", ".join(tests) or "NOTHING turns red"))


def blind(mutant: Mutant, red: Sequence[str]) -> list[str]:
    """The named tests that did not notice."""
    return [test for test in mutant.tests if not any(f"{one}[".startswith(f"{test}[") for one in red)]


def _tell(mutants: Sequence[Mutant], results: Results, *, new: int) -> int:
    unwatched = {mutant.guard: missed for mutant in mutants if (missed := blind(mutant, results.of(mutant) or []))}
    for guard, missed in unwatched.items():
        print(f"UNWATCHED: {guard}: nothing was noticed by {', '.join(missed)}")
    known = len(mutants) - new
    before = f" ({known} of them tried before, at this same state of the tree)" if known else ""
    print(f"{len(mutants) - len(unwatched)} of {len(mutants)} rules are watched{before}.")
    return 1 if unwatched else 0
