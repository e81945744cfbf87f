"""`python -m bench.imports`: how fast patients and operations come in, against an earlier build and against COPY.

Needs DATABASE_URL (PostgreSQL): `make bench-imports`. Each build has a process and a database of its own, one after the
other. The earlier build takes fewer rows of CSV, as it would take most of an hour; rows a second are compared. Ends
with 1 when a figure is below what docs/performance.md promises.
"""

import argparse
import io
import json
import os
import random
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
BEFORE = "df61260"  # the last build that took row by row
FASTER, OF_COPY, MEMORY = 10, 0.3, 1.25  # what is promised; memory: 100,000 rows to 1,000
GIVEN, FAMILY = ["Ana", "Bo", "José", "Di", "Flo", "María", "Li"], ["Ruiz", "Lee", "Núñez", "Smith", "Okafor", "Ng"]
WRITTEN = [
    "patients_patient", "patients_contact", "patients_consentevent", "patients_surgery", "reminders_careplan",
    "patients_checkup", "reminders_reminder", "patients_auditentry",
]  # fmt: skip


def main() -> int:
    options = _options()
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        sys.exit("The bench needs DATABASE_URL (PostgreSQL). `make bench-imports` brings it up.")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aftercare-bench-")))
        met = _against_before(options, server, folder, stack) if options.before else [True]
        if options.memory:
            met.append(_memory(options, server, folder))
    return 0 if all(met) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.imports", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000, help="patients, each with an operation (%(default)s)")
    parser.add_argument("--fhir", type=int, default=1_144, help="FHIR resources (%(default)s)")
    parser.add_argument("--few", type=int, default=400, help="how many the earlier build gets (%(default)s)")
    parser.add_argument("--before", default=BEFORE, help="the build to compare with; empty: none (%(default)s)")
    parser.add_argument("--memory", type=int, default=100_000, help="patients for the memory; 0: none (%(default)s)")
    return parser.parse_args()


def _against_before(options: argparse.Namespace, server: str, folder: Path, stack: ExitStack) -> list[bool]:
    many, few = _csv(folder / "many.csv", options.rows), _csv(folder / "few.csv", options.few)
    fhir = _fhir(folder / "patients.ndjson", options.fhir)
    old = _tree(options.before, folder / "before")
    was = _run(server, old, folder, *_orders(few, fhir))
    with _database(server) as address:
        now = _child(ROOT, folder, address, *_orders(many, fhir))
        copy = _copy_back(address)
    return [_compared(was, now), _beside_copy(now, options.rows, copy)]


def _orders(table: Path, fhir: Path) -> list[str]:
    """Without contact: none of the published numbers is a valid one."""
    patients = f"import_patients {table} --consent I+agree."
    return [patients, f"import_surgeries {table}", f"import_patients {fhir} --without-contact"]


def _csv(path: Path, rows: int) -> Path:
    """Invented people, each with a phone of the range that is kept for such, consent, and an operation."""
    pick, today = random.Random(1), date.today()  # noqa: DTZ011
    with path.open("w", encoding="utf-8") as file:
        file.write("number,given_name,family_name,birth_date,language,phone,consent,procedure,date,surgeon\n")
        for at in range(rows):
            born = date(1940, 1, 1) + timedelta(days=pick.randrange(22_000))
            day = today + timedelta(days=pick.randrange(-20, 60))
            name = f"{pick.choice(GIVEN)},{pick.choice(FAMILY)} {pick.choice(FAMILY)}"
            file.write(
                f"B-{at:06},{name},{born},{pick.choice(['en', 'es'])},+1202{2_000_000 + at},yes,miss,{day},ida\n"
            )
    return path


def _fhir(path: Path, rows: int) -> Path:
    """The published patients over and over, each round under other numbers and names and born on another day."""
    shared = ROOT.parent / "shared" / "data" / "synthea-100-patients" / "Patient.000.ndjson"
    kept = ROOT / "tests" / "exchange" / "data" / "Patient.synthea-6.ndjson"
    source = [line for line in (shared if shared.exists() else kept).read_text().splitlines() if line]
    with path.open("w") as file:
        for at, line in enumerate(islice(cycle(source), rows)):
            resource, turn = json.loads(line), at // len(source)
            born = date.fromisoformat(resource["birthDate"]) - timedelta(days=turn)
            name = [one | {"family": f"{one['family']}{turn}"} for one in resource["name"]]
            other = {"id": f"F-{at}", "identifier": [{"value": f"F-{at}"}], "name": name, "birthDate": f"{born}"}
            file.write(json.dumps(resource | other) + "\n")
    return path


