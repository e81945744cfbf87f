"""What the demo's receptionist and its patients do each morning: book, attend, miss, answer."""

from datetime import datetime, time, timedelta

from clinic.demo.people import PEOPLE
from patients.models import CheckUp, Contact, Site, StaffMember
from patients.models.checkup import CheckUpState
from reminders import visit_actions
from reminders.plan.local_time import moment, next_staffed
from reminders.plan.models.step import StepKind
from reminders.plan.visit_notices import MARK
from reminders.replies import actions as reading
from reminders.replies import inbound
from reminders.replies.alerts import handling
from reminders.replies.models import Alert, Reply
from reminders.replies.models.alert import Outcome

BOOK_AHEAD = timedelta(days=9)
KEEPERS = {f"R-{1001 + index}": person.keeps for index, person in enumerate(PEOPLE)}
LEFT_OPEN = [("Wolf", "can I drive yet?"), ("Costa", "3"), ("Delgado", "me duele un poco la herida")]


def work(site: Site, *, by: StaffMember, now: datetime) -> None:
    """Book what is coming for those who keep their visits; close yesterday's; answer `1` for most."""
    _close(site, by=by, now=now)
    _book(site, by=by, now=now)
    _confirm(site, now=now)


def call_back(site: Site, *, by: StaffMember, now: datetime) -> None:
    """Whoever raised an alert or wrote on a day before; what came in since still stands on the board."""
    before = now - timedelta(hours=20)
    for alert in Alert.objects.for_site(site).open().filter(raised_at__lt=before):
        handling.close(alert, outcome=Outcome.REACHED, note="Called back.", by=by, now=now)
    for reply in Reply.objects.for_site(site).to_read().filter(received_at__lt=before):
        reading.mark_read(reply, by=by, now=now)


def _book(site: Site, *, by: StaffMember, now: datetime) -> None:
    today = site.today(now)
    due = CheckUp.objects.for_site(site).filter(state=CheckUpState.DUE, window_opens__lte=today + BOOK_AHEAD)
    for visit in due.filter(window_closes__gte=today).with_patient():
        if KEEPERS[visit.surgery.patient.number]:
            day = max(visit.target_day, today + timedelta(days=1))
            day = next_staffed(day, weekdays=site.staffed_weekdays, closed=())
            at = time(9 + visit.pk % 7, 20 * (visit.pk % 3))
            visit_actions.book_visit(visit, at=moment(day, at, site.zone), by=by, now=now)


def _close(site: Site, *, by: StaffMember, now: datetime) -> None:
    for visit in CheckUp.objects.for_site(site).upcoming().filter(booked_for__lt=now).with_patient():
        if visit.pk % 9 == 4:
            visit_actions.mark_missed(visit, by=by, now=now)
        else:
            visit_actions.mark_attended(visit, by=by, now=now)


def _confirm(site: Site, *, now: datetime) -> None:
    soon = now + timedelta(days=2)
    for visit in CheckUp.objects.for_site(site).filter(state=CheckUpState.BOOKED, booked_for__lt=soon).with_patient():
        contact = Contact.objects.reachable().filter(patient=visit.surgery.patient).exclude(phone="").first()
        if contact and visit.pk % 4 and _was_reminded(contact):
            _text(site, contact, "1", key=f"{visit.pk}-{visit.bookings}", now=now)


def _was_reminded(contact: Contact) -> bool:
    """After a check-in a `1` would be a score."""
    sent = contact.deliveries.exclude(reminder__step_code__contains=MARK)  # a confirmation asks nothing
    last = sent.order_by("-claimed_at").values_list("reminder__step__kind", flat=True).first()
    return last == StepKind.VISIT_REMINDER


def leave_replies(site: Site, *, now: datetime) -> None:
    """A few texts that wait for a person."""
    for number, (family, words) in enumerate(LEFT_OPEN):
        contact = Contact.objects.reachable().filter(patient__family_name=family).exclude(phone="").first()
        if contact:
            _text(site, contact, words, key=f"open-{number}", now=now - timedelta(minutes=40 - 10 * number))


def _text(site: Site, contact: Contact, text: str, *, key: str, now: datetime) -> None:
    to = site.senders.get(channel="sms").address
    inbound.receive(provider_id=f"demo-{key}", from_address=contact.address, to_address=to, text=text, now=now)
