"""Every action locks rows in the one order of `patients.locks`: no two of them can wait for each other for ever."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients import actions as care
from patients.locks import LOCK_ORDER
from patients.models import Contact, Procedure, StaffMember, Surgery
from reminders import actions, calls, caregivers, enrolment, merge, pace_proposals, plan_changes, visit_actions
from reminders.delivery.followup.opt_out import stop_contacts
from reminders.delivery.models import Attempt, Delivery
from reminders.delivery.receipts import callbacks
from reminders.delivery.receipts.mail_events import MailEvent, receive
from reminders.enrolment import NewSurgery
from reminders.plan import planning
from reminders.plan.models import PaceRule, Reminder
from reminders.plan.values import ChangeKind
from reminders.plan_changes import Wish, rehearse
from reminders.replies import actions as replies
from reminders.replies.checkins import by_phone, lifecycle
from reminders.replies.parsing.questionnaire import Answers
from tests import given
from tests.exchange.importing import AGREED, a_row, take
from tests.given import NOW
from tests.replies.test_inbound import text_in

PHONE, HELPER, MAIL = given.phone(61), given.phone(62), "ana@example.org"
LOCK = re.compile(r'FROM "(\w+)".* FOR (?:NO KEY )?UPDATE(?: OF "(\w+)"(?:, "(\w+)")?)?$', re.S)
WRITE = re.compile(r'^UPDATE "(\w+)"')
NEW = re.compile(r'^INSERT INTO "(\w+)"')  # a row of one's own is locked by nobody else
SOON = NOW + timedelta(days=1)
LATER = NOW + timedelta(days=30)
ALL_WRONG = Answers(pain=9, wound=True)


def locked(act: Callable[[], Any]) -> list[str]:
    """The kinds of rows in the order of their first lock. Nothing of the act is kept."""
    with CaptureQueriesContext(connection) as asked:
        rehearse(act)
    found, new = list[str](), set[str]()
    for one in asked.captured_queries:
        if match := LOCK.search(one["sql"]):
            found += [table for table in match.groups()[1:] if table] or [match[1]]
        elif match := WRITE.search(one["sql"]):
            found.append(match[1])
        elif (match := NEW.search(one["sql"])) and match[1] not in found:
            new.add(match[1])
    return [table for table in dict.fromkeys(found) if table in LOCK_ORDER and table not in new]


@pytest.fixture
def surgery(site: Any, surgeon: StaffMember) -> Surgery:
    """On day 10, with a text on its way, a visit booked, a question asked and a call to make."""
    contacts = [given.a_phone(PHONE), given.an_email(MAIL), given.a_phone(HELPER, relationship="caregiver", name="Ben")]
    who = given.a_new_patient(*contacts, number="A-1")
    surgery = given.an_enrolment(site, by=surgeon, patient=who, day=10, asa_class=3)
    visit_actions.book_visit(surgery.check_ups.get(code="first-visit"), at=LATER, by=surgeon, now=NOW)
    _left(surgery, "check-in-1", PHONE)
    lifecycle.begin(Delivery.objects.filter(reminder__surgery=surgery)[0])
    _left(surgery, "walk-today", MAIL)
    failed = surgery.reminders.exclude(step_code__in=["check-in-1", "walk-today"]).order_by("-due_at")[0]
    Reminder.objects.filter(pk=failed.pk).update(status="failed", reason="undelivered")
    return surgery


def _left(surgery: Surgery, step: str, address: str) -> None:
    reminder = surgery.reminders.get(step_code=step, occurrence=0)
    Reminder.objects.filter(pk=reminder.pk).update(status="in_progress", reason="")
    for contact in surgery.patient.contacts.all():
        if contact.address in (address, HELPER):
            times = {"not_before": NOW, "useful_until": LATER, "claimed_at": NOW}
            state = {"state": "accepted", "channel": contact.channel, "attempt_count": 1}
            kept = Delivery.objects.create(site=surgery.site, reminder=reminder, contact=contact, **times, **state)
            Attempt.objects.create(delivery=kept, number=1, route="smtp" if contact.email else "twilio",
                                   started_at=NOW, lease_until=SOON, outcome="accepted")  # fmt: skip


def acts(surgery: Surgery, by: StaffMember) -> dict[str, Callable[[], Any]]:
    site, patient, now = surgery.site, surgery.patient, {"now": SOON}
    mine = {"by": by, "now": SOON}
    theirs = {one.address: one for one in patient.contacts.all()}
    first = surgery.check_ups.get(code="first-visit")
    said = {"source": "verbal", "wording": "no"}
    waits = surgery.reminders.planned().order_by("-due_at")[0]
    text = Attempt.objects.get(delivery__contact=theirs[PHONE])
    mail = Attempt.objects.get(delivery__contact=theirs[MAIL])
    procedure, version = Procedure.objects.get(code="miss"), surgery.care_plan.version
    again = NewSurgery(procedure=procedure, surgeon=by, date=SOON.date(), version=version, running_plan="end")
    call = next(one for one in pace_proposals.proposed(surgery, now=SOON) if one.proposes == "call")
    other = given.a_patient(site, given.a_phone(PHONE), by=by, number="R-9")

    def report(code: int) -> Any:
        return callbacks.receive(text.pk, provider_id="SM1", status="undelivered", code=code, now=SOON)

    return {
        "facts": lambda: actions.change_facts(surgery, job="desk", **mine),
        "name": lambda: actions.change_patient(patient, language="es", **mine),
        "status": lambda: actions.set_patient_status(patient, status="transferred", **mine),
        "operation cancelled": lambda: actions.cancel_surgery(surgery, why="moved", **mine),
        "skip": lambda: actions.skip(waits, **mine),
        "hold": lambda: plan_changes.decide(surgery, Wish(ChangeKind.HOLD), why="revision", **mine),
        "enrol again": lambda: enrolment.enrol(patient, again, site=site, **mine),
        "book": lambda: visit_actions.book_visit(first, at=LATER + timedelta(days=1), **mine),
        "free": lambda: visit_actions.free_visit(first, **mine),
        "undo": lambda: visit_actions.undo_visit(first, **mine),
        "call": lambda: calls.note_call(surgery, outcome="reached", **mine),
        "add contact": lambda: enrolment.add_contact(patient, given.a_phone(), **mine),
        "end contact": lambda: actions.end_contact(theirs[PHONE], **mine),
        "consent": lambda: care.give_consent(theirs[PHONE], **said, **mine),
        "stop": lambda: stop_contacts([theirs[PHONE]], **said, **mine),
        "refused": lambda: replies.record_refusal(theirs[PHONE], wording="no", **mine),
        "scope": lambda: caregivers.change_scope(theirs[HELPER], scope="visits", **said, **mine),
        "revoke": lambda: caregivers.revoke(theirs[HELPER], **said, **mine),
        "check-in by phone": lambda: by_phone.write_down(surgery, ALL_WRONG, so_far=0, **mine),
        "check-in kept": lambda: lifecycle.keep(SOON),
        "proposal": lambda: pace_proposals.accept(surgery, "call", reasons=call.reasons, **mine),
        "import": lambda: take(
            a_row(given_name="Anna", language="es", emails=(MAIL,)), site=site, by=by, agreed=AGREED
        ),
        "merge": lambda: merge.merge(other, into=patient, **mine),
        **{f"text {words}": lambda words=words: text_in(site, words, sender=PHONE, **now) for words in TEXTS},
        **{f"report {code}": lambda code=code: report(code) for code in (21610, 30005, 30003)},
        "spam": lambda: receive(MailEvent(event="complained", attempt=mail.pk, message_id="m-1"), **now),
        "laid out": lambda: planning.sync(surgery, **now),
    }


def a_call_is_proposed(surgery: Surgery) -> None:
    test = {"factor": "overall_health", "fact": "asa_class", "test": "at_least", "value": "3"}
    PaceRule.objects.create(site=surgery.site, code="ring", proposes="call", words="ASA class", **test)


TEXTS = ("STOP", "1", "9", "8 chest pain", "maybe stop this", "START", "CANCEL")


def test_every_action_locks_rows_in_the_one_order(surgery: Surgery, surgeon: StaffMember) -> None:
    a_call_is_proposed(surgery)
    wrong, seen = {}, set[str]()
    for name, act in acts(surgery, surgeon).items():
        found = locked(act)
        seen.update(found)
        if found != sorted(found, key=LOCK_ORDER.index):
            wrong[name] = found

    assert wrong == {}
    assert seen == set(LOCK_ORDER), "a table that nothing locked proves nothing"
    assert Contact.objects.filter(patient=surgery.patient, ended_at=None).count() == 3, "nothing of it was kept"
