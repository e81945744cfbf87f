"""A mark of the last round, kept outside the database, by which a restored back-up is noticed."""

import logging
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from redis import Redis, RedisError

from reminders.delivery import heartbeats
from reminders.delivery.safeguards import freeze

log = logging.getLogger(__name__)
OLDER_BY = timedelta(minutes=5)  # less than that is a round that wrote its mark and not its heartbeat, or two clocks
KEY = "aftercare:last-round"


def freeze_if_restored(now: datetime) -> bool:
    """Call it before anything else of a round. True: this database is older than the mark, and from now on frozen.

    A database without any round is a new one, not an old one. While nothing really leaves, nothing can be doubled.
    """
    remembered = heartbeats.last_round()
    left = _read() if settings.MESSAGES == "live" and remembered else None
    if remembered is None or left is None or left <= remembered + OLDER_BY:
        return False
    if freeze.in_force():
        return True
    why = f"This database ends at {freeze.spoken(remembered)}, but there were rounds until {freeze.spoken(left)}."
    log.error("%s It looks restored: nothing is sent until reconcile and release.", why)
    freeze.hold(f"{why} It looks restored.", now=now, blind_from=remembered)
    return True


def leave(now: datetime) -> None:
    """After the round's heartbeat, so that the mark is never ahead of it by itself."""
    if settings.MESSAGES != "live":
        return
    try:
        _file().write_text(now.isoformat())
        if settings.REDIS_URL:
            _redis().set(KEY, now.isoformat())
    except (OSError, RedisError) as error:
        log.warning("could not leave the mark of a round: %s", type(error).__name__)


def _read() -> datetime | None:
    """The later of both: a machine may be new, and Redis may have been emptied."""
    return max((moment for text in (_from_file(), _from_redis()) if (moment := _moment(text))), default=None)


def _from_file() -> str:
    return _file().read_text() if _file().exists() else ""


def _from_redis() -> str:
    try:
        return str(_redis().get(KEY) or "") if settings.REDIS_URL else ""
    except RedisError:
        return ""


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _file() -> Path:
    return Path(settings.VAR_DIR) / "last-round"


def _redis() -> Redis:
    return Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, decode_responses=True)
