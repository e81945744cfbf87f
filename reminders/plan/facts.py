"""The facts of one surgery, read once from the tables and handed to the schedule as plain values."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from patients.models import Contact, Patient, Site, Surgery
from patients.models.contact import Relationship
from reminders.plan.course import Course
from reminders.plan.models import PlanChange, ProtocolVersion, Reminder
from reminders.plan.spec import spec_of
from reminders.plan.values import Budget, ChangeKind, Decision, Facts, Left, VisitFact

HORIZON = timedelta(days=400)
IN_COLUMNS = [ChangeKind.DATE, ChangeKind.VERSION]


def horizon(site: Site, now: datetime) -> date:
    """The day up to which repeats without end are laid out."""
    return site.today(now) + HORIZON


def facts_of(surgery: Surgery, *, until: date) -> Facts:
    site, patient = surgery.site, surgery.patient
    return sketch(
        Sketch(
            site=site,
            patient=patient,
            day0=surgery.date,
            enrolled_on=site.today(surgery.enrolled_at),
            physical_therapy=surgery.physical_therapy,
            job=surgery.job,
            channels=channels_of(patient),
            visits=tuple(
                VisitFact(c.code, c.occurrence, c.state, c.booked_for, c.bookings) for c in surgery.check_ups.all()
            ),
            decisions=decisions_of(surgery),
        ),
        until=until,
    )


def channels_of(patient: Patient) -> frozenset[str]:
    """By which the patient is reached; a caregiver's are not counted."""
    own = Contact.objects.reachable().filter(patient=patient, relationship=Relationship.SELF)
    return frozenset(contact.channel for contact in own)


def left_of(surgery: Surgery, rows: Iterable[Reminder], free: Container[int]) -> tuple[Left, ...]:
    """`free`: what the plan may still move; the others were sent, are on their way, or were tried in vain."""
    zone = surgery.patient.zone
    gone = (row for row in rows if row.pk not in free)
    return tuple(Left(row.step_code, row.occurrence, row.due_at.astimezone(zone).date()) for row in gone)


def decisions_of(surgery: Surgery) -> tuple[Decision, ...]:
    """In the order they were made. The day of surgery and the version stand in columns of their own."""
    rows = PlanChange.objects.filter(surgery_id=surgery.pk).in_force().exclude(kind__in=IN_COLUMNS)
    return tuple(decision_of(row) for row in rows)


def decision_of(row: PlanChange) -> Decision:
    return Decision(
        kind=ChangeKind(row.kind),
        starts=row.starts,
        ends=row.ends,
        phase=row.phase,
        step=row.step,
        occurrence=row.occurrence,
        days=row.days,
        percent=row.percent,
        to=row.to,
    )


def course_of(surgery: Surgery, version: ProtocolVersion) -> Course:
    """On which calendar day each day of the protocol falls for this patient, and which phase a day lies in."""
    return Course(surgery.date, spec_of(version).phases, decisions_of(surgery))


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a plan needs to know, whether the rows exist already or the enrolment form is still being filled in."""

    site: Site
    patient: Patient  # may be unsaved
    day0: date
    enrolled_on: date
    physical_therapy: str = "undecided"
    job: str = "unknown"
    channels: frozenset[str] = frozenset()
    visits: tuple[VisitFact, ...] = ()
    decisions: tuple[Decision, ...] = ()


def sketch(sketch: Sketch, *, until: date) -> Facts:
    site = sketch.site
    return Facts(
        day0=sketch.day0,
        zone=sketch.patient.zone,
        site_zone=site.zone,
        opens=site.send_from,
        closes=site.send_until,
        until=until,
        enrolled_on=sketch.enrolled_on,
        staffed_weekdays=frozenset(site.staffed_weekdays),
        closed_days=frozenset(site.closed_days.values_list("date", flat=True)),
        physical_therapy=sketch.physical_therapy,
        job=sketch.job,
        channels=sketch.channels,
        visits=sketch.visits,
        decisions=sketch.decisions,
        budget=Budget(site.messages_a_day, site.messages_a_week),
    )
