"""Imports of uploaded files, slice by slice in the background: started, watched, stopped, continued.

The file is personal data. It lies in the database, where patients lie too, and is deleted with the import's end, on
demand, or after a week. A slice that was killed is done again: what it had taken is then found unchanged.
"""

import csv
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q

from clinic.exchange import csv_patients, files
from clinic.exchange.contact_import import Agreed, Intake
from clinic.exchange.files import Source
from clinic.exchange.import_rows import Fault, IncomingPatient, MissingColumns, OtherEncoding, Place, UnusableInput
from clinic.exchange.passes import NumbersSeen, in_batches
from clinic.exchange.patient_import import CHUNK, rules_of, take_all
from clinic.exchange.report import HEADER, ImportReport, RowOutcome
from patients import audit, column_mappings
from patients.models import ImportedRows, ImportRun, Site, StaffMember
from patients.models.column_mapping import FileKind
from patients.models.import_run import ImportState
from patients.models.staff import Role

Clock = Callable[[], datetime]
LEASE = timedelta(minutes=2)  # without a sign of life for so long, whoever worked at it is gone
KEPT = timedelta(days=7)  # how long a file stays that nobody imports
LARGEST = 50 << 20  # bytes
SHOWN = 5  # rows of a preview
OPEN = [ImportState.RUNNING, ImportState.STOPPED]


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What somebody said about a file, as `import_patients` takes it. `told`: fields by column."""

    told: dict[str, str] = field(default_factory=dict)
    encoding: str = ""
    date_order: str = ""
    wording: str = ""
    source: str = "import"
    without_contact: bool = False


@dataclass(frozen=True, slots=True)
class FilePreview:
    """`columns`: each with its field. `rows`: the first ones as read. `problem`: why it cannot be imported so."""

    columns: list[tuple[str, str]] = field(default_factory=list)
    rows: list[IncomingPatient] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problem: str = ""
    encoding: str = ""  # the one that would be right


@transaction.atomic
def upload(site: Site, *, name: str, content: bytes, by: StaffMember, now: datetime) -> ImportRun:
    """Keep a file for an import. Of its name only the end is kept. Managers only."""
    _may(by, site)
    if not content:
        raise ValidationError({"file": "This file is empty."})
    if len(content) > LARGEST:
        raise ValidationError(
            {"file": f"This file is larger than {LARGEST >> 20} MB. Import it by the command instead."}
        )
    suffix = Path(name).suffix.lower()[:12]
    run = ImportRun.objects.create(
        site=site, by=by, at=now, suffix=suffix, content=content, settings=_stored(RunSettings())
    )
    audit.record("file for an import uploaded", of=site, by=by, now=now, bytes=len(content))
    return run


def settings_of(run: ImportRun) -> RunSettings:
    return RunSettings(**run.settings)


def _stored(settings: RunSettings) -> dict[str, Any]:
    return asdict(settings)


def look(run: ImportRun, settings: RunSettings, *, now: datetime) -> FilePreview:
    """The first rows as they would be read, and how each column is understood."""
    try:
        with _source(run, settings, now=now) as source:
            rows, notes = list(islice(source, SHOWN)), list(source.notes)
            return FilePreview(list(source.columns), rows, notes)
    except MissingColumns as error:
        known = csv_patients.COLUMNS.known
        found = [(cell, name if name in known else "") for cell, name in zip(error.typed, error.names, strict=True)]
        return FilePreview(found, problem=str(error))
    except OtherEncoding as error:
        return FilePreview(problem=str(error), encoding=error.codec)
    except UnusableInput as error:
        return FilePreview(problem=str(error))


@contextmanager
def _source(run: ImportRun, settings: RunSettings, *, now: datetime) -> Iterator[Source]:
    """The file's rows while it lies in a folder of its own, which goes away again. Raises UnusableInput."""
    content = ImportRun.objects.values_list("content", flat=True).get(pk=run.pk)
    if content is None:
        raise UnusableInput("The file was deleted. Upload it again.")
    with tempfile.TemporaryDirectory(prefix="aftercare-import-") as folder:
        path = Path(folder) / f"file{run.suffix}"
        path.write_bytes(bytes(content))
        yield files.patients(
            path,
            today=run.site.today(now),
            date_order=settings.date_order,
            told=column_mappings.told(run.site, FileKind.PATIENTS, settings.told),
            encoding=settings.encoding,
        )


