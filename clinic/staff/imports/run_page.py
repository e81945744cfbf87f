"""An import as managers read it: how far it is, how its columns are understood, its first rows."""

from dataclasses import dataclass
from datetime import datetime

from clinic.exchange.import_rows import IncomingPatient
from clinic.exchange.import_runs import LEASE, FilePreview
from clinic.staff import formats
from clinic.staff.imports.forms import FIELDS
from patients.models import ImportRun
from patients.models.import_run import ImportState

LISTED = 20
PILLS = {
    ImportState.UPLOADED: "",
    ImportState.RUNNING: "good",
    ImportState.STOPPED: "warn",
    ImportState.FINISHED: "good",
    ImportState.FAILED: "bad",
}


@dataclass(frozen=True, slots=True)
class RunProgress:
    run: ImportRun
    at: str
    percent: int
    standing: str
    pill: formats.Pill
    counts: list[tuple[str, int]]
    is_running: bool
    is_stopped: bool
    may_start: bool
    has_report: bool


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """`field`: what it is read as; `choices` with the one that is chosen."""

    number: int
    column: str
    field: str
    choices: list[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True)
class RowSeen:
    place: str
    cells: list[str]
    problem: str


@dataclass(frozen=True, slots=True)
class PreviewSeen:
    columns: list[ColumnRow]
    rows: list[RowSeen]
    notes: list[str]
    problem: str
    encoding: str


def progress(run: ImportRun, now: datetime) -> RunProgress:
    """`run` may come without its content."""
    over = run.state in (ImportState.UPLOADED, ImportState.FAILED) or (
        run.state == ImportState.FINISHED and run.is_trial
    )
    has_file = ImportRun.objects.filter(pk=run.pk, content__isnull=False).exists()
    return RunProgress(
        run=run,
        at=formats.moment(run.at, run.site.zone),
        percent=min(100, 100 * run.done // run.total) if run.total else 0,
        standing=_standing(run, now),
        pill=formats.Pill(run.get_state_display().lower(), PILLS[ImportState(run.state)]),
        counts=[(name, run.counts[name]) for name in _NAMES if run.counts.get(name)],
        is_running=run.state == ImportState.RUNNING,
        is_stopped=run.state == ImportState.STOPPED,
        may_start=over and has_file,
        has_report=run.done > 0,
    )


_NAMES = ("added", "updated", "unchanged", "refused", "warned")


def _standing(run: ImportRun, now: datetime) -> str:
    what = "Dry run: nothing is kept. " if run.is_trial and run.state != ImportState.UPLOADED else ""
    match run.state:
        case ImportState.UPLOADED:
            return "Nothing was imported yet."
        case ImportState.STOPPED:
            return f"{what}Stopped. Rows that were done stay done."
        case ImportState.FINISHED:
            return (
                "Dry run finished: nothing was kept. Import the file if this is right." if run.is_trial else "Finished."
            )
        case ImportState.FAILED:
            return run.says
    if run.worked_at is None or run.worked_at < now - LEASE:
        return f"{what}Waiting for the background worker. It starts by itself."
    return f"{what}Under way. You can leave this page; the import continues."


def preview(found: FilePreview) -> PreviewSeen:
    """For the page, with names and birth dates: only the person who uploaded the file, and other managers, see it."""
    columns = [
        ColumnRow(number, column, field, [(name, label, name == field) for name, label in FIELDS])
        for number, (column, field) in enumerate(found.columns)
    ]
    return PreviewSeen(columns, [_seen(row) for row in found.rows], found.notes, found.problem, found.encoding)


def _seen(row: IncomingPatient) -> RowSeen:
    born = f"{row.birth_date:%Y-%m-%d}" if row.birth_date else ""
    reached = ", ".join((*row.phones[:1], *row.emails[:1]))
    died = "has died" if row.dead else ""
    problem = row.faults[0].says if row.faults else died
    return RowSeen(str(row.place), [row.number, row.given_name, row.family_name, born, reached], problem)
