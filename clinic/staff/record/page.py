"""One surgery for staff: the header, the recovery on one axis, its messages, visits, contacts and history."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from clinic.staff import formats
from clinic.staff.chain import Chain, chain_of
from clinic.staff.offers import Offer, offers
from clinic.staff.record import axis as drawing
from clinic.staff.record.axis import Axis, AxisSpan, Mark
from clinic.staff.record.decisions import Decisions, decisions_of
from clinic.staff.record.history import HistoryEntry, history
from clinic.staff.record.own_days import own_days
from clinic.staff.record.progress import ProgressPanel, progress_of
from clinic.staff.record.rows import MessageRow, Messages, RowMaker, arranged
from clinic.staff.record.visits import RecordVisitRow, visit_rows
from patients.models import ConsentEvent, Contact, Patient, StaffMember, Surgery
from reminders.delivery.models import Delivery
from reminders.delivery.sending import outlook
from reminders.plan.facts import course_of
from reminders.plan.models import ProtocolVersion, Reminder
from reminders.plan.phase_calendar import Course
from reminders.plan.reasons import Reason


@dataclass(frozen=True, slots=True)
class RecordPage:
    surgery: Surgery
    about: list[str]
    signature: str
    axis: Axis
    today: str
    messages: Messages
    progress: ProgressPanel
    visits: list[RecordVisitRow]
    contacts: list[Contact]
    history: list[HistoryEntry]
    proposals: list[Offer]
    decisions: Decisions
    chain: Chain
    may_decide: bool  # about the plan; visits and contacts are everybody's
    may_merge: bool
    former: list[Patient]  # numbers that were merged into this one


def record_of(surgery: Surgery, *, staff: StaffMember, now: datetime) -> RecordPage:
    """`surgery` is one of the staff member's own, with patient, site, surgeon and care plan."""
    zone, patient = surgery.patient.zone, surgery.patient
    contacts = list(_contacts(surgery, staff))
    reminders = _reminders(surgery, staff)
    blocked = outlook.blocked(contacts, surgery.site, now)
    maker = RowMaker(contacts, zone, now, own_days(surgery, reminders), blocked)
    rows = [maker.row(reminder) for reminder in reminders]
    waiting = sum(reminder.reason == Reason.PLAN_HELD for reminder in reminders)
    visits = visit_rows(surgery, staff=staff, now=now)
    today = surgery.day_number(surgery.site.today(now))
    version = surgery.care_plan.version
    course = course_of(surgery, version).seen_on(surgery.site.today(now))
    decides = staff.decides_at(surgery.site)
    may_decide = surgery.is_active and decides
    return RecordPage(
        surgery=surgery,
        about=_about(surgery, today, now),
        signature=_signature(version, surgery.site.zone),
        axis=_axis(version, course, rows, visits, today),
        today=f"today, {formats.day(now.astimezone(zone).date())}, {_day_in_words(today)}",
        messages=arranged(rows, now),
        progress=progress_of(surgery, staff=staff, now=now),
        visits=visits,
        contacts=contacts,
        history=history([surgery, patient], surgery.site.zone),
        proposals=offers(surgery, now=now),
        decisions=decisions_of(surgery, course, waiting=waiting, may_decide=may_decide, today=surgery.site.today(now)),
        chain=chain_of(surgery, staff=staff, now=now),
        may_decide=may_decide,
        may_merge=decides,
        former=list(patient.merged_numbers.order_by("merged_at", "pk")),
    )


def _contacts(surgery: Surgery, staff: StaffMember) -> QuerySet[Contact]:
    contacts = Contact.objects.for_staff(staff).with_consent().filter(patient=surgery.patient)
    events = Prefetch("consent_events", ConsentEvent.objects.select_related("by").order_by("-pk"))
    return contacts.select_related("site", "patient").prefetch_related(events).order_by("pk")


def _reminders(surgery: Surgery, staff: StaffMember) -> list[Reminder]:
    deliveries = Prefetch(
        "deliveries", Delivery.objects.for_staff(staff).select_related("contact").prefetch_related("transitions")
    )
    mine = Reminder.objects.for_staff(staff).filter(surgery=surgery)
    return list(
        mine.select_related("surgery", "step__check_up", "handled_by")
        .prefetch_related(deliveries)
        .order_by("due_at", "pk")
    )


def _about(surgery: Surgery, today: int, now: datetime) -> list[str]:
    patient = surgery.patient
    day = (
        f"day {today} after {surgery.procedure}"
        if today >= 0
        else f"{surgery.procedure} in {formats.count(-today, 'day')}"
    )
    known = [
        _age(surgery, now),
        day,
        f"{'operated on' if today >= 0 else 'operation planned for'} {formats.day(surgery.date)}",
        f"surgeon {surgery.surgeon}",
        formats.language(patient.language),
        f"number {patient.number}",
    ]
    return known + ([f"times in {patient.time_zone}"] if patient.time_zone else [])


def _age(surgery: Surgery, now: datetime) -> str:
    """The highest that it can be, and what is known, where not the whole date of birth is."""
    patient = surgery.patient
    years = f"{patient.age(surgery.site.today(now))} years"
    return years if patient.birth_known == "day" else f"{years} at most, born {patient.born}"


def _day_in_words(today: int) -> str:
    return f"day {today}" if today >= 0 else f"{formats.count(-today, 'day')} before the operation"


def _signature(version: ProtocolVersion, zone: ZoneInfo) -> str:
    if not version.signed_at:
        return f"{version}, not signed"
    return f"{version}, signed by {version.signed_by} on {formats.day(version.signed_at.astimezone(zone).date())}"


def _axis(
    version: ProtocolVersion, course: Course, rows: list[MessageRow], visits: list[RecordVisitRow], today: int
) -> Axis:
    return drawing.draw(
        [AxisSpan(str(phase), *course.span(phase.code)) for phase in version.phases.all()],
        [Mark(r.day, r.dot, f"{r.when}: {r.title}, {r.pill.word}") for r in rows if not r.is_quiet],
        [
            Mark(v.day, "open" if v.is_open else v.pill.tone, f"{v.title}: {v.when or v.window}, {v.pill.word}")
            for v in visits
            if not v.is_off
        ],
        today=today,
    )
