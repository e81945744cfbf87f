"""Two things at once, on real PostgreSQL: claims, a STOP beside a claim, the same text twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from patients import actions as care
from patients.models import ConsentEvent, Contact
from reminders.delivery.models import Attempt, Delivery
from reminders.delivery.outcomes import Refused
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.delivery.sending.results import record
from reminders.plan.models import Reminder
from reminders.replies.alerts import raising
from reminders.replies.models import Alert, Reply
from tests import given
from tests.delivery.sending import a_promise, many
from tests.replies.test_inbound import PHONE, text_in
from tests.replies.test_scores import asked
from tests.waiting import HUNG

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
ROUNDS = 40


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """All of them from one starting line, each over a connection of its own."""
    line = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            line.wait(timeout=HUNG)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        return [future.result(timeout=HUNG) for future in [threads.submit(run, work) for work in works]]


def test_claims_share_the_rows_and_never_take_one_twice(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    many(reminder, 300)
    open_due(reminder.due_at)

    claims = at_once(*[lambda: claim("sms", reminder.due_at, limit=100)] * 4)
    claims += [claim("sms", reminder.due_at)]

    taken = [job.delivery for each in claims for job in each.jobs]
    assert len(taken) == len(set(taken)) == 300
    assert Attempt.objects.count() == 300


def test_opening_at_once_opens_each_promise_once(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    many(reminder, 200)

    at_once(*[lambda: open_due(reminder.due_at, limit=80)] * 4)
    open_due(reminder.due_at)

    assert Delivery.objects.count() == 200


def test_after_stop_is_stored_nothing_starts(site, surgeon):
    """Either the claim was first, or the STOP; what is claimed after it has committed is nothing at all."""
    reminder = a_promise(site, given.a_phone(PHONE), by=surgeon)
    contact = Contact.objects.get(phone=PHONE)
    for number in range(ROUNDS):
        many_more(reminder, number)
        care.give_consent(contact, source="verbal", wording="Again.", by=surgeon, now=given.NOW)
        open_due(reminder.due_at)

        won, _ = at_once(lambda: claim("sms", reminder.due_at).jobs, lambda: text_in(site, "STOP"))

        assert claim("sms", reminder.due_at + timedelta(minutes=1)).jobs == []
        open_states = set(Delivery.objects.filter(reminder__occurrence=number).values_list("state", flat=True))
        assert open_states == {"claimed" if won else "suppressed"}
        Delivery.objects.all().delete()


def many_more(first: Reminder, number: int) -> None:
    if number:
        fields = ("site", "surgery", "step", "step_code", "due_at", "useful_until")
        Reminder.objects.create(**{f: getattr(first, f) for f in fields}, occurrence=number)


def test_the_same_text_twice_at_the_same_instant_is_one(site, surgeon):
    a_promise(site, given.a_phone(PHONE), by=surgeon)

    for number in range(10):
        replies = at_once(*[lambda: text_in(site, "STOP", provider_id=f"SM-{number}")] * 3)  # noqa: B023
        assert sum(reply is not None for reply in replies) == 1

    assert Reply.objects.count() == 10
    assert ConsentEvent.objects.filter(kind="withdrawn").count() == 10


def test_two_messages_of_one_reminder_that_end_at_once_are_both_seen(site, surgeon):
    """Each looks at the other; without a lock both would see one still on its way, and nobody would be called."""
    caregiver = given.a_phone(relationship="caregiver", name="Ben")
    first = a_promise(site, given.a_phone(PHONE), caregiver, by=surgeon)
    for number in range(ROUNDS // 2):
        many_more(first, number)
        open_due(first.due_at)
        one, two = claim("sms", first.due_at).jobs

        at_once(
            lambda: record([(one, Refused(30004, ""))], first.due_at),  # noqa: B023
            lambda: record([(two, Refused(30004, ""))], first.due_at),  # noqa: B023
        )

        assert Reminder.objects.get(surgery=first.surgery, occurrence=number, step=first.step).status == "failed"


def test_a_stop_and_the_carriers_word_of_it_at_the_same_instant_end_all_that_waits(site, surgeon):
    """Two patients on one phone, each with a message that left and one that waits. There is no deadlock."""
    firsts = [a_promise(site, given.a_phone(PHONE), by=surgeon) for _ in range(2)]
    many(firsts[0], 1)  # no limit of texts
    for number in range(ROUNDS // 2):
        for contact in Contact.objects.filter(phone=PHONE):
            care.give_consent(contact, source="verbal", wording="Again.", by=surgeon, now=given.NOW)
        for first in firsts:
            many_more(first, 2 * number)
        open_due(firsts[0].due_at)
        one, other = claim("sms", firsts[0].due_at).jobs
        for first in firsts:
            many_more(first, 2 * number + 1)
        open_due(firsts[0].due_at)

        at_once(
            lambda: record([(one, Refused(21610, ""))], firsts[0].due_at),  # noqa: B023
            lambda: text_in(site, "STOP"),
            lambda: record([(other, Refused(21610, ""))], firsts[0].due_at),  # noqa: B023
        )

        assert set(Delivery.objects.values_list("state", "reason")) == {("suppressed", "no_consent")}
        statuses = Reminder.objects.filter(deliveries__isnull=False).values_list("status", flat=True)
        assert set(statuses) == {"suppressed"}
        assert {c.consent_kind for c in Contact.objects.with_consent().filter(phone=PHONE)} == {"withdrawn"}


def test_two_texts_at_the_same_instant_get_one_answer_and_settle_a_question_once(site, surgeon):
    """Each would see an open question and no earlier answer, if the contact's lock did not let them in one by one."""
    question = asked(site, surgeon)
    then = question.due_at + timedelta(minutes=1)

    at_once(*[lambda number=number: text_in(site, number, now=then) for number in ("6", "7")])
    at_once(*[lambda: text_in(site, "HELP", now=then)] * 2)

    assert Reply.objects.filter(question=question, intent="score").count() == 1
    assert Reply.objects.filter(intent="help").exclude(answer="").count() == 1


def test_signs_that_come_through_several_doors_at_the_same_instant_raise_one_alert(site, surgeon):
    """Two phones share no lock of a contact; the patient's own row lets them in one by one."""
    surgery = a_promise(site, given.a_phone(PHONE), given.a_phone(given.phone(77)), by=surgeon).surgery

    at_once(
        lambda: text_in(site, "chest pain"),
        lambda: text_in(site, "I have a fever", sender=given.phone(77)),
        lambda: raising.raise_alert(site=site, level="D", signs=["wound"], surgery=surgery, now=given.NOW),
    )

    alert = Alert.objects.get()
    assert (alert.level, sorted(alert.signs), alert.causes.count()) == ("E", ["chest", "fever", "wound"], 3)
