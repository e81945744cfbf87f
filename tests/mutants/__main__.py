"""`python -m tests.mutants`: take each rule out in turn, in a copy of the tree; the tests it names must turn red.

Needs DATABASE_URL and REDIS_URL (`python -m tests.servers run -- python -m tests.mutants`). Ctrl-C stops it; started
again, it goes on where it was; once product or tests have changed, all of it is tried anew.
"""

import argparse
import os
import sys

from tests.mutants import copied_tree
from tests.mutants.hunt import hunt
from tests.mutants.mutant import ROOT
from tests.mutants.results import Results
from tests.mutants.rules import EVERY
from tests.servers.leaving import leave_when_told


def main() -> int:
    options = _options()
    leave_when_told()
    wanted = [mutant for area, some in EVERY.items() for mutant in some if options.words in f"{area}: {mutant.guard}"]
    if not wanted:
        print(f"No rule has these words: {options.words}")
        return 2
    results = Results(ROOT / "var" / "mutants.jsonl", copied_tree.digest())
    if options.fresh:
        results.forget()
    results.load()
    return hunt(wanted, results, workers=options.workers)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-k", dest="words", default="", help=f"only rules with these words; areas: {', '.join(EVERY)}")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="how many at once (as many as cores)")
    parser.add_argument("--fresh", action="store_true", help="forget what was found out before")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("Stopped. Start it again, and it goes on where it was.")
        sys.exit(130)
