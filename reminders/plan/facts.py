"""The facts of surgeries, read once from the tables and handed to the schedule as plain values."""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from patients.models import CheckUp, ClosedDay, Contact, Patient, Site, Surgery
from patients.models.contact import Relationship
from reminders.plan.load_protocol import spec_of
from reminders.plan.models import PlanChange, ProtocolVersion, Reminder
from reminders.plan.phase_calendar import Course
from reminders.plan.values import Budget, ChangeKind, Decision, Facts, SentFact, VisitFact
from reminders.plan.visit_notices import is_notice

HORIZON = timedelta(days=400)
IN_COLUMNS = [ChangeKind.DATE, ChangeKind.VERSION]


def box(site: int, address: str) -> str:
    """One phone or mailbox of a site: limits of messages are a site's own."""
    return f"{site} {address}"


def horizon(site: Site, now: datetime) -> date:
    """The day up to which repeats without end are laid out."""
    return site.today(now) + HORIZON


def facts_of(surgery: Surgery, *, until: date) -> Facts:
    """The facts of one surgery; `until`: the last day of endless repeats."""
    return KnownFacts.about([surgery]).facts(surgery, until=until)


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """What the tables say of some surgeries, in as many queries for a hundred as for one."""

    check_ups: Mapping[int, list[CheckUp]]
    decisions: Mapping[int, list[Decision]]
    addresses: Mapping[int, set[tuple[str, str]]]  # by patient: channel and address; a caregiver's are not counted
    closed_days: Mapping[int, set[date]]  # by site

    @classmethod
    def about(cls, surgeries: Collection[Surgery]) -> Self:
        check_ups, addresses, closed_days = defaultdict(list), defaultdict(set), defaultdict(set)
        for check_up in CheckUp.objects.filter(surgery__in=surgeries):
            check_ups[check_up.surgery_id].append(check_up)
        patients, sites = ({getattr(one, name) for one in surgeries} for name in ("patient_id", "site_id"))
        for contact in Contact.objects.reachable().filter(patient__in=patients, relationship=Relationship.SELF):
            addresses[contact.patient_id].add((contact.channel, box(contact.site_id, contact.address)))
        for site, day in ClosedDay.objects.filter(site__in=sites).values_list("site", "date"):
            closed_days[site].add(day)
        return cls(check_ups, _decisions([surgery.pk for surgery in surgeries]), addresses, closed_days)

    def channels(self, surgery: Surgery) -> frozenset[str]:
        """By which the patient is reached."""
        return frozenset(channel for channel, _ in self.addresses.get(surgery.patient_id, ()))

    def facts(self, surgery: Surgery, *, until: date) -> Facts:
        """The facts of one of them; `until`: the last day of endless repeats."""
        rows = self.check_ups.get(surgery.pk, ())
        return sketch(
            Sketch(
                site=surgery.site,
                patient=surgery.patient,
                day0=surgery.date,
                enrolled_on=surgery.site.today(surgery.enrolled_at),
                physical_therapy=surgery.physical_therapy,
                job=surgery.job,
                ends_on=surgery.ends_on,
                channels=self.channels(surgery),
                addresses=tuple(sorted(self.addresses.get(surgery.patient_id, ()))),
                visits=tuple(VisitFact(c.code, c.occurrence, c.state, c.booked_for, c.bookings) for c in rows),
                decisions=tuple(self.decisions.get(surgery.pk, ())),
            ),
            until=until,
            closed_days=frozenset(self.closed_days.get(surgery.site_id, ())),
        )


def left_of(surgery: Surgery, rows: Iterable[Reminder], free: Container[int]) -> tuple[SentFact, ...]:
    """`free`: what the plan may still move; the others were sent, are on their way, or were tried in vain.

    A notice about a visit's time answers a booking: it takes no day from the plan's own messages.
    """
    zone = surgery.patient.zone
    gone = (row for row in rows if row.pk not in free and not is_notice(row.step_code))
    return tuple(SentFact(row.step_code, row.occurrence, row.due_at.astimezone(zone).date()) for row in gone)


def decisions_of(surgery: Surgery) -> tuple[Decision, ...]:
    """The decisions in force about one plan, in the order they were made."""
    return tuple(_decisions([surgery.pk])[surgery.pk])


def _decisions(surgeries: Collection[int]) -> defaultdict[int, list[Decision]]:
    """In the order they were made. The day of surgery and the version stand in columns of their own."""
    found = defaultdict(list)
    for row in PlanChange.objects.filter(surgery__in=surgeries).in_force().exclude(kind__in=IN_COLUMNS):
        found[row.surgery_id].append(decision_of(row))
    return found


def decision_of(row: PlanChange) -> Decision:
    """The row as a plain value."""
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
        check_up=row.check_up,
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
    ends_on: date | None = None
    channels: frozenset[str] = frozenset()
    addresses: tuple[tuple[str, str], ...] = ()
    visits: tuple[VisitFact, ...] = ()
    decisions: tuple[Decision, ...] = ()


def sketch(sketch: Sketch, *, until: date, closed_days: frozenset[date] | None = None) -> Facts:
    """`closed_days`: where they were read already."""
    site = sketch.site
    if closed_days is None:
        closed_days = frozenset(site.closed_days.values_list("date", flat=True))
    return Facts(
        day0=sketch.day0,
        zone=sketch.patient.zone,
        site_zone=site.zone,
        opens=site.send_from,
        closes=site.send_until,
        until=until,
        enrolled_on=sketch.enrolled_on,
        staffed_weekdays=frozenset(site.staffed_weekdays),
        closed_days=closed_days,
        physical_therapy=sketch.physical_therapy,
        job=sketch.job,
        ends_on=sketch.ends_on,
        channels=sketch.channels,
        person=sketch.patient.pk or 0,
        addresses=sketch.addresses,
        visits=sketch.visits,
        decisions=sketch.decisions,
        budget=Budget(site.messages_a_day, site.messages_a_week),
    )
