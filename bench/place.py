"""Where a run takes place: a database of its own and the provider's stand-in, both gone again afterwards."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bench.child import Child
from tests.fakes import twilio as fake


@contextmanager
def database(server: str) -> Iterator[str]:
    """An empty database `bench_…` on this PostgreSQL; its address. Dropped whatever happens."""
    name = f"bench_{os.getpid()}_{secrets.token_hex(3)}"
    _ask(server, f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        _ask(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _ask(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


class BenchProvider:
    """The stand-in, a process of its own that answers after `latency` seconds; its ledger is the witness."""

    def __init__(self, folder: Path, *, latency: float) -> None:
        self.ledger = folder / "ledger.jsonl"
        arguments = ["--ledger", str(self.ledger), "--latency", str(latency)]
        self.child = Child("-m", "tests.fakes.twilio", *arguments)
        self.url = self.child.line()
        self.read = 0  # bytes of the ledger that earlier rounds have seen

    @property
    def environment(self) -> dict[str, str]:
        return {
            "TWILIO_API_URL": self.url,
            "TWILIO_ACCOUNT_SID": fake.ACCOUNT,
            "TWILIO_API_KEY": fake.API_KEY,
            "TWILIO_API_SECRET": fake.API_SECRET,
            "TWILIO_AUTH_TOKEN": fake.AUTH_TOKEN,
        }

    def accepted(self) -> list[float]:
        """When each message was accepted since the last look."""
        with self.ledger.open() as ledger:
            ledger.seek(self.read)
            lines = [json.loads(line) for line in iter(ledger.readline, "")]
            self.read = ledger.tell()
        return [line["time"] for line in lines if line["sid"]]
