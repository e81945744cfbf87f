"""Install a lock into a virtual environment: `python install.py .venv requirements.txt`, as the Makefile does.

uv does it, several times as fast as pip: the one on PATH, else the one in requirements-uv.txt, which pip puts into the
environment. Where there is no uv for this machine, or it fails, pip installs everything. Both check every file against
the hashes in the lock. Needs only the standard library, and prints something every three seconds.
"""

from __future__ import annotations  # an older Python must get as far as the sentence that says it is too old

import ast
import os
import shutil
import subprocess
import sys
import time
import venv
from importlib import metadata
from pathlib import Path

OLDEST_PYTHON = (3, 11)
PIP_WITH_PYTHON_OPTION = (22, 3)  # `pip --python` saves unpacking a second pip into the environment
PROGRESS_EVERY = 3  # seconds
UV_LOCK = Path(__file__).resolve().parent / "requirements-uv.txt"
UV_VARIABLES = {  # by the setting of pip that says the same: uv does not read pip's configuration
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}


def main(folder: str, lock: str) -> int:
    """The exit code."""
    if sys.version_info < OLDEST_PYTHON:
        write("Python 3.11 or newer is needed, for example: make PYTHON=python3.12 run")
        return 1
    started = time.monotonic()
    write(f"Installing {lock} into {folder} ...")
    python = make_environment(Path(folder))
    if not (install_with_uv(python, lock) or install_with_pip(python, lock)):
        return 1
    write(f"Installed in {time.monotonic() - started:.0f} s.")
    return 0


def make_environment(folder: Path) -> str:
    """Its Python. An environment that was left half-made is completed."""
    python = folder / "bin" / "python"
    if not works(str(python), "--version"):
        venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
    return str(python)


def install_with_uv(python: str, lock: str) -> bool:
    uv = find_uv(python) or bootstrap_uv(python)
    if not uv:
        write("uv cannot be installed here; using pip instead, which takes a minute or two.")
        return False
    any_index = {"UV_INDEX_STRATEGY": "unsafe-best-match"}  # as pip does; the hashes say which file is the right one
    variables = {**any_index, **uv_variables(pip_settings()), **os.environ}
    quiet = [] if is_terminal() else ["--quiet"]
    write("Fetching the packages ...")
    if run([uv, "pip", "install", *quiet, "--python", python, "--require-hashes", "-r", lock], variables):
        return True
    write("uv failed; trying again with pip, which takes a minute or two.")
    return False


def find_uv(python: str) -> str | None:
    for uv in (shutil.which("uv"), str(Path(python).with_name("uv"))):
        if uv and works(uv, "--version"):
            return uv
    return None


def bootstrap_uv(python: str) -> str | None:
    write("Fetching uv, the installer ...")
    return find_uv(python) if install_with_pip(python, str(UV_LOCK)) else None


def install_with_pip(python: str, lock: str) -> bool:
    quiet = ["--progress-bar=on"] if is_terminal() else ["--quiet", "--quiet"]
    options = [*quiet, "--no-input", "--disable-pip-version-check", "--no-compile", "--require-hashes"]
    return run([*pip_for(python), "install", *options, "-r", lock])


def pip_for(python: str) -> list[str]:
    """The pip of the Python that runs this, if it can work in another environment; else one inside it."""
    try:
        version = tuple(int(part) for part in metadata.version("pip").split(".")[:2])
    except (metadata.PackageNotFoundError, ValueError):
        version = (0, 0)
    if version >= PIP_WITH_PYTHON_OPTION:
        return [sys.executable, "-m", "pip", "--python", python]
    if not works(python, "-m", "pip", "--version"):
        run([python, "-m", "ensurepip"])
    return [python, "-m", "pip"]


def pip_settings() -> dict[str, str]:
    """What pip is set to on this machine, by its files or by PIP_ variables, which win."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    return parsed(subprocess.run(command, capture_output=True, text=True).stdout)  # noqa: S603


def parsed(listing: str) -> dict[str, str]:
    found: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    for line in listing.splitlines():  # global.index-url='https://...'
        section, _, rest = line.partition(".")
        name, _, value = rest.partition("=")
        if section in found:
            found[section][name] = str(ast.literal_eval(value))
    return {**found["global"], **found["install"], **found[":env:"]}


def uv_variables(settings: dict[str, str]) -> dict[str, str]:
    variables = {uv: " ".join(settings[pip].split()) for pip, uv in UV_VARIABLES.items() if settings.get(pip)}
    if "UV_FIND_LINKS" in variables:  # the only list that uv wants with commas
        variables["UV_FIND_LINKS"] = variables["UV_FIND_LINKS"].replace(" ", ",")
    return variables


def works(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True).returncode == 0  # noqa: S603
    except OSError:
        return False


def run(command: list[str], variables: dict[str, str] | None = None) -> bool:
    """Whether it succeeded. Writes how long it has been running, unless a terminal shows its own progress bar."""
    started = time.monotonic()
    with subprocess.Popen(command, env=variables) as process:  # noqa: S603
        while True:
            try:
                return process.wait(timeout=None if is_terminal() else PROGRESS_EVERY) == 0
            except subprocess.TimeoutExpired:
                write(f"  ... {time.monotonic() - started:.0f} s")


def is_terminal() -> bool:
    return sys.stderr.isatty()


def write(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        write("Stopped. The next run installs what is missing.")
        sys.exit(130)
