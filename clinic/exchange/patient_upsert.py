"""One row against the record: register it, or bring over what changed. Called inside the row's transaction."""

from collections.abc import Container
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError

from clinic.exchange import contact_import
from clinic.exchange.contact_import import Intake
from clinic.exchange.existing import ExistingPatient, fresh
from clinic.exchange.import_rows import Fault, IncomingPatient, Why
from clinic.exchange.report import RowOutcome
from clinic.exchange.row_checks import Judged, judge, untranslated
from patients import audit
from patients.birth_dates import Known
from patients.models import Patient
from patients.models.patient import PatientStatus
from reminders import actions, enrolment
from reminders.enrolment import NewPatient

FROM_IMPORT = "import"  # where a status was said, in the audit
FACTS = ("given_name", "family_name", "language", "time_zone")
PRECISION = (Known.YEAR, Known.MONTH, Known.DAY)


@dataclass(frozen=True, slots=True)
class Taken:
    outcome: RowOutcome
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


def take_row(row: IncomingPatient, known: ExistingPatient | None, intake: Intake) -> Taken:
    """Register or update one patient. Raises ValidationError where a rule of a lower layer refuses."""
    if known and known.patient.merged_into:
        says = f"This number was merged into {known.patient.merged_into.number}: nothing is changed. Use that number."
        return Taken(RowOutcome.UNCHANGED, warnings=(Fault(Why.RECORD, says),))
    if row.died_on and row.birth_date and row.died_on < row.birth_date:
        return Taken(RowOutcome.REFUSED, (Fault(Why.DATE, "The date of death is before the date of birth."),))
    if known and row.dead:
        return _take_dead(row, known, intake)
    if known:
        return _take_living(row, known, intake)
    if row.dead:
        dead = Fault(Why.DEAD, "The source says that this person has died, so they are not registered.")
        return Taken(RowOutcome.REFUSED, (dead,))
    return _take_new(row, intake)


def _take_new(row: IncomingPatient, intake: Intake) -> Taken:
    new = as_new(row, judge(row, intake.rules), intake)
    if isinstance(new, Taken):
        return new
    patient, warnings = new
    enrolment.register_patient(intake.site, patient, by=intake.by, now=intake.now)
    return Taken(RowOutcome.ADDED, warnings=warnings)


def as_new(
    row: IncomingPatient, judged: Judged, intake: Intake, stopped: Container[str] | None = None
) -> tuple[NewPatient, tuple[Fault, ...]] | Taken:
    """The patient to register, with warnings; or the refusal. `stopped` as in `contact_import.compare`."""
    faults, warnings = judged.faults, judged.warnings
    if intake.without_contact:
        warnings += judged.unreachable
    else:
        faults += judged.unreachable
    if faults or row.birth_date is None:
        return Taken(RowOutcome.REFUSED, _worst_first(faults), warnings)
    language = row.language or intake.site.language
    todo = contact_import.compare(row, judged, None, intake, stopped)
    new = NewPatient(
        number=row.number,
        given_name=row.given_name,
        family_name=row.family_name,
        birth_date=row.birth_date,
        birth_known=row.birth_known,
        language=language,
        time_zone=row.time_zone,
        contacts=todo.new,
    )
    return new, (*warnings, *untranslated(language, intake.rules), *todo.warnings)


def _worst_first(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda fault: list(Why).index(fault.why)))


def _take_dead(row: IncomingPatient, known: ExistingPatient, intake: Intake) -> Taken:
    """A death is brought over whatever else is wrong with the row."""
    if known.patient.status == PatientStatus.DECEASED:
        return Taken(RowOutcome.UNCHANGED)
    died = {"died_on": row.died_on.isoformat()} if row.died_on else {}
    _set_status(known, PatientStatus.DECEASED, intake, **died)
    says = "The source says that this person has died: every plan of theirs has ended."
    return Taken(RowOutcome.UPDATED, warnings=(Fault(Why.DEAD, says),))


