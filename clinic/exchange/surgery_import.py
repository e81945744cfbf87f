"""Enrols operations that come in as rows, in batches; a batch with trouble row by row. Idempotent."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import cast

from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from clinic.exchange.import_rows import Fault, IncomingSurgery, Place, UnusableInput, Why
from clinic.exchange.passes import again, in_batches, read
from clinic.exchange.patient_import import Each, quietly
from clinic.exchange.report import ImportReport, ReportedRow, RowOutcome
from patients.models import Patient, Procedure, Site, StaffMember, Surgery
from patients.models.staff import Role
from patients.models.surgery import Job, PhysicalTherapy
from reminders import enrol_many, enrolment, further_operation
from reminders.enrol_many import KnownPlans
from reminders.enrolment import NewSurgery
from reminders.further_operation import RunningPlan
from reminders.plan.models import ProtocolVersion
from reminders.plan.planning import STUMBLES

DONE_WITH = {
    RunningPlan.END: "ended: a later operation follows it. What is booked for it stays booked.",
    RunningPlan.HOLD: "is held until a person releases it: a later operation follows it.",
    RunningPlan.KEEP: "goes on beside that of the later operation.",
}
BATCH = 1_000  # rows in one transaction: about a second
Result = tuple[RowOutcome, list[Fault], list[Fault]]  # outcome, faults, warnings


class Unfit(Exception):
    """What is wrong with the row."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*(fault.says for fault in faults))
        self.faults = list(faults)


@dataclass(slots=True)
class Enrolling:
    """What holds for every row. `planned`: a dry run, which keeps nothing, still sees rows that exclude each other."""

    site: Site
    by: StaffMember
    now: datetime
    dry_run: bool
    running_plan: str
    procedures: dict[str, Procedure]
    surgeons: dict[str, StaffMember]
    versions: dict[str, ProtocolVersion | None] = field(default_factory=dict)
    patients: dict[str, Patient] = field(default_factory=dict)  # by number, of the rows at hand
    known: KnownPlans = field(default_factory=KnownPlans)
    planned: dict[tuple[str, date], str] = field(default_factory=dict)


def enrol_all(
    rows: Iterable[IncomingSurgery],
    *,
    site: Site,
    by: StaffMember,
    now: datetime,
    dry_run: bool = False,
    running_plan: str = RunningPlan.END,
    each: Each = quietly,
    report: ImportReport | None = None,
) -> ImportReport:
    """Every row is added (enrolled, with its plan), found unchanged, or refused with its reasons.

    `running_plan`: what becomes of a plan that the patient of a row has already; the row is warned about it.
    """
    if not by.is_at(site):
        raise UnusableInput(f"{by.username} does not work at {site}: --by names a staff member of the site.")
    report = report or ImportReport(dry_run=dry_run)
    enrolling = Enrolling(site, by, now, report.dry_run, running_plan, _procedures(), _surgeons(site))
    try:
        rows = again(rows)
        found = read(each(rows, "Reading"), rows)
        for _ in each(_enrol_each(found.rows, enrolling, report), "Enrolling", found.total):
            pass
    except KeyboardInterrupt:
        report.interrupted = True
    return report


def _procedures() -> dict[str, Procedure]:
    return {procedure.code: procedure for procedure in Procedure.objects.all()}


def _surgeons(site: Site) -> dict[str, StaffMember]:
    here = StaffMember.objects.filter(memberships__site=site, memberships__role=Role.SURGEON, is_active=True)
    return {surgeon.username: surgeon for surgeon in here}


def _enrol_each(rows: Iterable[IncomingSurgery], enrolling: Enrolling, report: ImportReport) -> Iterator[None]:
    """A batch at a time: the plain ones together, then the others one by one, reported in the order of the file."""
    for batch in in_batches(rows, BATCH):
        together = _enrol_plain(batch, enrolling)
        try:
            for row in batch:
                done = together.pop(row.place, None)
                report.add(done or _reported(row, _enrol_one(row, enrolling)))
                yield
        finally:  # where it was stopped, these are done all the same
            for done in together.values():
                report.add(done)


