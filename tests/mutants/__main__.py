"""`python -m tests.mutants [WORDS]`: each guard out in turn, in a copy of the tree; which test turned red?

Needs DATABASE_URL (PostgreSQL) and REDIS_URL: `make mutants`. Exit code 1 when a guard is not missed by any test, or
when its text is not in its file any more.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tqdm import tqdm

from tests.mutants.guards import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".*_cache", ".hypothesis")
PATIENCE = 600  # seconds for the tests of one mutant


def main(words: list[str]) -> int:
    chosen = [mutant for mutant in MUTANTS if all(word in mutant.guard for word in words)]
    width = max((len(mutant.guard) for mutant in chosen), default=0)
    missed = 0
    with tempfile.TemporaryDirectory(prefix="aftercare-mutants-") as folder:
        copy = Path(shutil.copytree(ROOT, Path(folder) / "tree", ignore=LEFT_OUT))
        for mutant in tqdm(chosen, unit=" guards", file=sys.stderr, disable=None):
            test = _noticed(mutant, copy)
            missed += not test
            tqdm.write(f"{mutant.guard.ljust(width)}  {test or 'NOBODY NOTICED'}", file=sys.stdout)
    print(f"{len(chosen) - missed} of {len(chosen)} guards are missed by a test when they are gone")
    return 1 if missed or not chosen else 0


def _noticed(mutant: Mutant, copy: Path) -> str:
    """The first test that turned red without this guard; empty: none did."""
    file = copy / mutant.file
    whole = file.read_text()
    file.write_text(_without(mutant, whole))
    try:
        return _red(mutant.tests, copy)
    finally:
        file.write_text(whole)


def _without(mutant: Mutant, whole: str) -> str:
    for old, new in mutant.changes:
        if whole.count(old) != 1:
            raise SystemExit(f"{mutant.guard}: its text stands {whole.count(old)} times in {mutant.file}, not once.")
        whole = whole.replace(old, new)
    return whole


def _red(tests: tuple[str, ...], copy: Path) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", "-rfE", *tests]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=PATIENCE, check=False)
    red = [line for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    if done.returncode not in (0, 1) or (done.returncode == 1 and not red):
        raise SystemExit(f"The tests could not be run: {' '.join(tests)}\n{done.stdout[-2_000:]}{done.stderr[-1_000:]}")
    return red[0].removeprefix("FAILED ").split(" - ")[0] if red else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