def _tree(build: str, folder: Path) -> Path:
    packed = subprocess.run(["git", "archive", build], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def _database(server: str) -> Any:
    from bench.place import database

    return database(server)


def _run(server: str, tree: Path, folder: Path, *orders: str) -> dict[str, Any]:
    with _database(server) as address:
        return _child(tree, folder, address, *orders)


def _child(tree: Path, folder: Path, address: str, *orders: str) -> dict[str, Any]:
    from bench.__main__ import _settings

    paths = os.pathsep.join(filter(None, [str(tree), os.environ.get("PYTHONPATH", "")]))
    environment = os.environ | _settings(folder, address) | {"MESSAGES": "outbox", "PYTHONPATH": paths}
    script = str(Path(__file__).with_name("import_clinic.py"))
    done = subprocess.run(
        [sys.executable, script, *orders], cwd=tree, env=environment, stdout=subprocess.PIPE, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _seconds(found: dict[str, Any], *words: str) -> float:
    return sum(one["seconds"] for name, one in found.items() if any(word in name for word in words))


def _rows(found: dict[str, Any], word: str) -> int:
    said = next(one["said"] for name, one in found.items() if word in name)
    return int(said.removeprefix("Dry run, nothing was written. ").split()[0].replace(",", ""))


def _compared(was: dict[str, Any], now: dict[str, Any]) -> bool:
    met = True
    for name, word in (("CSV, patient and operation", ".csv"), ("FHIR", ".ndjson")):
        before, after = _rows(was, word) / _seconds(was, word), _rows(now, word) / _seconds(now, word)
        met = met and after >= FASTER * before
        print(f"{name}: {after:,.0f} rows/s, before {before:,.1f}: {after / before:,.1f} times (wanted {FASTER})")
    return met


def _copy_back(address: str) -> float:
    """Seconds that COPY takes for the very rows that came in from the tables: same tables, indexes, checks."""
    with psycopg.connect(address) as connection:
        kept = {table: b"".join(_copied(connection, table)) for table in WRITTEN}
        connection.execute(f"TRUNCATE {', '.join(WRITTEN)} CASCADE")
        connection.commit()
        start = time.perf_counter()
        for table in WRITTEN:
            names = ", ".join(_columns(connection, table))
            with connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                copy.write(kept[table])
        connection.commit()
        return time.perf_counter() - start


def _copied(connection: Any, table: str) -> Iterator[bytes]:
    with connection.cursor().copy(
        f"COPY (SELECT {', '.join(_columns(connection, table))} FROM {table}) TO STDOUT"  # noqa: S608
    ) as copy:
        yield from map(bytes, copy)


def _columns(connection: Any, table: str) -> list[str]:
    """All but those that the database works out by itself."""
    ask = "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'"
    return [name for (name,) in connection.execute(ask, (table,)).fetchall()]


def _beside_copy(now: dict[str, Any], rows: int, copy: float) -> bool:
    ours = _seconds(now, ".csv", ".ndjson")
    print(f"COPY of the same rows: {copy:.1f} s, the import {ours:.1f} s: {copy / ours:.2f} (wanted {OF_COPY})")
    return copy / ours >= OF_COPY


def _memory(options: argparse.Namespace, server: str, folder: Path) -> bool:
    found = {}
    for rows in (1_000, options.memory):
        path = _csv(folder / f"{rows}.csv", rows)
        one = _run(server, ROOT, folder, f"import_patients {path} --consent I+agree.")
        [found[rows]] = [run["peak"] for run in one.values()]
        print(f"Memory at {rows:,} patients: {found[rows]:.0f} MiB")
    return found[options.memory] <= MEMORY * found[1_000]


if __name__ == "__main__":
    sys.exit(main())
