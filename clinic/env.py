"""Typed readers of the environment; `.env` beside manage.py is read once, real variables win over it."""

from pathlib import Path

import dj_database_url
from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(str(BASE_DIR / ".env"), recurse=False)

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
