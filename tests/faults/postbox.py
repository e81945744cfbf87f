"""The mail server as a process of its own, and what it wrote down."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.faults.provider import Line, read_lines
from tests.servers.process import HOST, LEASH
from tests.waiting import HUNG


class Postbox:
    """Killed and started again it has the same address and the same ledger, and is in order."""

    def __init__(self, ledger: Path) -> None:
        self.path = ledger
        self.log = ledger.with_suffix(".log").open("wb")
        self.port = self.control = 0
        self.start()

    def start(self) -> None:
        doors = ["--port", str(self.port), "--control", str(self.control), "--ledger", str(self.path)]
        self.popen = subprocess.Popen(
            [sys.executable, "-ES", str(LEASH), "-", sys.executable, "-m", "tests.fakes.mailroom", *doors],
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            start_new_session=True,
        )
        assert self.popen.stdout
        said = self.popen.stdout.readline().split()
        if len(said) != 2:
            raise RuntimeError(f"The mail server did not start; see {self.log.name}.")
        self.port, self.control = map(int, said)

    @property
    def environment(self) -> dict[str, str]:
        return {"EMAIL_HOST": HOST, "EMAIL_PORT": str(self.port)}

    def behave(self, mode: str, **whom: Any) -> None:
        """`to`, `times`: one address, so many times."""
        wish = json.dumps({"mode": mode, **whom}).encode()
        with urlopen(Request(f"http://{HOST}:{self.control}/", data=wish), timeout=HUNG):
            return

    def ledger(self) -> list[Line]:
        return read_lines(self.path) if self.path.exists() else []

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait()
        if self.popen.stdout:
            self.popen.stdout.close()

    def stop(self) -> None:
        self.kill()
        self.log.close()
