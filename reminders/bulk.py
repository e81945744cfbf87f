"""Many rows in one statement, with no model instance for each: a message would cost about twenty of them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import F, Func
from django.db.models.sql.compiler import SQLCompiler

Row = Sequence[Any]
HARMLESS = re.compile(r"[A-Za-z0-9_]*")  # nothing in it that a database would read as anything but a word


class Among(Func):
    """`field IN (…)` with the keys written out: as parameters, hundreds of them cost more than the look-up itself."""

    conditional = True

    def __init__(self, field: str, keys: Iterable[int] | Iterable[UUID]) -> None:
        super().__init__(F(field), output_field=models.BooleanField())
        self.keys = [f"'{key.hex}'" if isinstance(key, UUID) else str(int(key)) for key in keys]

    def as_sql(self, compiler: SQLCompiler, connection: Any, **_: Any) -> tuple[str, Any]:  # type: ignore[override]
        if not self.keys:
            raise EmptyResultSet
        column, params = compiler.compile(self.source_expressions[0])
        return f"{column} IN ({','.join(self.keys)})", params


def insert(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Row], *, once: bool = False, **same: Any
) -> list[Any]:
    """Write rows of these columns; their keys. `same`: what all of them have; the rest is as the model has it.

    `once`: one that is there already is left as it is. A column that may be empty belongs into `same`: PostgreSQL
    could not tell what type it is of.
    """
    if not rows:
        return []
    given = {*columns, *same}
    left = [field for field in model._meta.concrete_fields if field.attname not in given and not _numbered(field)]
    constants = {field.attname: field.get_default() for field in left} | same
    table = _Table(model, columns, rows)
    names = [table.column(name) for name in (*columns, *constants)]
    statement = (
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(table.cells + ['%s'] * len(constants))} "  # noqa: S608
        f"FROM {table.values} WHERE true {'ON CONFLICT DO NOTHING ' if once else ''}RETURNING {table.column('pk')}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*table.prepared(constants), *table.params])
        return [key for (key,) in cursor.fetchall()]


def copy(model: type[models.Model], column: str, twins: Sequence[tuple[int, int]]) -> None:
    """Write the rows of `model` that have the first of these in this column again, with the second in its place."""
    if not twins:
        return
    quoted = connection.ops.quote_name
    table = quoted(model._meta.db_table)
    fields = [one for one in model._meta.concrete_fields if not _numbered(one)]
    names = {one.attname: str(quoted(str(one.column))) for one in fields}
    cells = ["v.column2" if attname == column else f"r.{name}" for attname, name in names.items()]
    of = names[column]
    pairs = ", ".join(f"({int(first)}, {int(second)})" for first, second in twins)
    statement = (
        f"INSERT INTO {table} ({', '.join(names.values())}) SELECT {', '.join(cells)} "  # noqa: S608
        f"FROM (VALUES {pairs}) AS v JOIN {table} r ON r.{of} = v.column1"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)


def update(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Row], *, where: Mapping[str, Any], **same: Any
) -> None:
    """Set these columns row by row, the first of which is the key, and `same` in all; only where `where` still holds.

    As with `insert`, what may be empty belongs into `same`.
    """
    if not rows:
        return
    table = _Table(model, columns, rows)
    sets = [f"{table.column(name)} = {cell}" for name, cell in zip(columns[1:], table.cells[1:], strict=True)]
    sets += [f"{table.column(name)} = %s" for name in same]
    still = [f"{table.name}.{table.column(columns[0])} = {table.cells[0]}"]
    still += [f"{table.name}.{table.column(name)} = %s" for name in where]
    statement = f"UPDATE {table.name} SET {', '.join(sets)} FROM {table.values} WHERE {' AND '.join(still)}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [*table.prepared(same), *table.params, *table.prepared(where)])


class _Table:
    """Rows as a list of values beside the table they are for. Both databases call its columns column1, column2, …"""

    def __init__(self, model: type[models.Model], columns: Sequence[str], rows: Sequence[Row]) -> None:
        self.fields: dict[str, Any] = {"pk": model._meta.pk} | {
            field.attname: field for field in model._meta.concrete_fields
        }
        self.name = self._quoted(model._meta.db_table)
        self.cells = [self._cell(number, name, rows[0]) for number, name in enumerate(columns)]
        self.params: list[Any] = []
        lines = [", ".join(map(self._written, columns, row)) for row in rows]
        self.values = f"(VALUES ({'), ('.join(lines)})) AS v"

    def column(self, name: str) -> str:
        return self._quoted(self.fields[name].column)

    def prepared(self, values: Mapping[str, Any]) -> list[Any]:
        return [self.fields[name].get_db_prep_save(value, connection) for name, value in values.items()]

    def _cell(self, number: int, name: str, row: Row) -> str:
        cell = f"v.column{number + 1}"
        return f"CAST({cell} AS {self.fields[name].db_type(connection)})" if isinstance(row[number], UUID) else cell

    def _written(self, name: str, value: Any) -> str:
        """Numbers, keys and codes need no quoting; as parameters they would cost more than all else in a batch."""
        if isinstance(value, int):
            return str(int(value))
        if isinstance(value, UUID):
            return f"'{value.hex}'"
        if isinstance(value, str) and HARMLESS.fullmatch(value):
            return f"'{value}'"
        self.params += self.prepared({name: value})
        return "%s"

    @staticmethod
    def _quoted(name: str) -> str:
        return str(connection.ops.quote_name(name))


def _numbered(field: Any) -> bool:
    """The database writes it."""
    return isinstance(field, models.AutoField) or field.generated
