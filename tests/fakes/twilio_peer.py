"""Whose socket is at the other end: found from outside, so that the program that is killed needs no hook for it."""

import os
import signal
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
SYN_SENT, ESTABLISHED = "02", "01"


LOOKS = 5  # the kernel's table is read in pieces: on a busy machine a row can be missed


def pid_of(port: int, *, to: int) -> int | None:
    """The process that called from this local port."""
    for _ in range(LOOKS):
        inodes = {inode for local, remote, _, inode in connections() if (local, remote) == (port, to)}
        if found := holders(inodes):
            return min(found)
    return None


def knocking(to: int, *, among: Collection[int] | None = None) -> set[int]:
    """Processes, `among` these or all, whose connection to this port is unanswered: not one byte has left them."""
    return holders({inode for _, remote, state, inode in connections() if remote == to and state == SYN_SENT}, among)


def connections() -> list[tuple[int, int, str, str]]:
    """Local port, remote port, state and inode of every TCP socket over IPv4."""
    rows = []
    for line in (PROC / "net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        rows.append((_port(fields[1]), _port(fields[2]), fields[3], fields[9]))
    return rows


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)


def holders(inodes: set[str], among: Collection[int] | None = None) -> set[int]:
    """Who has one of these sockets open; the youngest process where a fork shares it."""
    wanted = {f"socket:[{inode}]" for inode in inodes if inode != "0"}
    found: set[int] = set()
    for pid in sorted(_everybody() if among is None else among, reverse=True) if wanted else ():
        if pid != os.getpid() and (theirs := _links(PROC / f"{pid}/fd") & wanted):
            found.add(pid)
            wanted -= theirs
            if not wanted:
                break
    return found


def _everybody() -> list[int]:
    return [int(folder.name) for folder in PROC.iterdir() if folder.name.isdigit()]


def _links(folder: Path) -> set[str]:
    links = set()
    with suppress(OSError):  # it ended, or it is not ours
        for entry in os.scandir(folder):
            with suppress(OSError):
                links.add(os.readlink(entry.path))
    return links


def kill(pid: int | None) -> bool:
    """SIGKILL, at once. False: it is gone already."""
    if not pid:
        return False
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
