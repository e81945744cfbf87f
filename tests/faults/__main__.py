"""`python -m tests.faults`: break everything while it sends. Brings up all it needs, touches only its own processes.

short: what CI plays, a part of the cases and 5 fixed seeds · long: every case and 20 seeds · cases · seeds.
Without a word: long with TESTS=full, else short.
"""

import argparse
import os
import secrets
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.faults import PARTS
from tests.servers.leaving import leave_when_told
from tests.size import sized

SIZES = {  # seeds, reminders of each, faults
    "short": (5, 80, 7),
    "long": (int(os.environ.get("SEEDS", "20")), 400, 28),
}
BUILD = [828830, 202786, 99787, 522343, 96924]  # one of each part: a build fails for its change, not for its draw
LANES = 4  # they wait more than they work; each is about 700 MB


def main() -> int:
    options = _options()
    leave_when_told()
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aftercare-faults-")))
        folder.mkdir(parents=True, exist_ok=True)
        return everything(folder, options)


def everything(folder: Path, options: argparse.Namespace) -> int:
    """Django is set up for the databases that are to come."""
    from tests.faults.stage import Servers

    servers = Servers(folder, scale=options.scale)
    os.environ |= servers.environment | {"DATABASE_URL": servers.address("base"), "REDIS_URL": servers.redis.url}
    import django

    django.setup()
    from tests.faults import run

    with servers:
        return run.everything(servers, folder, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "what", nargs="?", default=sized(build="short", full="long"), choices=["short", "long", "cases", "seeds"]
    )
    parser.add_argument("-k", dest="words", default="", help="only cases whose name has these words")
    parser.add_argument("--seeds", type=numbers, metavar="1,2,…", help="these and no others (else SEEDS=20 of them)")
    parser.add_argument("--reminders", type=int, help="in a seed's run")
    parser.add_argument("--faults", type=int, help="in a seed's run")
    parser.add_argument("--lanes", type=int, default=LANES, help=f"plays side by side ({LANES})")
    parser.add_argument("--scale", type=float, default=0.03, help="how much faster the waits are played (0.03)")
    parser.add_argument("--results", type=Path, help="a file: what held there at this commit is not played again")
    parser.add_argument("--table", type=Path, help="also write what held into this file, as markdown")
    parser.add_argument("--keep", type=Path, help="logs and ledgers stay in this folder")
    options = parser.parse_args()
    number, reminders, faults = SIZES["short" if options.what == "short" else "long"]
    options.drawn = BUILD if options.what == "short" else [_drawn(part) for part in range(number)]
    options.reminders, options.faults = options.reminders or reminders, options.faults or faults
    return options


def _drawn(part: int) -> int:
    """A seed nobody chose; where it finds something, it is printed and brings it back."""
    return secrets.randbelow(200_000) * PARTS + part % PARTS


def numbers(text: str) -> list[int]:
    return [int(one) for one in text.split(",")]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
