"""The rows an action wrote, kept and put back: most tests begin alike, and that beginning is worked out once a process.

What an action writes depends on what it is given and on the rows it finds. Both are in the key: the actions since the
test began, in order, and the content of each table that something else has written to meanwhile. Whatever cannot be
known that way is worked out anew: on SQLite, in tests that commit, and where this account may not rest the triggers.
"""

from collections.abc import Callable, Hashable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar

from django.apps import apps
from django.db import connection, models

from tests.servers.database import LASTING, triggers_may_rest

T = TypeVar("T")
Counts = dict[str, tuple[int, int, int]]  # by table: rows added, changed and deleted by this transaction
KEPT = 150  # beginnings: those used last, as the tests of a module begin alike and run one after the other
SMALL = 3_000  # rows: what is compared or put back as a whole is no larger


@dataclass(frozen=True, slots=True)
class Written:
    """`added`: rows after those there were; `whole`: tables whose other rows were changed too, or have no number."""

    added: dict[str, bytes]
    whole: dict[str, bytes]
    counted_to: str
    given: Sequence[object]
    result: object


@dataclass(slots=True)
class Beginning:
    """What was done in this test so far, whose transaction is `block`."""

    block: object = None
    key: Hashable = ()
    counts: Counts = field(default_factory=dict)
    is_known: bool = True


_now = Beginning()
_seen: set[Hashable] = set()
_kept: dict[Hashable, Written] = {}


def once(key: Hashable, action: Callable[[], T], *given: object) -> T:
    """What the action returns, and its rows. `key` and `given` stand for all that shapes them, other than rows.

    The result refers to the objects in `given` as if the action had run. Watched when a key comes again.
    """
    if not _is_at_the_beginning():
        return action()
    known = (_now.key, key, *map(_as_key, given))
    if written := _kept.pop(known, None):
        _kept[known] = written  # as the one used last
        result = _again(written, given)
    elif known in _seen:
        result = _watched(known, action, given)
        _now.is_known = known in _kept
    else:
        _now.is_known = known not in _seen  # what is worked out anew each time may differ, where it draws a random key
        _seen.add(known)
        result = action()
    _now.key, _now.counts = sha256(repr(known).encode()).digest(), _counted()
    return result


def _is_at_the_beginning() -> bool:
    """Whether it is known how the database came to be as it is."""
    blocks = connection.atomic_blocks
    if not triggers_may_rest() or not (blocks and blocks[0]._from_testcase) or connection.needs_rollback:
        return False
    if _now.block is not blocks[0]:
        begin()
    elif _now.is_known and (counts := _counted()) != _now.counts:
        _look_at({table for table in counts | _now.counts if counts.get(table) != _now.counts.get(table)})
    return _now.is_known


def begin() -> None:
    """A test begins. Where the database is empty, keys are counted from 1 again, so that what was kept has its keys.

    Counts may still hold what earlier tests wrote: PostgreSQL reports its figures once a second, unless told to.
    """
    global _now
    _now = Beginning(connection.atomic_blocks[0], counts=_counted())
    if "savepoint_rollback" not in vars(connection._connections[connection._alias]):
        _watch_rollbacks()
    _ask("SELECT pg_stat_force_next_flush()")
    if written := {table for table in _now.counts if table in LASTING or _size(table)}:
        _look_at(written)
        return
    _ask(" UNION ALL ".join(f"SELECT setval({_sequence(table)}, 1, false)" for table in sorted(_keys())))


def _watch_rollbacks() -> None:
    """Rows go that the counts of this transaction still have."""
    roll_back = connection.savepoint_rollback

    def noted(savepoint: str) -> None:
        _now.is_known = False
        roll_back(savepoint)

    connection.savepoint_rollback = noted


def _look_at(tables: set[str]) -> None:
    """Something else wrote to these: what is in them counts from here on."""
    if any(_size(table) > SMALL for table in tables):
        _now.is_known = False
        return
    _now.key = (_now.key, *((table, _content(table)) for table in sorted(tables)))


