"""Takes patients in, whatever format they came in: each row its own transaction, so a run can stop and be repeated."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clinic.exchange.alike_patients import AlikePatients
from clinic.exchange.contact_import import Agreed, Intake
from clinic.exchange.duplicates import doubles
from clinic.exchange.existing import ExistingPatient, known_patients
from clinic.exchange.import_rows import Fault, IncomingPatient, UnusableInput, Why
from clinic.exchange.patient_upsert import Taken, take_row
from clinic.exchange.report import ImportReport, ReportedRow, RowOutcome
from clinic.exchange.row_checks import ImportRules
from patients.models import Site, StaffMember

T = TypeVar("T")
CHUNK = 500


class Each(Protocol):
    """Shows progress while it hands the items on; `total` None: nobody knows yet."""

    def __call__(self, items: Iterable[T], label: str, total: int | None = None) -> Iterable[T]: ...


def quietly(items: Iterable[T], label: str, total: int | None = None) -> Iterable[T]:
    return items


def take(
    rows: Iterable[IncomingPatient],
    *,
    site: Site,
    by: StaffMember,
    now: datetime,
    dry_run: bool = False,
    agreed: Agreed | None = None,
    without_contact: bool = False,
    each: Each = quietly,
) -> ImportReport:
    """Import each row: added, updated, unchanged, or refused with its reasons. Idempotent.

    A dry run does all of it and rolls each row back. Ctrl-C ends with what was done; the row at hand is undone.
    Raises UnusableInput where `by` does not work at the site.
    """
    if not by.is_at(site):
        raise UnusableInput(f"{by.username} does not work at {site}: --by names a staff member of the site.")
    intake = Intake(site, by, now, rules_of(site, now), agreed, without_contact, dry_run)
    report = ImportReport(dry_run=dry_run)
    try:
        everyone = list(each(rows, "Reading"))
        for _ in each(_take_all(everyone, intake, report), "Taking", len(everyone)):
            pass
    except KeyboardInterrupt:
        report.interrupted = True
    return report


def rules_of(site: Site, now: datetime) -> ImportRules:
    return ImportRules(site.today(now), site.country, site.treats_minors, tuple(site.languages))


def _take_all(rows: Sequence[IncomingPatient], intake: Intake, report: ImportReport) -> Iterator[None]:
    double, alike = doubles(rows), AlikePatients(intake)
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        known = known_patients(intake.site, [row.number for row in chunk if row.number])
        alike.look_up([(row, known.get(row.number)) for row in chunk if row.place not in double])
        for row in chunk:
            if fault := double.get(row.place):
                report.rows.append(ReportedRow(row.place, row.number, RowOutcome.REFUSED, (fault,)))
            else:
                report.rows.append(alike.warned(row, _take_one(row, known.get(row.number), intake)))
            yield


def _take_one(row: IncomingPatient, known: ExistingPatient | None, intake: Intake) -> ReportedRow:
    try:
        taken = _in_transaction(row, known, intake)
        is_new = known is None and taken.outcome == RowOutcome.REFUSED
        if is_new and (since := known_patients(intake.site, [row.number])):  # by an import beside this one
            taken = _in_transaction(row, since[row.number], intake)
    except IntegrityError:  # the same, in the same moment: they are known by now
        taken = _in_transaction(row, known_patients(intake.site, [row.number]).get(row.number), intake)
    return ReportedRow(row.place, row.number, taken.outcome, taken.faults, taken.warnings)


def _in_transaction(row: IncomingPatient, known: ExistingPatient | None, intake: Intake) -> Taken:
    try:
        with transaction.atomic():
            taken = take_row(row, known, intake)
            if intake.dry_run:
                transaction.set_rollback(True)
    except ValidationError as error:
        return Taken(RowOutcome.REFUSED, tuple(Fault(Why.OTHER, says) for says in error.messages))
    return taken
