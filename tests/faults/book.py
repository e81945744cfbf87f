"""What was found, line by line, in a file that a run which was cut short takes up again at the same commit."""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

Row = dict[str, Any]
CHANGED = "-changed"  # after the commit of a tree that has more in it: what held there says nothing of the next run


def commit() -> str:
    ask = ["git", "describe", "--always", "--abbrev=40", "--exclude=*", f"--dirty={CHANGED}"]
    return subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip()


@dataclass
class Book:
    """Only what held is believed a second time: what broke is played again."""

    path: Path | None = None
    commit: str = field(default_factory=commit)
    rows: list[Row] = field(default_factory=list)
    drawn: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.path and self.path.exists() and not self.commit.endswith(CHANGED):
            lines = [line for line in map(_row, self.path.read_text().splitlines()) if line]
            ours = [line for line in lines if line["commit"] == self.commit]
            self.rows = [line for line in ours if line.get("holds")]
            self.drawn = next((line["drawn"] for line in reversed(ours) if "drawn" in line), [])

    def has(self, name: str) -> bool:
        return any(row["name"] == name for row in self.rows)

    def add(self, name: str, holds: bool, said: str) -> None:
        row = {"commit": self.commit, "name": name, "holds": holds, "said": said}
        self.rows.append(row)
        tqdm.write(said)
        self._write(row)

    def seeds(self, drawn: list[int]) -> list[int]:
        """Those the run that was cut short had drawn, where it had as many to play; else these, from now on."""
        if len(self.drawn) != len(drawn):
            self.drawn = drawn
            self._write({"commit": self.commit, "drawn": drawn})
        return self.drawn

    def holds(self) -> bool:
        return bool(self.rows) and all(row["holds"] for row in self.rows)

    def _write(self, row: Row) -> None:
        """A line that was cut short is ended first, so that it spoils no other."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            file.seek(max(0, file.seek(0, 2) - 1))
            cut_short = file.read(1) not in (b"", b"\n")
            file.write(b"\n" * cut_short + json.dumps(row).encode() + b"\n")


def _row(line: str) -> Row | None:
    """None: the run was ended while it wrote this."""
    try:
        return dict(json.loads(line))
    except ValueError:
        return None
