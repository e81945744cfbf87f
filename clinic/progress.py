"""Progress of a long task: a bar on a terminal, a line every few seconds anywhere else."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Self, TextIO

from tqdm import tqdm

EVERY = 3.0  # seconds between two lines, however long one step takes


class Progress:
    """`with Progress("Creating the tables", 57, "migrations", stream) as progress: progress.at(5, "auth.0002")`.

    A thread writes, so that a single long step is not silent either. `wait`: waits so many seconds and says whether
    the work is over meanwhile.
    """

    def __init__(
        self, label: str, total: int, unit: str, stream: TextIO, *, wait: Callable[[float], bool] | None = None
    ) -> None:
        self.label, self.total, self.unit, self.stream = label, total, unit, stream
        self.done, self.detail = 0, ""
        self.over = Event()
        self.wait = wait or self.over.wait
        self.bar = tqdm(desc=label, total=total, unit=f" {unit}", file=stream) if stream.isatty() else None
        self.thread = Thread(target=self._repeat, daemon=True)

    def __enter__(self) -> Self:
        self._write()
        self.thread.start()
        return self

    def at(self, done: int, detail: str = "") -> None:
        self.done, self.detail = done, detail
        if self.bar:
            self.bar.set_postfix_str(detail, refresh=False)
            self.bar.update(done - self.bar.n)

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()
        if self.bar:
            self.bar.close()
        else:
            self._write()

    def _repeat(self) -> None:
        while not self.wait(EVERY):
            self._write()

    def _write(self) -> None:
        if self.bar:
            self.bar.refresh()
        else:
            detail = f" ({self.detail})" if self.detail else ""
            print(f"{self.label}: {self.done} of {self.total} {self.unit}{detail}", file=self.stream, flush=True)
