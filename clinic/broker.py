"""What Redis says about itself: whether it answers, whether it may drop tasks, and how full it is."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from reminders.delivery.monitoring import problems
from reminders.delivery.monitoring.watchdogs import WatchdogWarning

PATIENCE = 1  # seconds: who asks after our health does not wait longer
FULL = 0.9  # of its memory


def warnings() -> list[WatchdogWarning]:
    """Warnings about Redis; none on the embedded stack, whose tasks travel through files."""
    return list(_read(settings.REDIS_URL)) if settings.REDIS_URL else []


def _read(url: str) -> Iterator[WatchdogWarning]:
    try:
        with Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as client:
            yield from judged(client.info("memory"))
    except RedisError:
        yield _of("redis_away")


def judged(memory: dict[str, Any]) -> Iterator[WatchdogWarning]:
    """Warnings about Redis' memory. `memory`: the answer to INFO memory; only `noeviction` never drops queues."""
    if memory.get("maxmemory_policy", "noeviction") != "noeviction":
        yield _of("redis_policy")
    limit = int(memory.get("maxmemory", 0))
    if limit and int(memory.get("used_memory", 0)) >= FULL * limit:
        yield _of("redis_memory")


def _of(kind: str) -> WatchdogWarning:
    trouble = problems.of(kind)
    return WatchdogWarning(kind, None, 0, trouble.sentence, trouble.urgent)