def _take_living(row: IncomingPatient, known: ExistingPatient, intake: Intake) -> Taken:
    """A death that an earlier import brought is taken back where the file says in so many words that they live."""
    if known.patient.status != PatientStatus.DECEASED or row.faults or not _died_by_import(known.patient):
        return _take_known(row, known, intake)
    if not row.alive:
        says = "An earlier import said that this person has died. If that was wrong, set them active on the record."
        taken = _take_known(row, known, intake)
        return replace(taken, warnings=(*taken.warnings, Fault(Why.DEAD, says)))
    _set_status(known, PatientStatus.ACTIVE, intake)
    taken = _take_known(row, fresh(known.patient), intake)
    if taken.outcome == RowOutcome.REFUSED:
        raise ValidationError([fault.says for fault in taken.faults])
    says = "An earlier import said that this person has died; this file says they live: their plans go on."
    return Taken(RowOutcome.UPDATED, warnings=(*taken.warnings, Fault(Why.DEAD, says)))


def _set_status(known: ExistingPatient, status: PatientStatus, intake: Intake, **details: str) -> None:
    actions.set_patient_status(
        known.patient, status=status, by=intake.by, now=intake.now, source=FROM_IMPORT, **details
    )


def _died_by_import(patient: Patient) -> bool:
    """What a person recorded since, only a person changes."""
    statuses = [f"patient {status}" for status in PatientStatus.values]
    last = audit.history(patient).filter(verb__in=statuses).order_by("-pk").first()
    return last is not None and last.details.get("source") == FROM_IMPORT


def _take_known(row: IncomingPatient, known: ExistingPatient, intake: Intake) -> Taken:
    """Facts that changed, addresses that are new, consent where nobody was asked. Nothing is taken away."""
    judged = judge(row, intake.rules)
    same_birthday = not _new_birth_date(row, known.patient)
    faults = tuple(fault for fault in judged.faults if not (fault.why == Why.MINOR and same_birthday))
    if faults:
        return Taken(RowOutcome.REFUSED, _worst_first(faults), judged.warnings)
    todo = contact_import.compare(row, judged, known, intake)
    warnings = (*judged.warnings, *judged.unreachable, *todo.warnings, *_status_warnings(known))
    if not todo and not _changed(row, known.patient):
        return Taken(RowOutcome.UNCHANGED, warnings=warnings)
    known = fresh(known.patient)  # the chunk was read a while ago; now the row is locked
    facts = _changed(row, known.patient)
    patient = known.patient
    if facts:
        patient = actions.change_patient(patient, by=intake.by, now=intake.now, **facts)
    contact_import.bring_over(contact_import.compare(row, judged, known, intake), patient, intake)
    more = untranslated(row.language, intake.rules) if "language" in facts else []
    return Taken(RowOutcome.UPDATED, warnings=(*warnings, *more))


def _changed(row: IncomingPatient, patient: Patient) -> dict[str, object]:
    """What the file leaves empty is left as it is."""
    wanted = {name: getattr(row, name) for name in FACTS}
    changed = {name: value for name, value in wanted.items() if value and value != getattr(patient, name)}
    return changed | _new_birth_date(row, patient)


def _new_birth_date(row: IncomingPatient, patient: Patient) -> dict[str, object]:
    """Another date, or more of it; what is known never gives way to less."""
    known, told = PRECISION.index(Known(patient.birth_known)), PRECISION.index(Known(row.birth_known))
    if not row.birth_date or told < known or (told == known and row.birth_date == patient.birth_date):
        return {}
    return {"birth_date": row.birth_date, "birth_known": row.birth_known}


def _status_warnings(known: ExistingPatient) -> list[Fault]:
    status = known.patient.status
    if status == PatientStatus.ACTIVE:
        return []
    return [Fault(Why.RECORD, f"This patient is recorded here as {status}. The import leaves that as it is.")]