@transaction.atomic
def describe(run: ImportRun, settings: RunSettings, *, by: StaffMember) -> None:
    """Keep what somebody said about the file."""
    _may(by, run.site)
    _free(run).update(settings=_stored(settings))


@transaction.atomic
def start(run: ImportRun, *, is_trial: bool, by: StaffMember, now: datetime) -> None:
    """Begin, from the first row; a dry run keeps nothing. Raises ValidationError where it runs or the file is gone."""
    _may(by, run.site)
    fresh = {"done": 0, "total": 0, "counts": {}, "says": "", "worked_at": None, "ended_at": None}
    begun = _free(run).filter(content__isnull=False)
    if not begun.update(state=ImportState.RUNNING, is_trial=is_trial, by=by, **fresh):
        raise ValidationError("This import runs already, or its file was deleted. Upload the file again.")
    ImportedRows.objects.filter(run=run).delete()
    if not is_trial:
        column_mappings.keep(run.site, FileKind.PATIENTS, settings_of(run).told)
        audit.record("import started", of=run.site, by=by, now=now)


def _free(run: ImportRun) -> Any:
    return ImportRun.objects.filter(pk=run.pk).exclude(state__in=OPEN)


@transaction.atomic
def stop(run: ImportRun, *, by: StaffMember, now: datetime) -> None:
    """What was done stays; the batch at hand is finished. Idempotent."""
    _may(by, run.site)
    if ImportRun.objects.filter(pk=run.pk, state=ImportState.RUNNING).update(state=ImportState.STOPPED):
        audit.record("import stopped", of=run.site, by=by, now=now)


@transaction.atomic
def go_on(run: ImportRun, *, by: StaffMember, now: datetime) -> None:
    """Continue where it was stopped, under the name of `by`."""
    _may(by, run.site)
    stopped = ImportRun.objects.filter(pk=run.pk, state=ImportState.STOPPED)
    if stopped.update(state=ImportState.RUNNING, worked_at=None, by=by):
        audit.record("import continued", of=run.site, by=by, now=now)


@transaction.atomic
def delete_file(run: ImportRun, *, by: StaffMember, now: datetime) -> None:
    """The file goes, the report stays. An import that has not finished cannot go on any more. Idempotent."""
    _may(by, run.site)
    there = ImportRun.objects.filter(pk=run.pk, content__isnull=False)
    if there.exclude(state=ImportState.FINISHED).update(
        content=None, state=ImportState.FAILED, says="The file was deleted.", ended_at=now
    ) or there.update(content=None):
        audit.record("file of an import deleted", of=run.site, by=by, now=now)


def _may(by: StaffMember, site: Site) -> None:
    if not by.is_at(site, Role.MANAGER):
        raise PermissionDenied(f"Only a manager of {site} can import patients. Ask one of them.")


def unattended(now: datetime) -> list[int]:
    """Imports that should go on and that nobody works at."""
    free = Q(worked_at=None) | Q(worked_at__lt=now - LEASE)
    return list(ImportRun.objects.filter(free, state=ImportState.RUNNING).values_list("pk", flat=True))


def forget_old_files(now: datetime) -> int:
    """Delete files that nobody has imported within a week. How many."""
    old = ImportRun.objects.filter(content__isnull=False, at__lt=now - KEPT)
    says = "The file was deleted after a week."
    return int(old.update(content=None, state=ImportState.FAILED, says=says, ended_at=now))


