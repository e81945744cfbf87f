"""The stand-in for Twilio as a process of its own, spoken to through its second door."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.fakes import twilio as fake
from tests.servers.process import LEASH, free_port
from tests.waiting import HUNG

Line = dict[str, Any]


class FaultProvider:
    """`pids`: the ledger says which process asked; some milliseconds each."""

    def __init__(self, ledger: Path, *, web: str, pids: bool = False) -> None:
        self.ledger_path = ledger
        self.control = free_port()
        arguments = [
            "--ledger",
            str(ledger),
            "--control",
            str(self.control),
            "--web",
            web,
            *(["--pids"] if pids else []),
        ]
        self.log = ledger.with_suffix(".log").open("wb")
        self.popen = subprocess.Popen(
            [sys.executable, "-ES", str(LEASH), "-", sys.executable, "-m", "tests.fakes.twilio", *arguments],
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            start_new_session=True,
        )
        assert self.popen.stdout
        self.url = self.popen.stdout.readline().strip()
        if not self.url:
            raise RuntimeError(f"The stand-in did not start; see {self.log.name}.")

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def environment(self) -> dict[str, str]:
        return {
            "TWILIO_API_URL": self.url,
            "TWILIO_ACCOUNT_SID": fake.ACCOUNT,
            "TWILIO_API_KEY": fake.API_KEY,
            "TWILIO_API_SECRET": fake.API_SECRET,
            "TWILIO_AUTH_TOKEN": fake.AUTH_TOKEN,
        }

    def wish(self, **wish: Any) -> dict[str, Any]:
        """One of the wishes that `tests/fakes/twilio.py` lists."""
        request = Request(f"http://127.0.0.1:{self.control}/control", data=json.dumps(wish).encode())
        with urlopen(request, timeout=HUNG) as answer:  # noqa: S310
            return dict(json.loads(answer.read()))

    def behave(self, behaviour: str, *, to: str = "", times: int | None = None) -> None:
        self.wish(behaviour=behaviour, **({"to": to, "times": times} if to else {}))

    def text_in(self, url: str, sender: str, to: str, text: str) -> int:
        """What the program's web answered in the end; 0: nothing."""
        return int(self.wish(inbound={"url": url, "From": sender, "To": to, "Body": text})["status"])

    def ledger(self) -> list[Line]:
        return read_lines(self.ledger_path)

    def heard(self) -> list[Line]:
        """Texts from patients, each with what the program answered to it and when."""
        path = self.ledger_path.with_suffix(".inbound.jsonl")
        return read_lines(path) if path.exists() else []

    def truth(self) -> dict[str, Line]:
        """What became of every message, by its SID, whether the program was told or not."""
        return {message["sid"]: message for message in self.wish(state=True)["messages"]}

    def busy(self) -> int:
        return int(self.wish(state=True)["busy"])

    def stop(self) -> None:
        self.popen.kill()
        self.popen.wait()
        if self.popen.stdout:
            self.popen.stdout.close()
        self.log.close()


def read_lines(path: Path) -> list[Line]:
    return [json.loads(line) for line in path.read_text().splitlines()]
