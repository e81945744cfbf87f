# ruff: noqa: S608 (every name in this SQL is a constant of this module)
"""The database's own guard on the audit: it refuses to change or delete a row, whoever asks and however.

Emptying whole tables (TRUNCATE, `manage.py flush`) stays possible on purpose: the tests do it, and it needs the owner
of the table on PostgreSQL. SQLite empties a table row by row, so there the guard is lifted for a flush; and it builds a
table anew to alter it, which loses the triggers, so there they are set up again after every migration: `patients.apps`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

REFUSAL = "An audit row is never changed or deleted. Record what is right in a new one."
TABLE = "patients_auditentry"
FUNCTION = f"{TABLE}_append_only"
TRIGGERS = [f"{FUNCTION}_{operation}" for operation in ("update", "delete", "replace")]


def set_up(connection: BaseDatabaseWrapper) -> None:
    """Safe to repeat; does nothing while the table is not there."""
    if TABLE in connection.introspection.table_names():
        lift(connection)
        _run(connection, POSTGRESQL if connection.vendor == "postgresql" else SQLITE)


def lift(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers, so that a migration or `flush` can change the table. `set_up` brings them back."""
    if connection.vendor == "postgresql":
        _run(connection, [f"DROP FUNCTION IF EXISTS {FUNCTION}() CASCADE"])
    else:
        _run(connection, [f"DROP TRIGGER IF EXISTS {trigger}" for trigger in TRIGGERS])


@contextmanager
def lifted_on_sqlite(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Without the guard inside the `with` on SQLite, which rebuilds tables; no effect on PostgreSQL."""
    if connection.vendor != "sqlite":
        yield
        return
    lift(connection)
    try:
        yield
    finally:
        set_up(connection)


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


POSTGRESQL = [
    f"CREATE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    f" RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
    f"CREATE TRIGGER {FUNCTION} BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()",
]


def _sqlite(trigger: str, event: str, when: str = "") -> str:
    return f"CREATE TRIGGER {trigger} BEFORE {event} ON {TABLE} {when} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"


SQLITE = [
    _sqlite(TRIGGERS[0], "UPDATE"),
    _sqlite(TRIGGERS[1], "DELETE"),
    # INSERT OR REPLACE deletes the row that is in its way without asking the trigger above.
    _sqlite(TRIGGERS[2], "INSERT", f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)"),
]
