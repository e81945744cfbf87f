"""The time zones that everything here computes with: those of the locked `tzdata` package. Pure.

`zoneinfo` asks the system's folders first and the package last, so an old system would decide when a message leaves.
"""

import re
import zoneinfo
from functools import cache
from importlib.resources import files
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements.txt"
PACKAGE = re.compile(r"^tzdata==(\d+)\.(\d+)", re.MULTILINE)
LAST_LETTER = 26


def use_package() -> None:
    """Ask no folder of the system, nor PYTHONTZPATH. Zones made before are forgotten."""
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()


@cache
def release() -> str:
    """IANA's name of the data in use, such as 2026f: read once, at the first question of this process."""
    found = re.search(r'^IANA_VERSION = "(\w+)"', files("tzdata").joinpath("__init__.py").read_text(), re.MULTILINE)
    return found[1] if found else ""


def locked_release(lock: Path = LOCK) -> str:
    """The release in the lock file, such as 2026f; empty where there is no such file or line."""
    found = PACKAGE.search(lock.read_text()) if lock.is_file() else None
    return named(int(found[1]), int(found[2])) if found else ""


def named(year: int, number: int) -> str:
    """IANA's name of a version of the package: 2026.6 is 2026f."""
    if not 1 <= number <= LAST_LETTER:
        raise ValueError(f"{year}.{number}")
    return f"{year}{chr(ord('a') + number - 1)}"


def is_older(one: str, other: str) -> bool:
    """Whether a release came before another: names of one year count up by their letter."""
    return bool(one and other) and one < other