def work(
    pk: int, *, clock: Clock, until: datetime | None = None, held_since: datetime | None = None
) -> datetime | None:
    """Take rows until all are taken, somebody stops it, or it is `until`: then when it was left, for the next worker.

    `held_since`: when the worker before this one left it. Two may be started at once: one of them finds it taken.
    """
    now = clock()
    free = Q(worked_at=held_since) if held_since else Q(worked_at=None) | Q(worked_at__lt=now - LEASE)
    if not ImportRun.objects.filter(free, pk=pk, state=ImportState.RUNNING).update(worked_at=now):
        return None
    run = ImportRun.objects.defer("content").select_related("site", "by").get(pk=pk)
    try:
        _may(run.by, run.site)
        with _source(run, settings_of(run), now=now) as source:
            return _work(run, source, now, clock, until)
    except (UnusableInput, PermissionDenied) as error:
        _end(run, ImportState.FAILED, now=clock(), says=str(error)[:500])
    return None


def _work(run: ImportRun, source: Source, left_at: datetime, clock: Clock, until: datetime | None) -> datetime | None:
    settings = settings_of(run)
    agreed = Agreed(settings.wording, settings.source) if settings.wording else None
    rules = rules_of(run.site, left_at)
    intake = Intake(run.site, run.by, left_at, rules, agreed, settings.without_contact, run.is_trial)
    run.total, double = _overview(run, source)
    if not run.total:
        raise UnusableInput("There are no rows below the header: nothing to import.")
    for batch in in_batches(islice(source, run.done, None), CHUNK):
        report = ImportReport(dry_run=run.is_trial)
        for _ in take_all(batch, intake, report, double):
            pass
        moment = clock()
        if not _note(run, report, left_at, now=moment):
            return None
        left_at = moment
        if until and moment >= until and run.done < run.total:
            return left_at
    _end(run, ImportState.FINISHED, now=clock())
    return None


_last: dict[tuple[int, str], tuple[int, dict[Place, Fault]]] = {}


def _overview(run: ImportRun, source: Source) -> tuple[int, dict[Place, Fault]]:
    """How many rows, and the faults of those whose number stands twice; kept for the next slice of the same file."""
    key = (run.pk, f"{run.at} {run.settings}")
    if key not in _last or not run.done:
        numbers = NumbersSeen()
        total = sum(1 for _ in numbers.noting(source))
        _last.clear()
        _last[key] = total, numbers.doubled(source)
    return _last[key]


@transaction.atomic
def _note(run: ImportRun, report: ImportReport, left_at: datetime, *, now: datetime) -> bool:
    """Write how far it is. False: it was stopped, or somebody else works at it by now."""
    lines = [[str(row.place), *cells[2:]] for row in report.rows for cells in row.cells()]
    ImportedRows.objects.update_or_create(run=run, first=run.done, defaults={"lines": lines})
    counts = Counter(run.counts) + Counter({str(name): number for name, number in report.outcomes.items()})
    counts["warned"] += report.warned
    run.done, run.counts = run.done + report.total, dict(counts)
    mine = ImportRun.objects.filter(pk=run.pk, worked_at=left_at)
    mine.update(done=run.done, total=run.total, counts=run.counts)
    return bool(mine.filter(state=ImportState.RUNNING).update(worked_at=now))


@transaction.atomic
def _end(run: ImportRun, state: ImportState, *, now: datetime, says: str = "") -> None:
    """An import that was one loses its file; after a dry run, or a refusal, it is kept for the next try."""
    over: dict[str, Any] = {"state": state, "ended_at": now, "says": says}
    if state == ImportState.FINISHED and not run.is_trial:
        over["content"] = None
    if ImportRun.objects.filter(pk=run.pk, state=ImportState.RUNNING).update(**over) and not run.is_trial:
        audit.record("import ended", of=run.site, by=run.by, now=now, site=None, rows=run.done, **_told(run.counts))


def _told(counts: Mapping[str, int]) -> dict[str, object]:
    return {outcome.value: counts.get(outcome.value, 0) for outcome in RowOutcome}


def report_csv(run: ImportRun) -> Iterator[str]:
    """The report as a CSV file, part by part; refusals and warnings, in the order of the file."""
    yield "\ufeff" + _lines([["place", *HEADER[2:]]])
    for part in ImportedRows.objects.filter(run=run).iterator(chunk_size=1):
        yield _lines(part.lines)


def _lines(rows: Iterable[list[str]]) -> str:
    out = StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
