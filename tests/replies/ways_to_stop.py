"""The same beginning for every way to stop, and each way through its own entry point.

Ana shares a phone (or a mailbox) with Joan. Of her four messages to it one failed for now, one is on its way, one is
held until staff know whether it was a refusal, and one is queued; one of Joan's is held too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.test import Client
from knox.models import AuthToken

from patients.models import Contact, Site, StaffMember, Surgery
from reminders.delivery.models import Attempt, Delivery, Sender
from reminders.delivery.receipts import mail_events
from reminders.delivery.sending import dispatch
from reminders.delivery.sending.claiming import unsubscribe_url
from reminders.delivery.sending.opening import open_due
from reminders.delivery.state import OUT
from reminders.enrolment import NewContact
from reminders.plan.models import Reminder
from reminders.replies import actions as reply_actions
from tests import given
from tests.delivery.sending import a_promise, many
from tests.delivery.test_mail_webhooks import post as post_of_the_mail_service
from tests.delivery.test_mail_webhooks import report
from tests.delivery.test_webhooks import post
from tests.fakes import twilio as fake
from tests.staff.people import signed_in

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SHARED, OWN, MAILBOX = given.phone(33), given.phone(34), "ruiz@example.org"
SAID = {"source": "verbal", "wording": "No more of these, please."}
MESSAGES = ["failed for now", "on its way", "held", "queued"]  # Ana's, and one more on the next day


@dataclass(frozen=True)
class Household:
    site: Site
    staff: StaffMember
    ana: Surgery
    joan: Surgery
    contact: Contact
    joans: Contact
    due_at: datetime

    @property
    def stop_at(self) -> datetime:
        return self.due_at + 3 * MINUTE

    def delivery(self, name: str) -> Delivery:
        return Delivery.objects.get(contact=self.contact, reminder__occurrence=MESSAGES.index(name))

    def attempt(self, name: str) -> Attempt:
        return self.delivery(name).attempts.latest("number")

    def on_record(self, deed: str, **data: str) -> None:
        path = f"/staff/surgeries/{self.ana.pk}/contacts/{self.contact.pk}/{deed}/"
        assert signed_in(self.staff).post(path, data).status_code == 302


# The beginning


def a_household(site: Site, staff: StaffMember, at: str) -> Household:
    """`at`: whether they share Ana's phone, her mailbox, or the phone of her caregiver, which is Joan's own."""

    def shared(**facts: str) -> NewContact:
        return given.an_email(MAILBOX, **facts) if at == "mailbox" else given.a_phone(SHARED, **facts)

    is_caregivers = at == "caregiver's phone"
    hers = [given.a_phone(OWN), shared(relationship="caregiver", name="Ben")] if is_caregivers else [shared()]
    first, joans = a_promise(site, *hers, by=staff), a_promise(site, shared(), by=staff)
    set_times(first, [0, 0, 1, 2])
    set_times(joans, [1])
    contacts = Contact.objects.filter(email=MAILBOX) if at == "mailbox" else Contact.objects.filter(phone=SHARED)
    ana, joan = first.surgery, joans.surgery
    one, other = (contacts.get(patient=surgery.patient) for surgery in (ana, joan))
    household = Household(site, staff, ana, joan, one, other, first.due_at)
    let_happen(household)
    return household


def set_times(first: Reminder, minutes: list[int]) -> None:
    """Messages of one kind, due so many minutes after the first one; and one more on the next day."""
    many(first, len(minutes) + 1)
    rows = Reminder.objects.filter(surgery=first.surgery, step=first.step)
    for occurrence, minute in enumerate(minutes):
        rows.filter(occurrence=occurrence).update(due_at=first.due_at + minute * MINUTE)
    later = {"due_at": first.due_at + DAY, "useful_until": first.useful_until + DAY}
    rows.filter(occurrence=len(minutes)).update(**later)


def let_happen(household: Household) -> None:
    send(household.due_at)
    fail_for_now(household)
    reply_actions.hold(household.contact, why="Is it a refusal?", by=household.staff, now=household.due_at)
    send(household.due_at + MINUTE)
    open_due(household.due_at + 2 * MINUTE)
    states = [household.delivery(name) for name in MESSAGES]
    assert [row.state for row in states if row.state not in OUT] == ["undelivered_temp", "queued", "queued"]
    assert [row.reason for row in states[2:]] == ["contact_held", ""]


def send(now: datetime) -> None:
    open_due(now)
    for channel in ("sms", "email"):
        dispatch.drain(channel, clock=lambda: now, window=1)


def fail_for_now(household: Household) -> None:
    attempt = household.attempt("failed for now")
    if attempt.route == "smtp":
        soft = mail_events.MailEvent(event="bounced", reason="bounced", said="SoftBounce", attempt=attempt.pk)
        mail_events.receive(soft, now=household.due_at)
    else:
        call_back(attempt, "30003")


def call_back(attempt: Attempt, code: str) -> None:
    told = {
        "MessageSid": attempt.provider_id,
        "MessageStatus": "undelivered",
        "ErrorCode": code,
        "AccountSid": fake.ACCOUNT,
    }
    assert post(f"/webhooks/sms/status/{attempt.pk}/", told | {"From": "", "To": SHARED}).status_code == 204


# The ways


def a_text_says_stop(household: Household) -> None:
    to = Sender.objects.get(site=household.site, channel="sms").address
    assert (
        post("/webhooks/sms/inbound/", {"MessageSid": "SM1", "From": SHARED, "To": to, "Body": "STOP"}).status_code
        == 200
    )


def the_carrier_says_they_opted_out(household: Household) -> None:
    call_back(household.attempt("on its way"), "21610")


def staff_write_it_on_the_record(household: Household) -> None:
    household.on_record("consent", given="no", **SAID)


def another_system_withdraws_it(household: Household) -> None:
    _, token = AuthToken.objects.create(user=household.staff)
    path = f"/api/v1/patients/{household.ana.patient_id}/contacts/{household.contact.pk}/consent/withdraw/"
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().post(path, SAID, content_type="application/json", headers=headers).status_code == 200


def staff_decide_it_was_a_refusal(household: Household) -> None:
    household.on_record("refusal", refused="yes")


def the_mail_program_unsubscribes(household: Household) -> None:
    path = unsubscribe_url(household.contact.pk).split("example.org")[-1]
    assert Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200


def the_mail_service_says_they_complained(household: Household) -> None:
    attempt = household.attempt("on its way")
    assert post_of_the_mail_service(report(attempt, "SpamComplaint", Type="SpamComplaint", Email=MAILBOX)) == 200


def the_patient_revokes_her_caregiver(household: Household) -> None:
    household.on_record("revoke", **SAID)
