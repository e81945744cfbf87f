"""`python -m tests.faults`: see `--help`. Brings up all it needs; touches nothing but its own processes."""

import argparse
import os
import secrets
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("what", nargs="?", default="short", choices=["short", "long", "cases", "seeds", "mutants"])
    parser.add_argument("--scale", type=float, default=0.03, help="how much faster the waits are played (0.03)")
    parser.add_argument(
        "--seeds", type=lambda text: [int(one) for one in text.split(",")], default=[1], metavar="1,2,…"
    )
    parser.add_argument("--reminders", type=int, default=300)
    parser.add_argument("--span", type=float, default=45, help="seconds during which things break (45)")
    parser.add_argument("-k", dest="words", default="", help="only cases whose name has these words")
    parser.add_argument("--keep", type=Path, help="logs and ledgers stay in this folder")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aftercare-faults-")))
        folder.mkdir(parents=True, exist_ok=True)
        from tests.faults.stage import Servers

        if options.what == "mutants":
            return mutants(stack, options.words)
        servers = stack.enter_context(Servers(folder, scale=options.scale))
        os.environ |= servers.environment | {"DATABASE_URL": servers.address("base"), "REDIS_URL": servers.redis.url}
        import django

        django.setup()
        from tests.faults import playing

        if options.what == "seeds":
            return playing.seeds(servers, folder, options.seeds, reminders=options.reminders, span=options.span)
        return playing.cases(servers, folder, words=options.words)


def mutants(stack: ExitStack, words: str) -> int:
    """On plain servers, with the settings every test has."""
    from tests.faults.mutants import hunt
    from tests.servers import Postgres, Redis

    os.environ["SECRET_KEY"] = secrets.token_urlsafe(64)
    os.environ["DATABASE_URL"] = stack.enter_context(Postgres()).url
    os.environ["REDIS_URL"] = stack.enter_context(Redis()).url
    return hunt(words)


def numbers(text: str) -> list[int]:
    return [int(one) for one in text.split(",")]


if __name__ == "__main__":
    sys.exit(main())
