# ruff: noqa: S608 (every name in this SQL is a constant of this module)
"""The database's own guard on signed versions: bulk updates and plain SQL pass by the models, not by this.

PostgreSQL gets it from a migration. SQLite rebuilds and empties tables row by row, so there the guard is lifted
before a migration or a flush and set again after it; see `reminders.apps`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

REFUSAL = "A signed protocol version never changes. Make a new version and edit that."
VERSIONS, STEPS, TEXTS = "reminders_protocolversion", "reminders_step", "reminders_steptext"
PARTS = ["reminders_phase", "reminders_checkupdefinition", STEPS]
SEALED = [VERSIONS, *PARTS, TEXTS]


def set_up(connection: BaseDatabaseWrapper) -> None:
    """Safe to repeat; does nothing while the tables are not there."""
    if set(SEALED) <= set(connection.introspection.table_names()):
        lift(connection)
        _run(connection, _postgresql() if connection.vendor == "postgresql" else list(_sqlite(connection)))


def lift(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers, so that a migration can change the tables. `set_up` brings them back."""
    if connection.vendor == "postgresql":
        names = ", ".join(f"{table}_sealed()" for table in SEALED)
        _run(connection, [f"DROP FUNCTION IF EXISTS {names} CASCADE"])
    else:
        _run(connection, [f"DROP TRIGGER IF EXISTS {t}_{op}_sealed" for t in SEALED for op in _OPERATIONS])


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


# PostgreSQL: FOR SHARE waits for a signature in progress, and a signature waits for an edit in progress ---------------


def _postgresql() -> list[str]:
    kept = "to_jsonb(NEW) - 'state' = to_jsonb(OLD) - 'state' AND NEW.state IN (OLD.state, 'retired')"
    own = f"IF OLD.state <> 'draft' AND (TG_OP = 'DELETE' OR NOT ({kept})) THEN {_RAISE}; END IF;"
    statements = _guarded(VERSIONS, own, "UPDATE OR DELETE")
    for part in PARTS:
        statements += _guarded(part, _asks("id = {row}.version_id"), "INSERT OR UPDATE OR DELETE")
    of_step = f"id = (SELECT version_id FROM {STEPS} WHERE id = {{row}}.step_id)"
    return statements + _guarded(TEXTS, _asks(of_step), "INSERT OR UPDATE OR DELETE")


_RAISE = f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'"


def _asks(which: str) -> str:
    old, new = (
        f"SELECT state INTO found FROM {VERSIONS} WHERE {which.format(row=row)} FOR SHARE;"
        f" IF found <> 'draft' THEN {_RAISE}; END IF;"
        for row in ("OLD", "NEW")
    )
    return f"IF TG_OP <> 'INSERT' THEN {old} END IF; IF TG_OP <> 'DELETE' THEN {new} END IF;"


def _guarded(table: str, body: str, operations: str) -> list[str]:
    return [
        f"CREATE FUNCTION {table}_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE found text; BEGIN {body}"
        " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
        f"CREATE TRIGGER {table}_sealed BEFORE {operations} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_sealed()",
    ]


# SQLite ------------------------------------------------------------------------------------------------------------

_OPERATIONS: dict[str, list[str]] = {"insert": ["NEW"], "update": ["OLD", "NEW"], "delete": ["OLD"]}


def _sqlite(connection: BaseDatabaseWrapper) -> Iterator[str]:
    with connection.cursor() as cursor:
        columns: list[Any] = connection.introspection.get_table_description(cursor, VERSIONS)
    same = " AND ".join(f"NEW.{c.name} IS OLD.{c.name}" for c in columns if c.name != "state")
    kept = f"{same} AND NEW.state IN (OLD.state, 'retired')"
    yield _trigger(VERSIONS, "update", f"OLD.state <> 'draft' AND NOT ({kept})")
    yield _trigger(VERSIONS, "delete", "OLD.state <> 'draft'")
    for operation, rows in _OPERATIONS.items():
        for part in PARTS:
            ids = ", ".join(f"{row}.version_id" for row in rows)
            signed = f"SELECT 1 FROM {VERSIONS} WHERE id IN ({ids}) AND state <> 'draft'"
            yield _trigger(part, operation, f"EXISTS ({signed})")
        steps = ", ".join(f"{row}.step_id" for row in rows)
        joined = f"{VERSIONS} v JOIN {STEPS} s ON s.version_id = v.id"
        which = f"s.id IN ({steps}) AND v.state <> 'draft'"
        yield _trigger(TEXTS, operation, f"EXISTS (SELECT 1 FROM {joined} WHERE {which})")


def _trigger(table: str, operation: str, when: str) -> str:
    return (
        f"CREATE TRIGGER {table}_{operation}_sealed BEFORE {operation.upper()} ON {table} WHEN {when}"
        f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )
