"""Every text of one invented patient with its moment, and why what does not go does not. Writes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from patients.models import Patient, Site, StaffMember, Surgery
from patients.models.contact import Channel
from reminders.delivery.sending.dry_run import Recipient
from reminders.plan.facts import HORIZON
from reminders.plan.local_time import moment
from reminders.plan.models import ProtocolVersion
from reminders.plan.reasons import SENTENCES, Reason
from reminders.plan.shifts import Shift
from reminders.plan.values import Wanted
from reminders.preview import PATIENT, Preview, PreviewOutcome, PreviewRow

LONGEST = 1000  # days
LIMITED = {Reason.MERGED, Reason.BUDGET}
SHIFTED = {
    Shift.HOLD: "The plan was held.",
    Shift.PACE: "The pace differs from the protocol's.",
    Shift.PHASE: "A phase was moved.",
    Shift.DELAY: "It was postponed.",
    Shift.PT: "Physical therapy was ordered for another day.",
    Shift.QUIET: "Moved out of the quiet hours.",
    Shift.CLOSED: "Moved to a day on which the clinic is open.",
    Shift.CLOCKS: "Moved because the clocks change: its time does not exist on that day.",
    Shift.BUDGET: "Moved{from_day}: daily or weekly limit reached.",
    Shift.ADDED: "Added to the protocol's own messages.",
}


@dataclass(frozen=True, slots=True)
class SimulationCase:
    """An invented patient. `enrolled`: the moment of the enrolment; None: before the first hour of day 0.

    `books`: every visit that lies ahead is booked at the enrolment, for ten o'clock on its target day.
    """

    site: Site
    version: ProtocolVersion
    day0: date
    days: int
    zone: str = ""
    language: str = "en"
    channels: tuple[str, ...] = ("sms", "email")
    physical_therapy: str = "undecided"
    job: str = "unknown"
    enrolled: datetime | None = None
    books: bool = False


@dataclass(frozen=True, slots=True)
class SimulatedMessage:
    """One message. `at`: when it leaves, or would have; `why` is empty where it leaves."""

    at: datetime
    day: int
    step: str
    occurrence: int
    title: str
    channel: str
    why: str
    shifts: tuple[str, ...]
    moved_from: date | None = None
    is_limited: bool = False  # moved, merged or left out by the site's limit of messages
    subject: str = ""
    text: str = ""
    nature: str = ""


def simulate(case: SimulationCase, *, surgery: Surgery | None = None) -> list[SimulatedMessage]:
    """`surgery`: words for a real one, whose name and link they carry; else for one that is not saved."""
    shown = _preview(case, surgery or an_invented_surgery(case))
    lines = [_line(row, shown) for row in shown.rows]
    return sorted(lines, key=lambda line: (line.at, line.step, line.occurrence))


def an_invented_surgery(case: SimulationCase) -> Surgery:
    patient = Patient(
        site=case.site,
        given_name="Ana",
        birth_date=date(1970, 1, 1),
        language=case.language,
        time_zone=case.zone,
    )
    facts = {"physical_therapy": case.physical_therapy, "job": case.job}
    return Surgery(
        site=case.site, patient=patient, surgeon=StaffMember(last_name="the surgeon"), date=case.day0, **facts
    )


def _preview(case: SimulationCase, surgery: Surgery) -> Preview:
    """With what the visits are booked for, where they are: known once the plan is laid out without."""
    start = case.enrolled or moment(case.day0, time(0), surgery.patient.zone)
    ends = start + timedelta(days=case.days)
    shown = Preview(
        surgery=surgery,
        version=case.version,
        recipients=[_recipient(case, key - len(case.channels), channel) for key, channel in enumerate(case.channels)],
        now=start,
        until=max(ends.date(), case.day0) + HORIZON,  # as far ahead as a plan sees that sends on the last day
        ends=ends,
        enrolled_on=None if case.enrolled else case.day0,
    )
    if not case.books:
        return shown
    ten = {(one.code, one.occurrence): moment(one.target, time(10), case.site.zone) for one in shown.layout.visits}
    return replace(shown, booked={visit: at for visit, at in ten.items() if at > start})


def _recipient(case: SimulationCase, key: int, channel: str) -> Recipient:
    """Reached by the clinic's own number, which no other patient has, and written to in a trial too."""
    address = str(case.site.phone) if channel == Channel.SMS else "invented@example.org"
    return Recipient(key, channel, address, PATIENT, case.language, is_trial_recipient=True)


def _shifted(want: Wanted) -> Iterator[str]:
    from_day = f" from {want.moved_from:%a %-d %b}" if want.moved_from else ""
    yield from (SHIFTED[shift].format(from_day=from_day) for shift in want.shifts)


def _line(row: PreviewRow, shown: Preview) -> SimulatedMessage:
    want, surgery, leaving = row.want, shown.surgery, row.deliveries[0] if row.outcome == PreviewOutcome.SENT else None
    channel = shown.channel_of(row)
    words = leaving.words if leaving else shown.words_of(row, channel)
    at = leaving.at if leaving and leaving.at else want.due_at
    return SimulatedMessage(
        at=at,
        day=(at.astimezone(surgery.patient.zone).date() - surgery.date).days,
        step=want.step,
        occurrence=want.occurrence,
        title=row.step.title_on((want.due_at.astimezone(surgery.patient.zone).date() - surgery.date).days),
        channel=channel if words.text else "",
        why=SENTENCES[row.why],
        shifts=tuple(_shifted(want)),
        moved_from=want.moved_from,
        is_limited=want.moved_from is not None or row.why in LIMITED,
        subject=words.subject,
        text=words.text,
        nature=row.step.own_nature,
    )
