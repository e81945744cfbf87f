"""Fixtures for tests of the real processes: a Redis to break, and what their environment looks like."""

import os
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from pytest_django.plugin import blocking_manager_key

from tests.servers import Postgres, Redis, database

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")
BETWEEN = 20  # tests
_tests = count(1)


def pytest_configure() -> None:
    """SIGTERM ends a run as Ctrl-C does, so that fixtures stop their servers. Real senders are refused."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if settings.MESSAGES != "outbox":
        pytest.exit("Tests do not run with MESSAGES=live: remove it from .env or set MESSAGES=outbox.", returncode=2)
    database.empty_only_where_rows_are()


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("processes") and connection.vendor != "postgresql":
        skip_outside_ci("needs the real servers; run it through `make test`")


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """After the fixtures: now and then, once the rows of a test were rolled back."""
    if item.get_closest_marker("django_db") and next(_tests) % BETWEEN == 0:
        with item.config.stash[blocking_manager_key].unblock():
            database.forget_what_was_rolled_back()


def skip_outside_ci(reason: str) -> None:
    """What may be missing on somebody's laptop must not be missing unnoticed in CI."""
    if IN_CI:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    database.copy_the_migrated_one()


@pytest.fixture
def private_redis() -> Iterator[Redis]:
    """A Redis that only this test sees: flush it, kill it, start it again."""
    with Redis() as server:
        yield server


@pytest.fixture
def private_postgres() -> Iterator[Postgres]:
    """A PostgreSQL that only this test sees, with an empty database; about a second to bring up."""
    with Postgres() as server:
        yield server


@pytest.fixture
def process_environment(transactional_db: None, private_redis: Redis, tmp_path: Path) -> dict[str, str]:
    """The environment of a worker, clock or web process that shares this test's database."""
    return os.environ | {
        "DATABASE_URL": database_url(),
        "REDIS_URL": private_redis.url,
        "VAR_DIR": str(tmp_path / "var"),
        "MESSAGES": "outbox",
        "PYTHONUNBUFFERED": "1",
    }


def database_url() -> str:
    """The test database of this pytest worker, as another process would name it."""
    options = connection.settings_dict
    account = f"{quote(options['USER'])}:{quote(options['PASSWORD'])}"
    return f"postgres://{account}@{options['HOST']}:{options['PORT']}/{options['NAME']}"
