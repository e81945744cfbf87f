"""The database of each pytest worker: a copy of one migrated already, and emptied only where rows are."""

import os
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test import TransactionTestCase

MIGRATED = "MIGRATED_DATABASE"  # the file in which `python -m tests.servers run --migrated` says how that ended
MIGRATED_WITHIN = 300.0  # seconds; after that each worker migrates its own, as it does without that command
GROWN = 4 * 1024 * 1024  # bytes
LASTING = {"auth_permission", "django_content_type"}  # written by the migrations, the same in every test


def copy_the_migrated_one() -> None:
    told = os.environ.get(MIGRATED)
    if told and _ends_well(Path(told)):
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = connection.settings_dict["NAME"]


def _ends_well(told: Path) -> bool:
    deadline = time.monotonic() + MIGRATED_WITHIN
    while not (said := _said(told)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return said == "0"


def _said(told: Path) -> str:
    """Empty while it is not there, or not yet written."""
    return told.read_text() if told.exists() else ""


def empty_only_where_rows_are() -> None:
    """What tests leave that commit. Django empties each table there is and then writes all permissions anew."""
    flush: Callable[[TransactionTestCase], None] = TransactionTestCase._fixture_teardown

    def teardown(case: TransactionTestCase) -> None:
        if case.reset_sequences or not triggers_may_rest():
            return flush(case)
        _empty()

    TransactionTestCase._fixture_teardown = teardown


@transaction.atomic
def _empty() -> None:
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} - LASTING
    asked = " UNION ALL ".join(f"SELECT '{one}' WHERE EXISTS (SELECT FROM {one})" for one in sorted(tables))  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(asked)
        full = [table for (table,) in cursor.fetchall()]
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in full:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608


def forget_what_was_rolled_back() -> None:
    """Each test leaves its rows behind, unseen: after some hundreds, scans read little else. Call it between tests."""
    if connection.vendor != "postgresql" or connection.connection is None or connection.in_atomic_block:
        return
    tables = sorted(model._meta.db_table for model in apps.get_models(include_auto_created=True))
    kept = [table for table in tables if table not in LASTING]
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(pg_relation_size(name::regclass)) FROM unnest(%s::text[]) name", [kept])
        if cursor.fetchone()[0] > GROWN:
            cursor.execute(f"TRUNCATE {', '.join(kept)}")


def triggers_may_rest() -> bool:
    """Whether this account may leave triggers and foreign keys aside, as nobody may whom the service runs as."""
    return bool(connection.vendor == "postgresql" and _is_superuser())


@cache
def _is_superuser() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])


def tell_the_planner() -> None:
    """Thousands of rows of one transaction: PostgreSQL takes the tables for empty until it is told to count them."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
