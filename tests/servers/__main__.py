"""`python -m tests.servers run -- COMMAND`: a command with DATABASE_URL and REDIS_URL set, and its exit code.

What the environment already names is used as it is; the rest is brought up, and stopped
again whatever happens.
"""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

from tests.servers import Postgres, Redis, ServerError
from tests.servers.leaving import leave_when_told

MIGRATED = "MIGRATED_DATABASE"  # the file that says how migrating ended: its exit code

GRACE = 20  # seconds a command gets to stop by itself


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        _parser().error("no command given; for example: python -m tests.servers run -- pytest")
    leave_when_told()
    with ExitStack() as stack:
        environment = os.environ | _temporary(stack) | (_embedded() if options.embedded else _servers(stack))
        if options.migrated and not os.environ.get("DATABASE_URL"):
            environment |= _migrated(stack, environment)
        return _obey(command, environment)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    run = parser.add_subparsers(required=True, metavar="run").add_parser("run", help="run a command with both servers")
    run.add_argument("--embedded", action="store_true", help="no servers: SQLite and the filesystem broker instead")
    run.add_argument("--migrated", action="store_true", help="our own PostgreSQL is migrated beside the command")
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    return parser


def _temporary(stack: ExitStack) -> dict[str, str]:
    """A `var` folder that goes away again, so that no test meets what `make run` keeps; nor a developer's `.env`."""
    return {
        "VAR_DIR": stack.enter_context(tempfile.TemporaryDirectory(prefix="aftercare-var-")),
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ENV_FILE": os.devnull,
    }


def _embedded() -> dict[str, str]:
    return {"DATABASE_URL": "", "REDIS_URL": ""}


def _servers(stack: ExitStack) -> dict[str, str]:
    return {
        "DATABASE_URL": os.environ.get("DATABASE_URL") or stack.enter_context(Postgres()).url,
        "REDIS_URL": os.environ.get("REDIS_URL") or stack.enter_context(Redis()).url,
    }


def _migrated(stack: ExitStack, environment: dict[str, str]) -> dict[str, str]:
    """Each pytest worker copies that database, once it is there, instead of migrating one of its own."""
    told = Path(environment["VAR_DIR"]) / "migrated"
    migrating = subprocess.Popen([sys.executable, "manage.py", "migrate", "--verbosity=0"], env=environment)
    stack.callback(_end, migrating, ask=True)
    Thread(target=lambda: told.write_text(str(migrating.wait())), daemon=True).start()
    return {MIGRATED: str(told)}


def _obey(command: list[str], environment: dict[str, str]) -> int:
    try:
        child = subprocess.Popen(command, env=environment)
    except FileNotFoundError:
        print(f"There is no command {command[0]!r}.", file=sys.stderr)
        return 127
    try:
        code = child.wait()
    except KeyboardInterrupt:  # the terminal has told the command as well
        _end(child, ask=False)
        raise
    except BaseException:
        _end(child, ask=True)
        raise
    return code if code >= 0 else 128 - code


def _end(child: subprocess.Popen[bytes], *, ask: bool) -> None:
    if ask:
        child.terminate()
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ServerError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
