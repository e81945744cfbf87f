"""Hundreds of STOPs while messages leave: what had been claimed before one came may still leave, nothing else.

The witness is the provider's ledger. Two workers drain over real PostgreSQL and four phones send STOP, all at once.
Their clock goes on only when what was due some steps ago is over: a slow machine plays the same race, only longer.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from uuid import UUID

import pytest
from django.db import connection, transaction

from patients.models import ConsentEvent, Contact, Site
from reminders.delivery.models import Attempt, Delivery, Sender
from reminders.delivery.sending import dispatch
from reminders.plan.models import Reminder
from reminders.replies import inbound
from tests import given
from tests.delivery.sending import a_promise, many
from tests.size import sized
from tests.waiting import HUNG, until

pytestmark = [pytest.mark.processes, pytest.mark.long, pytest.mark.django_db(transaction=True)]
SITES = sized(build=3, full=10)
PHONES = 100  # only a hundred numbers are nobody's; each clinic knows each of them
MESSAGES = 3  # to each of them, some hundred steps apart: at each step one falls due
STEPS = SITES * PHONES * MESSAGES
STEP = timedelta(milliseconds=10)
STRIDE, BEHIND = 150, 150  # steps at a time; and how far what leaves, and who writes, may be behind
WORKERS, PATIENTS_PHONES = 2, 4  # threads


class Race:
    """Its time is a number of steps."""

    def __init__(self, began: datetime) -> None:
        self.began, self.step = began, 0
        self.stopped: list[Stopped] = []
        self.over = Event()

    def now(self) -> datetime:
        return self.began + self.step * STEP

    def go_on(self, stops: list[int]) -> None:
        """Step by step, and then a day later: what a busy machine has put off leaves by then."""
        for self.step in range(0, STEPS + BEHIND, STRIDE):
            self._wait(self.step - BEHIND, stops)
        self.step = int(timedelta(days=1) / STEP)
        self._wait(self.step, stops)

    def _wait(self, step: int, stops: list[int]) -> None:
        awaited, due = sum(moment <= step for moment in stops), self.began + step * STEP

        def is_over() -> bool:
            return self.over.is_set() or (len(self.stopped) >= awaited and not queued(due))

        until(is_over, what=f"all that was due at step {step} is over")


@dataclass(frozen=True)
class Stopped:
    """`claimed`: the attempts that had been committed when the STOP took hold."""

    contact: int
    claimed: frozenset[UUID]


def test_hundreds_of_stops_while_messages_leave(settings, twilio):
    settings.MESSAGES = "live"
    twilio.api.latency = 0.05
    contacts, began = people()
    race, dice = Race(began), random.Random(7)
    stops = sorted((dice.randrange(STEPS), contact) for contact in contacts)

    with ThreadPoolExecutor(WORKERS + PATIENTS_PHONES) as threads:
        working = [threads.submit(drain, race) for _ in range(WORKERS)]
        working += [threads.submit(stop_all, stops[n::PATIENTS_PHONES], race) for n in range(PATIENTS_PHONES)]
        try:
            race.go_on([step for step, _ in stops])
        finally:
            race.over.set()
        for work in working:
            work.result(timeout=HUNG)

    judge(race.stopped, twilio.ledger)


def people() -> tuple[list[int], datetime]:
    """Some clinics, a hundred numbers each, every one with messages that fall due one after the other."""
    contacts: list[int] = []
    for n in range(SITES):
        site = given.a_site(f"clinic-{n}", mode="live", texts_a_day=50, texts_a_week=50)
        Sender.objects.filter(site=site, channel="sms").update(address=f"MG{n:032d}", parts_per_second=1_000)
        reminder = a_promise(site, given.a_phone(given.phone(0)), by=given.a_staff_member(site))
        many(reminder, MESSAGES)
        contacts += everybody(n, site, reminder)
    return contacts, reminder.due_at


def everybody(clinic: int, site: Site, first: Reminder) -> list[int]:
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
            not_before=first.due_at + ((number * PHONES + phone) * SITES + clinic) * STEP,
            useful_until=first.useful_until + timedelta(days=2),
        )
        for number, reminder in enumerate(reminders)
        for phone, contact in enumerate(contacts)
    )
    return [contact.pk for contact in contacts]


def queued(due: datetime) -> bool:
    return Delivery.objects.filter(state__in=["queued", "undelivered_temp"], not_before__lte=due).exists()


@contextmanager
def taking_part(race: Race) -> Iterator[None]:
    """In a thread of its own; whoever fails ends the race for all."""
    try:
        yield
    except BaseException:
        race.over.set()
        raise
    finally:
        connection.close()


def drain(race: Race) -> None:
    with taking_part(race):
        while not race.over.wait(0.01):
            dispatch.drain("sms", clock=race.now, seconds=1, window=20)


def stop_all(stops: list[tuple[int, int]], race: Race) -> None:
    with taking_part(race):
        for step, contact in stops:
            while race.step < step and not race.over.wait(0.002):
                pass
            race.stopped.append(stop(contact, race.now()))


def stop(contact: int, now: datetime) -> Stopped:
    """What had been claimed is read before it commits: it holds the contact, so no claim can come between."""
    row = Contact.objects.select_related("site").get(pk=contact)
    text = {"provider_id": f"SM-{contact}", "from_address": row.address, "to_address": "", "text": "STOP"}
    with transaction.atomic():
        inbound.receive(**text, service=row.site.senders.get(channel="sms").address, now=now)
        claimed = Attempt.objects.filter(delivery__contact=contact).values_list("pk", flat=True)
        return Stopped(contact, frozenset(claimed))


def judge(stopped: list[Stopped], ledger: list[dict]) -> None:
    asked = [UUID(line["StatusCallback"].split("/status/")[1].split("/")[0]) for line in ledger]
    of: dict[int, set[UUID]] = defaultdict(set)
    for attempt, contact in Attempt.objects.values_list("pk", "delivery__contact"):
        of[contact].add(attempt)
    print(f"\n{len(stopped)} STOPs, {len(ledger)} requests")

    assert len(stopped) == SITES * PHONES == len({one.contact for one in stopped})
    assert len(ledger) == len(set(asked)) > SITES * PHONES // 2
    assert all(of[one.contact] == one.claimed for one in stopped)  # nothing was claimed afterwards
    assert set(asked) <= {attempt for one in stopped for attempt in one.claimed}  # so nothing else can have left
    assert not Delivery.objects.filter(state__in=["queued", "undelivered_temp"]).exists()
