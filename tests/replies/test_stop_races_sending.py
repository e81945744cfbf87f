"""A thousand STOPs, each while messages are leaving: at most the request already on its way, and nothing later.

The witness is the provider's ledger. Two workers drain over real PostgreSQL; STOPs commit at random moments between.
"""

import random
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from patients.models import ConsentEvent, Contact, Site
from reminders.delivery.models import Attempt, Delivery, Sender
from reminders.delivery.sending import dispatch
from reminders.plan.models import Reminder
from reminders.replies import inbound
from tests import given
from tests.delivery.sending import a_promise, many

pytestmark = [pytest.mark.processes, pytest.mark.long, pytest.mark.django_db(transaction=True)]
SITES, PHONES = 10, 100  # only a hundred numbers are nobody's; each clinic knows each of them
MESSAGES, APART = 3, timedelta(seconds=2)  # to each of them, one after the other
LASTS = APART.total_seconds() * MESSAGES
WORKERS, PATIENTS_PHONES = 2, 4  # threads
PATIENCE = 400  # seconds, for a machine that is busy: only a deadlock takes longer


@dataclass(frozen=True)
class Stopped:
    """`committed`: by the clock the ledger is written with; `started`: the attempts that had been claimed by then."""

    contact: int
    committed: float
    started: frozenset[UUID]


def test_a_thousand_stops_while_messages_leave(settings, twilio):
    settings.MESSAGES = "live"
    twilio.api.latency = 0.05
    began = time.time()
    contacts, at = people()

    def now() -> datetime:
        return at + timedelta(seconds=time.time() - began)

    began = time.time()
    with ThreadPoolExecutor(WORKERS + PATIENTS_PHONES) as threads:
        drains = [threads.submit(drain, now, until=began + LASTS + 2) for _ in range(WORKERS)]
        dice = random.Random(7)
        moments = sorted((began + dice.random() * LASTS, contact) for contact in contacts)
        stops = [threads.submit(stop_all, moments[n::PATIENTS_PHONES], now) for n in range(PATIENTS_PHONES)]
        stopped = [each for future in stops for each in future.result(timeout=PATIENCE)]
        for future in drains:
            future.result(timeout=PATIENCE)
    drain_the_rest(now)

    judge(stopped, twilio.ledger)


def people() -> tuple[list[int], datetime]:
    """Ten clinics, a hundred numbers each, every one with messages that fall due one after the other."""
    contacts: list[int] = []
    for n in range(SITES):
        site = given.a_site(f"clinic-{n}", mode="live", texts_a_day=50, texts_a_week=50)
        Sender.objects.filter(site=site, channel="sms").update(address=f"MG{n:032d}")
        reminder = a_promise(site, given.a_phone(given.phone(0)), by=given.a_staff_member(site))
        many(reminder, MESSAGES)
        contacts += everybody(site, reminder)
    return contacts, reminder.due_at


def everybody(site: Site, first: Reminder) -> list[int]:
    known = Contact.objects.get(site=site)
    more = [Contact(site=site, patient=known.patient, phone=given.phone(n)) for n in range(1, PHONES)]
    contacts = [known, *Contact.objects.bulk_create(more)]
    ConsentEvent.objects.bulk_create(
        ConsentEvent(contact=contact, kind="given", source="paper", wording="Yes.", at=given.NOW)
        for contact in contacts[1:]
    )
    reminders = list(Reminder.objects.filter(surgery=first.surgery, step=first.step).order_by("occurrence"))
    Reminder.objects.filter(pk__in=[r.pk for r in reminders]).update(status="in_progress")
    Delivery.objects.bulk_create(
        Delivery(
            site=site,
            reminder=reminder,
            contact=contact,
            channel="sms",
            not_before=first.due_at + number * APART,
            useful_until=first.useful_until,
        )
        for number, reminder in enumerate(reminders)
        for contact in contacts
    )
    return [contact.pk for contact in contacts]


def drain(now, *, until: float) -> None:
    try:
        while time.time() < until:
            dispatch.drain("sms", clock=now, seconds=1, window=20)
            time.sleep(0.01)
    finally:
        connection.close()


def drain_the_rest(now) -> None:
    """A STOP and a claim that met pass each other over; the next claim ends that row, as a worker's always comes."""
    dispatch.drain("sms", clock=now, window=20)


def stop_all(moments: list[tuple[float, int]], now) -> list[Stopped]:
    try:
        return [stop(moment, contact, now) for moment, contact in moments]
    finally:
        connection.close()


def stop(moment: float, contact: int, now) -> Stopped:
    row = Contact.objects.select_related("site").get(pk=contact)
    service = row.site.senders.get(channel="sms").address
    time.sleep(max(0.0, moment - time.time()))
    inbound.receive(
        provider_id=f"SM-{contact}", from_address=row.address, to_address="", service=service, text="STOP", now=now()
    )
    committed = time.time()
    started = Attempt.objects.filter(delivery__contact=contact).values_list("pk", flat=True)
    return Stopped(contact, committed, frozenset(started))


def judge(stopped: list[Stopped], ledger: list[dict]) -> None:
    asked = {UUID(line["StatusCallback"].split("/status/")[1].split("/")[0]): line["time"] for line in ledger}
    of: dict[int, set[UUID]] = defaultdict(set)
    for attempt, contact in Attempt.objects.values_list("pk", "delivery__contact"):
        of[contact].add(attempt)
    late = {one.contact: [a for a in of[one.contact] if asked.get(a, 0) > one.committed] for one in stopped}
    raced = Counter(len(attempts) for attempts in late.values())
    print(
        f"\n{len(stopped)} STOPs, {len(ledger)} requests; begun after a STOP had committed: {raced[1]} already claimed"
    )

    assert len(stopped) == SITES * PHONES == len({one.contact for one in stopped})
    assert len(ledger) == len(asked) > 500
    assert all(of[one.contact] == one.started for one in stopped)  # nothing was claimed afterwards
    assert set(raced) <= {0, 1}
    assert not Delivery.objects.filter(state__in=["queued", "undelivered_temp"]).exists()
    after = [asked[a] - one.committed for one in stopped for a in late[one.contact]]
    assert max(after, default=0) < 5
