"""What the processes of a run have said where anybody might read it, and what nobody may read there (I7)."""

from collections.abc import Iterable
from itertools import count
from urllib.parse import urlsplit

from django.conf import settings
from redis import Redis

from patients.models import Contact, Surgery
from tests import canary, given
from tests.fakes import twilio as fake
from tests.faults.facts import steady
from tests.faults.provider import Line
from tests.faults.stage import METRICS_TOKEN, Stage

TO_OTHERS, LEFT = "mails to nobody's patient", "Redis, what is left"
MAY_BE_EMPTY = (TO_OTHERS, LEFT)  # no error was mailed; nothing waited
PAGES = ("/metrics", "/health/")
READ = {  # each type of a value in Redis
    b"string": lambda redis, key: [redis.get(key) or b""],
    b"list": lambda redis, key: redis.lrange(key, 0, -1),
    b"set": lambda redis, key: redis.smembers(key),
    b"zset": lambda redis, key: redis.zrange(key, 0, -1),
    b"hash": lambda redis, key: [part for pair in redis.hgetall(key).items() for part in pair],
}


def said(stage: Stage) -> dict[str, str | bytes]:
    """By where: logs, Redis (what passed through it, and what is left), figures, addresses given to the provider."""
    found: dict[str, str | bytes] = {path.name: path.read_bytes() for path in stage.logs()}
    found["Redis, all that was said"] = bytes(stage.monitor.heard) if stage.monitor else b""
    found[LEFT] = b"\n".join(_left(stage.redis.url))
    found["callback addresses"] = "\n".join({line["StatusCallback"] for line in stage.provider.ledger()})
    mails = stage.mail.ledger()
    found["Message-IDs and subjects"] = "\n".join(line["Message-ID"] + " " + line["Subject"] for line in mails)
    own = set(steady(lambda: list(Contact.objects.exclude(email="").values_list("email", flat=True))))
    found[TO_OTHERS] = "\n".join(line.get("content", "") for line in mails if line["to"] not in own)
    for path in PAGES:
        status, page = stage.ask_web(path, {"Authorization": f"Bearer {METRICS_TOKEN}"})
        found[path] = page if status in (200, 503) else b""
    return found


def unsaid(found: dict[str, str | bytes]) -> list[str]:
    """Where nothing was said at all: what is not looked at names nobody, and proves nothing."""
    loud = [name for name in found if name.startswith("log")]
    return [name for name in found if not found[name] and name not in MAY_BE_EMPTY] + ["logs"] * (not loud)


def _left(url: str) -> Iterable[bytes]:
    with Redis.from_url(url) as redis:
        for key in redis.scan_iter(count=1_000):
            yield key
            read = READ.get(redis.type(key))
            yield b"\n".join(read(redis, key) if read else [redis.dump(key) or b""])


def unsubscribe_tokens(mails: Iterable[Line]) -> set[str]:
    """A new one in each mail."""
    return {urlsplit(line["List-Unsubscribe"].strip("<>")).path.strip("/").rpartition("/")[2] for line in mails} - {""}


def secrets(surgeries: Iterable[int], *tokens: str) -> dict[str, str]:
    """Names, numbers, words and links of these, and the keys of the house. `tokens`: what else opens a door."""
    rows = steady(lambda: list(Surgery.objects.filter(pk__in=list(surgeries)).select_related("care_plan")))
    found = steady(lambda: canary.secrets_of(*rows))
    keys = (settings.SECRET_KEY, METRICS_TOKEN, fake.API_SECRET, fake.AUTH_TOKEN, given.PASSWORD, *tokens)
    return found | dict(zip(map("token {}".format, count()), keys, strict=False))
