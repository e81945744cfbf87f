"""The number of the last round, noted outside the database: in a file in VAR_DIR, and in Redis where there is one.

Each place keeps the highest number it was given, whichever process comes last.
"""

import fcntl
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from time import monotonic

from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)
KEY = "aftercare:last-round"
PATIENCE = 1  # seconds that Redis may take
REST = 30  # seconds: a Redis that did not answer is left alone, as a claim must not wait for it each time
KEEP_THE_HIGHEST = """
local kept = tonumber(string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) ') or 0)
if tonumber(ARGV[1]) >= kept then redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2]) end
"""
_asleep = {"until": 0.0}


@dataclass(frozen=True, slots=True, order=True)
class RoundNote:
    """`number` 0: left by an Aftercare that noted only the time."""

    number: int
    at: datetime


def read() -> RoundNote | None:
    """The highest of all places: a machine may be new, and Redis may have been emptied."""
    texts = [_from_file() if "file" in settings.ROUND_NOTES else "", _from_redis() if _has_redis() else ""]
    return max((note for text in texts if (note := _parsed(text))), default=None)


def write(number: int, at: datetime) -> list[str]:
    """Note it in all places. Returns those that failed, with the name of the error."""
    failed = []
    for name, place in _places().items():
        try:
            place(number, at)
        except (OSError, RedisError) as error:
            failed.append(f"{name}: {type(error).__name__}")
    if failed:
        log.warning("could not note the number of a round: %s", ", ".join(failed))
    return failed


def _places() -> dict[str, Callable[[int, datetime], None]]:
    places: dict[str, Callable[[int, datetime], None]] = {"file": _to_file} if "file" in settings.ROUND_NOTES else {}
    return places | ({"redis": _to_redis} if _has_redis() else {})


def _has_redis() -> bool:
    return "redis" in settings.ROUND_NOTES and bool(settings.REDIS_URL)


def _parsed(text: str) -> RoundNote | None:
    number, _, moment = text.strip().rpartition(" ")
    try:
        return RoundNote(int(number or 0), datetime.fromisoformat(moment))
    except ValueError:
        return None


# The file


def _file() -> Path:
    return Path(settings.VAR_DIR) / "last-round"


def _from_file() -> str:
    try:
        return _file().read_text()
    except (OSError, UnicodeDecodeError):
        return ""


def _to_file(number: int, at: datetime) -> None:
    """Whole or not at all, also when the power fails."""
    file = _file()
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # given back when it is closed
        kept = _parsed(_from_file())
        if kept and kept.number > number:
            return
        with file.with_suffix(".new").open("w") as new:
            new.write(f"{number} {at.isoformat()}")
            new.flush()
            os.fsync(new.fileno())
        file.with_suffix(".new").replace(file)


# Redis


def _from_redis() -> str:
    try:
        return str(_asked().get(KEY) or "")
    except RedisError:
        _asleep["until"] = monotonic() + REST
        return ""


def _to_redis(number: int, at: datetime) -> None:
    try:
        _asked().eval(KEEP_THE_HIGHEST, 1, KEY, str(number), at.isoformat())
    except RedisError:
        _asleep["until"] = monotonic() + REST
        raise


def _asked() -> Redis:
    if monotonic() < _asleep["until"]:
        raise RedisError("it did not answer a moment ago")
    return _redis(settings.REDIS_URL)


@lru_cache(maxsize=1)
def _redis(url: str) -> Redis:
    """Asked once, and not for long: by itself the client would try again for half a minute."""
    once = Retry(NoBackoff(), 0)
    return Redis.from_url(
        url, decode_responses=True, retry=once, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
    )
