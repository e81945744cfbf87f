"""Takes patients in, whatever format they came in, a batch at a time, so that a run can stop and be repeated."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clinic.exchange import patient_batch
from clinic.exchange.alike_patients import AlikePatients
from clinic.exchange.contact_import import Agreed, Intake
from clinic.exchange.existing import ExistingPatient, known_patients
from clinic.exchange.import_rows import Fault, IncomingPatient, Place, UnusableInput, Why
from clinic.exchange.passes import NumbersSeen, again, in_batches, read
from clinic.exchange.patient_upsert import Taken, take_row
from clinic.exchange.report import ImportReport, ReportedRow, RowOutcome
from clinic.exchange.row_checks import ImportRules, judge
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
    report: ImportReport | None = None,
) -> ImportReport:
    """Import each row: added, updated, unchanged, or refused with its reasons. Idempotent.

    A dry run does all of it and rolls it back. Ctrl-C ends with what was done; the batch at hand is done or undone as
    a whole, and the report says which. `rows` are gone over more than once. `report`: one that is written as it grows.
    Raises UnusableInput where `by` does not work at the site.
    """
    if not by.is_at(site):
        raise UnusableInput(f"{by.username} does not work at {site}: --by names a staff member of the site.")
    report = report or ImportReport(dry_run=dry_run)
    intake = Intake(site, by, now, rules_of(site, now), agreed, without_contact, report.dry_run)
    rows, numbers = again(rows), NumbersSeen()
    try:
        found = read(each(numbers.noting(rows), "Reading"), rows)
        double = numbers.doubled(found.rows)
        for _ in each(take_all(found.rows, intake, report, double), "Taking", found.total):
            pass
    except KeyboardInterrupt:
        report.interrupted = True
    return report


def rules_of(site: Site, now: datetime) -> ImportRules:
    return ImportRules(site.today(now), site.country, site.treats_minors, tuple(site.languages))


def take_all(
    rows: Iterable[IncomingPatient], intake: Intake, report: ImportReport, double: Mapping[Place, Fault]
) -> Iterator[None]:
    """Row by row in the order of the file; `double`: the faults of those whose number stands there twice."""
    alike = AlikePatients(intake)
    for chunk in in_batches(rows, CHUNK):
        known = known_patients(intake.site, [row.number for row in chunk if row.number])
        judged = {row.place: judge(row, intake.rules) for row in chunk}
        single = [row for row in chunk if row.place not in double]
        alike.look_up([(row, known.get(row.number)) for row in single], judged)
        together = patient_batch.take(single, known, judged, intake)
        todo = deque(chunk)
        try:
            while todo:
                row = todo.popleft()
                report.add(_result(row, together.get(row.place), double, known, alike, intake))
                yield
        finally:  # where it was stopped, these are done all the same
            for row in todo:
                if taken := together.get(row.place):
                    report.add(alike.warned(row, _reported(row, taken)))


def _result(
    row: IncomingPatient,
    taken: Taken | None,
    double: Mapping[Place, Fault],
    known: Mapping[str, ExistingPatient],
    alike: AlikePatients,
    intake: Intake,
) -> ReportedRow:
    if fault := double.get(row.place):
        return ReportedRow(row.place, row.number, RowOutcome.REFUSED, (fault,))
    return alike.warned(row, _reported(row, taken) if taken else _take_one(row, known.get(row.number), intake))


def _reported(row: IncomingPatient, taken: Taken) -> ReportedRow:
    return ReportedRow(row.place, row.number, taken.outcome, taken.faults, taken.warnings)


def _take_one(row: IncomingPatient, known: ExistingPatient | None, intake: Intake) -> ReportedRow:
    try:
        taken = _in_transaction(row, known, intake)
        by_rule = known is None and any(fault.why == Why.OTHER for fault in taken.faults)
        if by_rule and (since := known_patients(intake.site, [row.number])):  # by an import beside this one
            taken = _in_transaction(row, since[row.number], intake)
    except IntegrityError:  # the same, in the same moment: they are known by now
        taken = _in_transaction(row, known_patients(intake.site, [row.number]).get(row.number), intake)
    return _reported(row, taken)


def _in_transaction(row: IncomingPatient, known: ExistingPatient | None, intake: Intake) -> Taken:
    try:
        with transaction.atomic():
            taken = take_row(row, known, intake)
            if intake.dry_run:
                transaction.set_rollback(True)
    except ValidationError as error:
        return Taken(RowOutcome.REFUSED, tuple(Fault(Why.OTHER, says) for says in error.messages))
    return taken
