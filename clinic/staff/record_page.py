"""One surgery for staff: the header, the recovery on one axis, its messages, visits, contacts and story."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from clinic.staff import record_axis, words
from clinic.staff.record_axis import Axis, Mark, Span
from clinic.staff.record_rows import Row, RowMaker
from clinic.staff.record_story import Deed, story
from clinic.staff.words import Pill
from patients.models import CheckUp, ConsentEvent, Contact, StaffMember, Surgery
from patients.models.checkup import CheckUpState
from reminders.delivery.models import Delivery
from reminders.plan.models import ProtocolVersion, Reminder

VISIT_TONES = {
    CheckUpState.DUE: "neutral",
    CheckUpState.BOOKED: "warn",
    CheckUpState.CONFIRMED: "good",
    CheckUpState.ATTENDED: "good",
    CheckUpState.MISSED: "bad",
    CheckUpState.CANCELLED: "neutral",
}


@dataclass(frozen=True, slots=True)
class VisitRow:
    title: str
    window: str
    when: str
    day: int
    pill: Pill
    is_open: bool


@dataclass(frozen=True, slots=True)
class Record:
    surgery: Surgery
    about: list[str]
    signature: str
    axis: Axis
    rows: list[Row]
    visits: list[VisitRow]
    contacts: list[Contact]
    deeds: list[Deed]

    @property
    def quiet(self) -> int:
        return sum(row.is_quiet for row in self.rows)


def record_of(surgery: Surgery, *, staff: StaffMember, now: datetime) -> Record:
    """`surgery` is one of the staff member's own, with patient, site, surgeon and care plan."""
    zone, patient = surgery.patient.zone, surgery.patient
    contacts = list(_contacts(surgery, staff))
    maker = RowMaker(contacts, zone, now)
    rows = [maker.row(reminder) for reminder in _reminders(surgery, staff)]
    visits = [_visit(row, surgery) for row in CheckUp.objects.for_staff(staff).filter(surgery=surgery)]
    today = surgery.day_number(surgery.site.today(now))
    version = surgery.care_plan.version
    return Record(
        surgery=surgery,
        about=_about(surgery, today, now),
        signature=_signature(version, surgery.site.zone),
        axis=_axis(version, rows, visits, today),
        rows=rows,
        visits=visits,
        contacts=contacts,
        deeds=story([surgery, patient], surgery.site.zone),
    )


def _contacts(surgery: Surgery, staff: StaffMember) -> QuerySet[Contact]:
    contacts = Contact.objects.for_staff(staff).with_consent().filter(patient=surgery.patient)
    events = Prefetch("consent_events", ConsentEvent.objects.select_related("by").order_by("-at", "-pk"))
    return contacts.select_related("site", "patient").prefetch_related(events).order_by("pk")


def _reminders(surgery: Surgery, staff: StaffMember) -> list[Reminder]:
    deliveries = Prefetch("deliveries", Delivery.objects.for_staff(staff).select_related("contact"))
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
        else f"{surgery.procedure} in {words.count(-today, 'day')}"
    )
    known = [
        f"{patient.age(surgery.site.today(now))} years",
        day,
        f"operated on {words.day(surgery.date)}",
        f"surgeon {surgery.surgeon}",
        words.language(patient.language),
        f"number {patient.number}",
    ]
    return known + ([f"times in {patient.time_zone}"] if patient.time_zone else [])


def _signature(version: ProtocolVersion, zone: ZoneInfo) -> str:
    if not version.signed_at:
        return f"{version}, not signed"
    return f"{version}, signed by {version.signed_by} on {words.day(version.signed_at.astimezone(zone).date())}"


def _visit(row: CheckUp, surgery: Surgery) -> VisitRow:
    state = CheckUpState(row.state)
    zone = surgery.site.zone
    when = words.moment(row.booked_for, zone) if row.booked_for else ""
    on = row.booked_for.astimezone(zone).date() if row.booked_for else row.target_day
    window = f"{words.day(row.window_opens)} to {words.day(row.window_closes)}"
    pill = Pill(str(state.label), VISIT_TONES[state])
    return VisitRow(row.title, window, when, (on - surgery.date).days, pill, state == CheckUpState.DUE)


def _axis(version: ProtocolVersion, rows: list[Row], visits: list[VisitRow], today: int) -> Axis:
    return record_axis.draw(
        [Span(str(phase), phase.first_day, phase.last_day) for phase in version.phases.all()],
        [Mark(r.day, r.dot, f"{r.when}: {r.title}, {r.pill.word}") for r in rows if not r.is_quiet],
        [
            Mark(v.day, "open" if v.is_open else v.pill.tone, f"{v.title}: {v.when or v.window}, {v.pill.word}")
            for v in visits
            if v.pill.word != CheckUpState.CANCELLED.label
        ],
        today=today,
    )
