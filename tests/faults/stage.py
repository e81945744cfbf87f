"""Everything a service is made of, on free ports of this machine: started, broken and healed by the one who runs it."""

import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from copy import copy
from http.client import HTTPException
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import Request, urlopen

import psycopg

from tests.faults.postbox import Postbox
from tests.faults.provider import FaultProvider
from tests.processes.forking import ForkServer
from tests.processes.running import ChildProcess, Machine
from tests.servers import Postgres, Redis
from tests.servers.monitor import Monitor
from tests.servers.process import HOST, free_port
from tests.waiting import HUNG, until

PUBLIC = "https://clinic.example.org"
INBOUND = f"{PUBLIC}/webhooks/sms/inbound/"
REPEATED = "#rc=5&rp=all"  # how a site's number is set up at the provider (docs/deploy.md)
METRICS_TOKEN = secrets.token_urlsafe(32)
BASE = "base"  # the database every run is copied from


class Stage:
    """One run: its own database (a copy of `base`), an empty Redis, and all processes. Leave it and nothing is left.

    `level` DEBUG: they say all they can, and what is said to Redis is heard.
    """

    def __init__(
        self, servers: "Servers", folder: Path, *, level: str = "WARNING", window: int = 10, pids: bool = False
    ) -> None:
        self.servers, self.folder, self.pids = servers, folder, pids
        self.postgres, self.redis = servers.postgres, servers.redis
        self.name = f"run_{secrets.token_hex(4)}"
        self.port = free_port()
        shutil.rmtree(folder, ignore_errors=True)  # an earlier run's ledger would be taken for this one's
        folder.mkdir(parents=True)
        self.stack = ExitStack()
        self.monitor: Monitor | None = None
        self.settings = {"LOG_LEVEL": level, "SEND_WINDOW": str(window), "METRICS_TOKEN": METRICS_TOKEN}

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.stack.close()

    def _open(self) -> None:
        self.servers.create(self.name)
        self.stack.callback(self.servers.drop, self.name)
        self.redis.flush()
        if self.settings["LOG_LEVEL"] == "DEBUG":
            self.monitor = Monitor(self.redis.port)
            self.stack.callback(self.monitor.stop)
        self.provider = FaultProvider(self.folder / "ledger.jsonl", web=f"http://{HOST}:{self.port}", pids=self.pids)
        self.stack.callback(self.provider.stop)
        self.mail = Postbox(self.folder / "mails.jsonl")
        self.stack.callback(self.mail.stop)
        environment = os.environ | self.servers.environment | self.provider.environment | self.settings
        environment |= self.mail.environment | {"DATABASE_URL": self.address, "REDIS_URL": self.redis.url}
        server = ForkServer(environment, log=self.folder / "forking")
        self.stack.callback(server.stop)
        self.machine = Machine(environment, self.folder, server=server)
        self.stack.callback(self.machine.stop)
        self.start()

    def start(self) -> None:
        """The programs, as in docker-compose.yml: two that send and do the rest, the clock, the web."""
        self.workers = [self.machine.worker(), self.machine.worker()]
        self.beat = self.machine.beat()
        self.web = self.machine.web(self.port)
        self.machine.watch()
        self.machine.wait_until(lambda: self.web_answers() and all(len(w.children()) == 2 for w in self.workers))

    @property
    def address(self) -> str:
        return self.servers.address(self.name)

    def programs(self) -> dict[str, ChildProcess]:
        return {"worker 1": self.workers[0], "worker 2": self.workers[1], "beat": self.beat, "web": self.web}

    def web_answers(self) -> bool:
        return self.ask_web("/health/")[0] in (200, 503)

    def ask_web(
        self, path: str, headers: Mapping[str, str] | None = None, body: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """As the proxy before it would, by POST where there is a body: the status and what it says. 0: no answer."""
        asked = {"Host": urlsplit(PUBLIC).netloc, "X-Forwarded-Proto": "https"} | dict(headers or {})
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"http://{HOST}:{self.port}{path}", data=data, headers=asked)
        try:
            with _opened(request) as answer:
                return answer.status, answer.read()
        except (OSError, HTTPException):  # also in the middle of its words
            return 0, b""

    def text_in(self, sender: str, to: str, text: str, *, repeated: bool = True) -> int:
        return self.provider.text_in(INBOUND + (REPEATED if repeated else ""), sender, to, text)

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection[Any]]:
        """A session of the one who breaks things, beside the program's; not in a transaction until asked."""
        with psycopg.connect(self.address, autocommit=True, connect_timeout=int(HUNG)) as connection:
            yield connection

    def logs(self) -> list[Path]:
        return sorted(self.folder.glob("log*"))


class Servers:
    """PostgreSQL and Redis for all runs, and the settings every program has in common."""

    def __init__(self, folder: Path, *, scale: float) -> None:
        self.postgres, self.redis = (
            Postgres(track_commit_timestamp="on"),
            Redis(),
        )  # which came first, says the database
        self.environment = {
            "DJANGO_SETTINGS_MODULE": "clinic.settings",
            "ENV_FILE": os.devnull,
            "SECRET_KEY": secrets.token_urlsafe(64),
            "MESSAGES": "live",
            "DEBUG": "false",
            "DEMO": "false",
            "PUBLIC_URL": PUBLIC,
            "ALLOWED_HOSTS": f"{urlsplit(PUBLIC).netloc},127.0.0.1",
            "BEHIND_PROXY": "true",
            "WAITS_SCALE": str(scale),
            "SWEEP_EVERY": "1",
            "PYTHONUNBUFFERED": "1",
            "VAR_DIR": str(folder / "var"),
        }

    def __enter__(self) -> Self:
        try:
            self.postgres.start()
            self.redis.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self.redis.close()
        self.postgres.close()

    def copy(self) -> "Servers":
        """Others with the same databases and settings, not yet started; these must have stopped."""
        other = copy(self)
        other.postgres, other.redis = self.postgres.copy(), Redis()
        return other

    def address(self, database: str) -> str:
        return urlunsplit(urlsplit(self.postgres.url)._replace(path=f"/{database}"))

    def ask(self, statement: str) -> None:
        """To the server itself, which may just be coming up again."""
        deadline = time.monotonic() + HUNG
        while True:
            try:
                with psycopg.connect(self.address("postgres"), autocommit=True, connect_timeout=5) as connection:
                    connection.execute(statement)
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def create(self, name: str) -> None:
        self.ask(f"CREATE DATABASE {name} TEMPLATE {BASE}")

    def drop(self, name: str) -> None:
        self.ask(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _opened(request: Request) -> Any:
    try:
        return urlopen(request, timeout=HUNG)  # noqa: S310
    except HTTPError as error:
        return error  # an answer too


def wait_for(ready: Callable[[], bool], *, missed: Callable[[], bool] = lambda: False, every: float = 0.01) -> bool:
    """Whether it came true; not, as soon as it has been `missed`. Never by the clock: AssertionError where it hangs."""
    found = False

    def is_over() -> bool:
        nonlocal found
        found = ready()
        return found or missed()

    until(is_over, what="a fault has struck, or missed", every=every)
    return found
