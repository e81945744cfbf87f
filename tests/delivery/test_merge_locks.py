"""A merge of two patient numbers while messages are being sent, on real PostgreSQL: none is doubled, none is lost."""

from typing import Any

import pytest
from django.db import OperationalError

from patients.models import Contact, Patient
from reminders.delivery.models import Attempt, Delivery
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.merge import merge
from tests.delivery.sending import a_promise, opened, the_contact
from tests.delivery.test_locks import held
from tests.given import a_patient, a_phone, phone

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
SAME = phone(60)


@pytest.fixture
def stays(site, surgeon) -> Patient:
    return a_patient(site, a_phone(SAME), number="R-1", by=surgeon)


@pytest.fixture
def reminder(site, surgeon) -> Any:
    """Of the number that is merged; due, and for the phone that both numbers have."""
    return a_promise(site, a_phone(SAME), by=surgeon)


def merged(reminder: Any, stays: Patient, surgeon: Any) -> Contact:
    merge(reminder.surgery.patient, into=stays, by=surgeon, now=reminder.due_at)
    return stays.contacts.get(ended_at=None)


@pytest.mark.parametrize("row", ["contact", "delivery", "reminder"])
def test_a_merge_waits_for_whoever_is_at_work_on_it(site, surgeon, reminder, stays, row):
    """A claim has the contact, a report the delivery, and what opens a reminder has that."""
    rows = {"contact": the_contact(reminder), "delivery": opened(reminder), "reminder": reminder}

    with held(rows[row]), pytest.raises(OperationalError, match="lock"):
        merge(reminder.surgery.patient, into=stays, by=surgeon, now=reminder.due_at)

    assert Patient.objects.get(pk=reminder.surgery.patient_id).status == "active"


def test_what_is_not_opened_yet_goes_to_the_contact_that_stays_once(site, surgeon, reminder, stays):
    kept = merged(reminder, stays, surgeon)

    open_due(reminder.due_at)
    jobs = [*claim("sms", reminder.due_at).jobs, *claim("sms", reminder.due_at).jobs]

    assert [job.message.to for job in jobs] == [SAME]
    assert Delivery.objects.get(reminder=reminder).contact == kept


def test_what_waits_leaves_once_by_the_contact_that_stays(site, surgeon, reminder, stays):
    delivery = opened(reminder)

    kept = merged(reminder, stays, surgeon)
    open_due(reminder.due_at)
    jobs = [*claim("sms", reminder.due_at).jobs, *claim("sms", reminder.due_at).jobs]

    assert [job.delivery for job in jobs] == [delivery.pk]
    assert Delivery.objects.get(reminder=reminder).contact == kept


def test_what_is_on_its_way_is_not_claimed_again(site, surgeon, reminder, stays):
    delivery = opened(reminder)
    assert len(claim("sms", reminder.due_at).jobs) == 1

    merged(reminder, stays, surgeon)
    open_due(reminder.due_at)

    assert claim("sms", reminder.due_at).jobs == []
    assert Attempt.objects.filter(delivery=delivery).count() == 1
