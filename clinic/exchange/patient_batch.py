"""New patients of a file, registered together where nothing speaks against it."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from clinic.exchange import contact_import
from clinic.exchange.contact_import import Intake
from clinic.exchange.existing import ExistingPatient
from clinic.exchange.import_rows import Fault, IncomingPatient, Place
from clinic.exchange.patient_upsert import Taken, as_new
from clinic.exchange.report import RowOutcome
from clinic.exchange.row_checks import Judged
from reminders import enrol_many
from reminders.enrolment import NewPatient

Plain = dict[Place, tuple[NewPatient, tuple[Fault, ...]]]  # with warnings


def take(
    rows: Sequence[IncomingPatient],
    known: Mapping[str, ExistingPatient],
    judged: Mapping[Place, Judged],
    intake: Intake,
) -> dict[Place, Taken]:
    """What could be done together, by place: new patients taken or refused. If a rule stands in the way, none is taken.

    Known patients, and who has died, are left to `patient_upsert`.
    """
    fresh = [row for row in rows if row.number not in known and not row.dead]
    stopped = contact_import.stopped(intake.site, [_addresses(judged[row.place]) for row in fresh])
    plain: Plain = {}
    done: dict[Place, Taken] = {}
    for row in fresh:
        new = as_new(row, judged[row.place], intake, stopped)
        if isinstance(new, Taken):
            done[row.place] = new
        else:
            plain[row.place] = new
    if _register([new for new, _ in plain.values()], intake):
        done |= {place: Taken(RowOutcome.ADDED, warnings=warnings) for place, (_, warnings) in plain.items()}
    return done


def _addresses(judged: Judged) -> tuple[str, ...]:
    return tuple(filter(None, (judged.phone, judged.email)))


def _register(people: Sequence[NewPatient], intake: Intake) -> bool:
    if not people:
        return False
    try:
        with transaction.atomic():
            enrol_many.register(intake.site, people, by=intake.by, now=intake.now)
            if intake.dry_run:
                transaction.set_rollback(True)
    except (ValidationError, DatabaseError):
        return False  # one by one, each says its own reason
    return True