def _reported(row: IncomingSurgery, result: Result) -> ReportedRow:
    outcome, faults, warnings = result
    return ReportedRow(row.place, row.number, outcome, tuple(faults), tuple(warnings))


def _enrol_plain(rows: Sequence[IncomingSurgery], enrolling: Enrolling) -> dict[Place, ReportedRow]:
    """What could be done together, by place: one operation of a patient who has none. Nothing, if any was refused."""
    numbers = Counter(row.number for row in rows)
    found = Patient.objects.for_site(enrolling.site).filter(number__in=numbers).select_related("merged_into", "site")
    enrolling.patients = {patient.number: patient for patient in found}
    single = [row for row in rows if numbers[row.number] == 1 and (row.number, row.day) not in enrolling.planned]
    resolved = {row: pair for row in single if (pair := _resolved(row, enrolling))}
    plain = enrol_many.plain_ones(enrolling.site, [patient for patient, _ in resolved.values()])
    wanted = {row: pair for row, pair in resolved.items() if pair[0].pk in plain}
    done = _enrol_together(wanted, enrolling)
    for row in done:
        enrolling.planned[row.number, cast(date, row.day)] = row.procedure
    return {row.place: _reported(row, (RowOutcome.ADDED, [], [])) for row in done}


def _resolved(row: IncomingSurgery, enrolling: Enrolling) -> tuple[Patient, NewSurgery] | None:
    try:
        return _resolve(row, enrolling)
    except Unfit:
        return None


def _enrol_together(
    wanted: dict[IncomingSurgery, tuple[Patient, NewSurgery]], enrolling: Enrolling
) -> list[IncomingSurgery]:
    try:
        with transaction.atomic():
            done = enrol_many.enrol(
                enrolling.site, [*wanted.values()], by=enrolling.by, now=enrolling.now, known=enrolling.known
            )
            if enrolling.dry_run:
                transaction.set_rollback(True)
    except (ValidationError, DatabaseError, *STUMBLES):
        return []  # one by one, each says its own reason
    return [row for row, (patient, _) in wanted.items() if patient.pk in done]


def _enrol_one(row: IncomingSurgery, enrolling: Enrolling) -> Result:
    try:
        with transaction.atomic():
            result = _enrol(row, enrolling)
            if enrolling.dry_run:
                transaction.set_rollback(True)
    except Unfit as unfit:
        return RowOutcome.REFUSED, unfit.faults, []
    except ValidationError as error:
        return RowOutcome.REFUSED, [Fault(Why.OTHER, says) for says in error.messages], []
    except IntegrityError:
        says = "Somebody else enrolled this patient at the same moment. Import the file once more."
        return RowOutcome.REFUSED, [Fault(Why.OTHER, says)], []
    return result


def _enrol(row: IncomingSurgery, enrolling: Enrolling) -> Result:
    patient, new = _resolve(row, enrolling)
    there = Surgery.objects.for_site(enrolling.site).filter(enrolment_key=new.key).first()
    there = there or patient.surgeries.filter(cancelled_at=None, date=new.date).select_related("procedure").first()
    if there:
        return _already(there, new)
    if other := enrolling.planned.get((row.number, new.date)):
        if other == row.procedure:
            return RowOutcome.UNCHANGED, [], [Fault(Why.DUPLICATE, "This operation is in the file twice.")]
        raise Unfit(_same_day(other))
    plans = further_operation.running(patient)
    surgery = enrolment.enrol(patient, new, site=enrolling.site, by=enrolling.by, now=enrolling.now)
    enrolling.planned[row.number, new.date] = row.procedure
    return RowOutcome.ADDED, [], _running(further_operation.gives_way(plans, surgery), enrolling)


