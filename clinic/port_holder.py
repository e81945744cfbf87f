"""Who listens on a port of this machine, for whoever wants it."""

import shutil
import subprocess
from pathlib import Path

PROC = Path("/proc")
LISTENING = "0A"  # in /proc/net/tcp


def holder(port: int) -> tuple[int, str] | None:
    """The process id and the command of whoever listens there. None: another user's, or nobody can tell."""
    pid = _by_proc(port) if (PROC / "net/tcp").exists() else _by_lsof(port)
    return (pid, _command(pid)) if pid else None


def _by_proc(port: int) -> int | None:
    sockets = {f"socket:[{inode}]" for table in ("tcp", "tcp6") for inode in _inodes(PROC / "net" / table, port)}
    for link in PROC.glob("[0-9]*/fd/*"):
        try:
            if str(link.readlink()) in sockets:
                return int(link.parts[2])
        except OSError:  # another user's, or it has just ended
            continue
    return None


def _inodes(table: Path, port: int) -> list[str]:
    if not table.exists():
        return []
    rows = [line.split() for line in table.read_text().splitlines()[1:]]
    return [row[9] for row in rows if row[3] == LISTENING and int(row[1].rpartition(":")[2], 16) == port]


def _by_lsof(port: int) -> int | None:
    """macOS has no /proc, but this program."""
    if (lsof := shutil.which("lsof")) is None:
        return None
    asked = [lsof, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-t"]
    told = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=False).stdout.split()  # noqa: S603
    return int(told[0]) if told else None


def _command(pid: int) -> str:
    """Its first words, which tell a forgotten Aftercare from another program."""
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return ""
    return " ".join(words).strip()[:80]
