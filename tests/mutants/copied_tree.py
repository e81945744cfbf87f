"""A copy of the tree with a database of its own, in which one rule at a time is taken out and tests are run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from pathlib import Path

from tests.mutants.mutant import ROOT, Mutant

LONGEST = 600  # seconds: what has not ended by then hangs, and has noticed nothing
PYTEST = ["-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-p", "no:schemathesis"]


@dataclass(slots=True)
class CopiedTree:
    """`database`: the URL of one that only this copy uses; pytest makes its test database beside it."""

    folder: Path
    database: str
    running: "subprocess.Popen[str] | None" = None
    has_tables: bool = False
    _moments: Iterator[int] = field(default_factory=lambda: count(1))

    def fill(self) -> None:
        for name in files():
            target = self.folder / "tree" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)

    def red(self, mutant: Mutant) -> list[str]:
        """The tests that fail without the rule. Errors do not count: what cannot even begin proves nothing."""
        with self.without(mutant):
            said = self._in_tables_of_its_own(mutant.tests) if mutant.schema else self.run(mutant.tests)
        lines = [line.removeprefix("FAILED ") for line in said.splitlines() if line.startswith("FAILED ")]
        return [line.split(" - ")[0] for line in lines]

    @contextmanager
    def without(self, mutant: Mutant) -> Iterator[None]:
        """Each version of a file has a second of its own, so that no compiled one is taken for another."""
        path = self.folder / "tree" / mutant.path
        whole, then = path.read_text(), path.stat().st_mtime
        path.write_text(mutant.taken_out(whole))
        os.utime(path, (then, then + 10 * next(self._moments)))
        try:
            yield
        finally:
            path.write_text(whole)
            os.utime(path, (then, then))

    def run(self, tests: Sequence[str]) -> str:
        """What pytest says where it does not pass; empty where it does."""
        kept, self.has_tables = "--reuse-db" if self.has_tables else "--create-db", True
        return self._said([kept, *tests], self.database)

    def _in_tables_of_its_own(self, tests: Sequence[str]) -> str:
        return self._said(["--create-db", *tests], f"{self.database}_schema")

    def _said(self, arguments: Sequence[str], database: str) -> str:
        process = subprocess.Popen(
            [sys.executable, *PYTEST, *arguments],
            cwd=self.folder / "tree",
            env=self._environment(database),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # Ctrl-C is for whoever started this, who ends it
        )
        self.running = process
        try:
            said, _ = process.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            self.end()
            said = f"After {LONGEST} s it had not ended."
        return said if process.returncode else ""

    def end(self) -> None:
        """Ask once, with the signal on which pytest stops the servers it has started."""
        if self.running and self.running.poll() is None:
            self.running.terminate()
            try:
                self.running.wait(20)
            except subprocess.TimeoutExpired:
                self.running.kill()
                self.running.wait()

    def _environment(self, database: str) -> dict[str, str]:
        own = {"PYTHONPATH": str(self.folder / "tree"), "PYTHONPYCACHEPREFIX": str(self.folder.parent / "compiled")}
        plain = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return plain | own | {"MESSAGES": "outbox", "DATABASE_URL": database}


def files() -> list[str]:
    """All of the tree that is in git, or would be."""
    command = ["git", "ls-files", "-z", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return sorted(name for name in listed if name and (ROOT / name).is_file())


def digest() -> str:
    """Of every file's name and bytes: another one wherever anything was changed that a test may meet."""
    seen = sha256()
    for name in files():
        if not name.startswith("tests/mutants/") and not name.endswith(".md"):
            seen.update(f"{name}\0{sha256((ROOT / name).read_bytes()).hexdigest()}\n".encode())
    return seen.hexdigest()
