"""Typed readers of the environment; `.env` beside manage.py is read once, real variables win over it."""

import os
import secrets
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(os.environ.get("ENV_FILE", str(BASE_DIR / ".env")), recurse=False)
SHORTEST_SECRET = 50

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",  # a writer waits at BEGIN instead of failing half-way
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def database(name: str, *, default: str) -> dict[str, object]:
    """One database from its URL; sqlite gets WAL and immediate transactions, PostgreSQL health checks."""
    parsed: dict[str, object] = dict(dj_database_url.parse(env.str(name, default) or default))
    if parsed["ENGINE"] == "django.db.backends.sqlite3":
        return parsed | {"OPTIONS": SQLITE_OPTIONS}
    return parsed | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def secret_key(var_dir: Path, *, service: bool) -> str:
    """SECRET_KEY; on a single machine one is made once and kept in `var_dir`. A service must be given its own."""
    given = env.str("SECRET_KEY", "")
    if given and len(given) < SHORTEST_SECRET:
        raise ImproperlyConfigured(f"SECRET_KEY is too short: {HOW_TO}")
    if not given and service:
        raise ImproperlyConfigured(f"SECRET_KEY is not set: {HOW_TO}")
    return given or _kept(var_dir / "secret-key")


HOW_TO = (
    "give it 50 or more random letters and digits, "
    "such as the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
)


def _kept(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64))
    return path.read_text()
