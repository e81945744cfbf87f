"""How a long command shows where it is: a bar on a terminal, a line now and then anywhere else."""

import sys
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

from tqdm import tqdm

T = TypeVar("T")
EVERY = 1000


class Shown:
    """`for row in shown(rows, "Taking", 10_000)`."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr

    def __call__(self, items: Iterable[T], label: str, total: int | None = None) -> Iterable[T]:
        if self.stream.isatty():
            bar: Iterable[T] = tqdm(items, desc=label, total=total, unit=" rows", file=self.stream, leave=True)
            return bar
        return self._lines(items, label, total)

    def _lines(self, items: Iterable[T], label: str, total: int | None) -> Iterator[T]:
        of = f" of {total:,}" if total is not None else ""
        for number, item in enumerate(items, start=1):
            yield item
            if number % EVERY == 0:
                print(f"{label}: {number:,}{of} rows", file=self.stream, flush=True)
