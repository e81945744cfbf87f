"""What was found out at this very state of the tree, so that a run that was stopped goes on where it was."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tests.mutants.mutant import Mutant


@dataclass(slots=True)
class Results:
    """`path`: a line for each mutant; what was written at another state of the tree is passed over."""

    path: Path
    tree: str
    red: dict[str, list[str]] = field(default_factory=dict)

    def load(self) -> None:
        if self.path.is_file():
            rows = [json.loads(line) for line in self.path.read_text().splitlines()]
            self.red = {row["mutant"]: row["red"] for row in rows if row["tree"] == self.tree}

    def of(self, mutant: Mutant) -> list[str] | None:
        """None: not tried yet."""
        return self.red.get(_key(mutant))

    def keep(self, mutant: Mutant, red: list[str]) -> None:
        self.red[_key(mutant)] = red
        self.path.parent.mkdir(parents=True, exist_ok=True)
        row = {"tree": self.tree, "mutant": _key(mutant), "guard": mutant.guard, "red": red}
        with self.path.open("a") as file:
            file.write(f"{json.dumps(row)}\n")

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)


def _key(mutant: Mutant) -> str:
    return sha256(repr(mutant).encode()).hexdigest()[:16]