def _running(plans: list[Surgery], enrolling: Enrolling) -> list[Fault]:
    """One warning for each plan that gave way to a later operation, or runs beside it."""
    did = DONE_WITH[RunningPlan(enrolling.running_plan)]
    return [
        Fault(Why.RUNNING, f"The plan of the operation of {one.date} ({one.procedure.code}) {did}") for one in plans
    ]


def _same_day(other: str) -> Fault:
    says = f"This patient has another operation on that day already ({other}). Correct the date or the procedure."
    return Fault(Why.SAME_DAY, says)


def _already(there: Surgery, new: NewSurgery) -> Result:
    """Enrolled before, by this file or by hand. The record is not changed by an import; what differs is said."""
    if there.procedure_id != new.procedure.pk:
        raise Unfit(_same_day(there.procedure.code))
    if there.cancelled_at:
        says = "This operation was cancelled here and stays cancelled."
        return RowOutcome.UNCHANGED, [], [Fault(Why.RECORD, says)]
    differs = [
        name
        for name, here, wanted in (
            ("date", there.date, new.date),
            ("surgeon", there.surgeon_id, new.surgeon.pk),
            ("pt", there.physical_therapy, new.physical_therapy),
            ("job", there.job, new.job),
        )
        if here != wanted
    ]
    says = f"On record with another {' and '.join(differs)}: change it on the record where the file is right."
    return RowOutcome.UNCHANGED, [], [Fault(Why.RECORD, says)] if differs else []


def _resolve(row: IncomingSurgery, enrolling: Enrolling) -> tuple[Patient, NewSurgery]:
    """Words to rows of the database. Raises Unfit with everything that is wrong, not only the first thing."""
    faults = list(row.faults)
    found = enrolling.patients.get(row.number)
    patient = (found.merged_into or found) if found else None
    procedure, surgeon = enrolling.procedures.get(row.procedure), enrolling.surgeons.get(row.surgeon)
    version = _version(procedure, enrolling)
    if row.number and not patient:
        says = "No patient of this site has this number. Import or register the patient first."
        faults.append(Fault(Why.PATIENT, says))
    if row.procedure and not procedure:
        says = f"This procedure is not known. Known are: {', '.join(sorted(enrolling.procedures))}."
        faults.append(Fault(Why.PROCEDURE, says))
    if procedure and not version:
        says = f"There is no signed protocol for {procedure.code} at this site. A surgeon must sign one first."
        faults.append(Fault(Why.PROTOCOL, says))
    if row.surgeon and not surgeon:
        says = f"No surgeon of this site has this user name. Surgeons here: {', '.join(sorted(enrolling.surgeons))}."
        faults.append(Fault(Why.SURGEON, says))
    faults += _choice("pt", row.physical_therapy, PhysicalTherapy.values)
    faults += _choice("job", row.job, Job.values)
    if faults or not (patient and procedure and surgeon and version and row.day):
        raise Unfit(*faults)
    return patient, NewSurgery(
        procedure=procedure,
        surgeon=surgeon,
        date=row.day,
        version=version,
        physical_therapy=row.physical_therapy or PhysicalTherapy.UNDECIDED,
        job=row.job or Job.UNKNOWN,
        running_plan=enrolling.running_plan,
        key=_key(enrolling.site, row.number, procedure.code, row.day),
    )


def _choice(name: str, value: str, choices: list[str]) -> list[Fault]:
    if not value or value in choices:
        return []
    return [Fault(Why.OTHER, f"{name}: This is not known. Write one of {', '.join(choices)}, or leave it empty.")]


def _version(procedure: Procedure | None, enrolling: Enrolling) -> ProtocolVersion | None:
    if procedure is None:
        return None
    if procedure.code not in enrolling.versions:
        enrolling.versions[procedure.code] = enrolment.default_version(enrolling.site, procedure)
    return enrolling.versions[procedure.code]


def _key(site: Site, number: str, procedure: str, day: date) -> str:
    """The same row gives the same key on every run and every machine."""
    facts = "|".join([site.code, number, procedure, day.isoformat()])
    return f"import-{sha256(facts.encode()).hexdigest()[:40]}"
