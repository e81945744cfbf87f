"""Plays side by side. Each lane is a process with servers of its own: what one breaks, no other one meets."""

import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path

from tests.faults.playing import Found, Play
from tests.faults.stage import Servers
from tests.faults.world import FaultPatient
from tests.servers.leash import tie

Work = Callable[[Connection], None]


def side_by_side(
    plays: Sequence[Play], servers: Servers, people: list[FaultPatient], folder: Path, *, lanes: int
) -> Iterator[Found]:
    """What came of each play, as it comes. `servers` have stopped; each lane begins with a copy of their databases."""

    def work(line: Connection) -> None:
        with servers.copy() as own:
            line.send(None)
            while (which := line.recv()) is not None:
                line.send(_played(plays[which], own, people, folder / f"play{which}"))

    with ExitStack() as stack:
        lines = [_begun(stack, work) for _ in range(min(lanes, len(plays)))]
        yield from _handed_out(lines, len(plays))


def _begun(stack: ExitStack, work: Work) -> Connection:
    """Forked, so that it has Django and the plays already; it ends with this process, whatever ends that."""
    fork = get_context("fork")
    ours, theirs = fork.Pipe()
    lane = fork.Process(target=_lane, args=(work, theirs))
    lane.start()
    theirs.close()
    stack.callback(lane.join)
    stack.callback(lane.terminate)
    return ours


def _lane(work: Work, line: Connection) -> None:
    if sys.platform == "linux":
        tie(signal.SIGTERM)
    with suppress(KeyboardInterrupt):
        work(line)


def _handed_out(lines: list[Connection], plays: int) -> Iterator[Found]:
    """To whichever lane is free, the next one. A lane that ends by itself fails the run."""
    todo = iter(range(plays))
    while lines:
        for line in wait(lines):
            try:
                found = line.recv()
            except EOFError:
                lines.remove(line)
                yield Found("a lane", False, "BROKEN: a lane ended by itself.")
                continue
            yield from found or ()
            which = next(todo, None)
            line.send(which)
            if which is None:
                lines.remove(line)


def _played(play: Play, servers: Servers, people: list[FaultPatient], folder: Path) -> list[Found]:
    """What goes wrong with the stage itself is no verdict, and is never believed."""
    try:
        return play.play(servers, people, folder)
    except Exception:
        return [Found(play.name, False, f"BROKEN: {play.name}\n{traceback.format_exc()}")]