def _content(table: str) -> str:
    return str(_ask(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"))  # noqa: S608


def _watched(known: Hashable, action: Callable[[], T], given: Sequence[object]) -> T:
    highest, before = _highest(), _counted()
    result = action()
    touched = {table: counts for table, counts in _counted().items() if counts != before.get(table)}
    grown = {table for table, counts in touched.items() if counts[1:] == before.get(table, (0, 0, 0))[1:]} & {*_keys()}
    others = {*touched} - grown
    if not others & LASTING and all(_size(table) <= SMALL for table in others):
        added = {table: _copied(table, f"WHERE {_keys()[table]} > {highest[table]}") for table in grown}
        whole = {table: _copied(table) for table in others}
        counted_to = _counted_to({*touched} & {*_keys()})
        _kept[known] = Written(added, whole, counted_to, *deepcopy((given, result)))
        if len(_kept) > KEPT:
            del _kept[next(iter(_kept))]
    return result


def _again(written: Written, given: Sequence[object]) -> Any:
    """The triggers and foreign keys let these rows pass when the action wrote them."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in written.whole:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
        for table, rows in (written.added | written.whole).items():
            with cursor.copy(f"COPY {table} ({_columns()[table]}) FROM STDIN (FORMAT binary)") as copy:
                copy.write(rows)
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute(written.counted_to)
    return deepcopy(written.result, {id(kept): now for kept, now in zip(written.given, given, strict=True)})


def _as_key(given: object) -> Hashable:
    if isinstance(given, models.Model):
        return given._meta.label, tuple(repr(getattr(given, one.attname)) for one in given._meta.concrete_fields)
    return repr(given)


def _counted_to(tables: set[str]) -> str:
    moved = [f"SELECT setval({_sequence(table)}, {highest})" for table, highest in _highest(tables).items() if highest]
    return " UNION ALL ".join(moved) or "SELECT"


@cache
def _keys() -> dict[str, str]:
    """The tables whose keys are numbers that are never given twice, with the name of the key."""
    metas = (model._meta for model in apps.get_models(include_auto_created=True))
    auto = {meta.db_table: meta.pk.column for meta in metas if isinstance(meta.pk, models.AutoField)}
    return {table: key for table, key in auto.items() if table not in LASTING}


def _sequence(table: str) -> str:
    return f"pg_get_serial_sequence('{table}', '{_keys()[table]}')::regclass"


def _highest(tables: set[str] | None = None) -> dict[str, int]:
    asked = (f"SELECT '{table}', coalesce(max({_keys()[table]}), 0) FROM {table}" for table in tables or _keys())  # noqa: S608
    return dict(_ask(" UNION ALL ".join(asked)))


def _size(table: str) -> int:
    return int(_ask(f"SELECT count(*) FROM (SELECT FROM {table} LIMIT {SMALL + 1}) t")[0][0])  # noqa: S608


def _counted() -> Counts:
    rows = _ask(
        "SELECT relname, added, changed, deleted FROM pg_class, LATERAL (SELECT "
        "pg_stat_get_xact_tuples_inserted(oid) AS added, pg_stat_get_xact_tuples_updated(oid) AS changed, "
        "pg_stat_get_xact_tuples_deleted(oid) AS deleted) t "
        "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND added + changed + deleted > 0"
    )
    return {table: tuple(counts) for table, *counts in rows}


def _ask(question: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchall()


@cache
def _columns() -> dict[str, str]:
    """By table; without what the database works out from the others, and takes from nobody."""
    rows = _ask(
        "SELECT relname, string_agg(quote_ident(attname), ', ' ORDER BY attnum) "
        "FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid "
        "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
        "AND attnum > 0 AND NOT attisdropped AND attgenerated = '' GROUP BY relname"
    )
    return dict(rows)


def _copied(table: str, which: str = "") -> bytes:
    rows = f"SELECT {_columns()[table]} FROM {table} {which}"  # noqa: S608
    with connection.cursor() as cursor, cursor.copy(f"COPY ({rows}) TO STDOUT (FORMAT binary)") as copy:
        return b"".join(copy)
