"""Shared beginnings of the tests about sending: one promise that is due, many of them, and a live site."""

from datetime import datetime
from typing import Any

import pytest

from patients.models import Contact, Site, StaffMember, Surgery
from reminders import scheduler
from reminders.delivery.models import Delivery
from reminders.delivery.sending.claiming import Claim, claim
from reminders.delivery.sending.opening import open_due
from reminders.enrolment import NewContact
from reminders.plan.models import Reminder
from tests import given

WALK = "walk-today"  # day 0, 16:00, sms first, a warning, useful until the next day's closing


@pytest.fixture
def site(db: None) -> Site:
    return given.a_site()


@pytest.fixture
def surgeon(site: Site) -> StaffMember:
    return given.a_staff_member(site)


@pytest.fixture
def live(site: Site, settings: Any) -> Site:
    """Patients of this site are really written to; the test brings the provider (fixtures `twilio`, `smtp`)."""
    settings.MESSAGES = "live"
    site.mode = "live"
    site.save()
    return site


def a_promise(
    site: Site, *contacts: NewContact, by: StaffMember, step: str = WALK, day: int = 0, **facts: Any
) -> Reminder:
    """One planned reminder; the rest of the plan is taken out so that nothing else moves."""
    surgery = given.an_enrolment(site, *contacts, by=by, day=day, **facts)
    return only(surgery, step)


def only(surgery: Surgery, step: str, occurrence: int = 0) -> Reminder:
    reminders = Reminder.objects.filter(surgery=surgery)
    kept = reminders.get(step_code=step, occurrence=occurrence)
    reminders.exclude(pk=kept.pk).update(status="skipped", reason="skipped_by_staff")
    return kept


def many(reminder: Reminder, number: int) -> None:
    """So many promises that are due with this one: the next occurrences of its step. No limit holds them back."""
    Site.objects.filter(pk=reminder.site_id).update(texts_a_day=9_000, texts_a_week=9_000)
    values = {f: getattr(reminder, f) for f in ("site", "surgery", "step", "step_code", "due_at", "useful_until")}
    Reminder.objects.bulk_create(Reminder(**values, occurrence=n) for n in range(1, number))


def opened(reminder: Reminder, now: datetime | None = None) -> Delivery:
    """Due, and on its way to its only contact."""
    open_due(now or reminder.due_at)
    return Delivery.objects.get(reminder=reminder)


def claimed(reminder: Reminder, now: datetime | None = None) -> Claim:
    opened(reminder, now)
    return claim("sms", now or reminder.due_at)


def ring(now: datetime) -> None:
    """A whole round of the scheduler, at a moment that stands still."""
    scheduler.sweep_and_send(lambda: now, window=8)


def the_delivery(reminder: Reminder) -> Delivery:
    return Delivery.objects.select_related("reminder").get(reminder=reminder)


def the_contact(reminder: Reminder) -> Contact:
    return Contact.objects.get(patient=reminder.surgery.patient)
