"""Who waits for whom, on real PostgreSQL: one lock held by somebody else, and what a claim or a STOP does then."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from patients import actions as care
from patients.models import Contact
from reminders.delivery import waits
from reminders.delivery.outcomes import NotProcessed
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.dispatch import Pipeline
from tests.delivery.sending import a_promise, claimed, opened, the_contact
from tests.servers.fixtures import database_url

together = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@contextmanager
def held(row: Any) -> Iterator[None]:
    """Another session has this row; whoever waits for it here gives up after a moment."""
    with psycopg.connect(database_url()) as other:
        other.execute(f"SELECT 1 FROM {row._meta.db_table} WHERE id = %s FOR NO KEY UPDATE", [row.pk])  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        try:
            yield
        finally:
            other.rollback()
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")


class TestTogether:
    pytestmark = together

    def test_a_claim_passes_over_what_another_one_holds(self, site, surgeon):
        one, other = a_promise(site, by=surgeon), a_promise(site, by=surgeon)
        first, second = opened(one), opened(other)

        with held(first):
            jobs = claim("sms", one.due_at).jobs

        assert [job.delivery for job in jobs] == [second.pk]

    def test_a_stop_waits_for_the_claim_that_has_the_contact(self, site, surgeon):
        reminder = a_promise(site, by=surgeon)
        contact = Contact.objects.get(pk=the_contact(reminder).pk)

        with held(contact), pytest.raises(OperationalError, match="lock"):
            care.withdraw_consent([contact], source="sms", wording="STOP", by=None, now=reminder.due_at)

    def test_a_claim_leaves_out_whose_contact_a_stop_has(self, site, surgeon):
        reminder = a_promise(site, by=surgeon)
        opened(reminder)

        with held(the_contact(reminder)):
            jobs = claim("sms", reminder.due_at).jobs

        assert jobs == []


def test_what_waited_too_long_for_its_turn_is_not_sent(live, surgeon, twilio):
    reminder = a_promise(live, by=surgeon)
    [job] = claimed(reminder).jobs

    async def late() -> Any:
        pipeline = Pipeline("sms", lambda: reminder.due_at, stop_at=0, window=2)
        await pipeline.jobs.put((job, monotonic() - (waits.FRESH + timedelta(seconds=1)).total_seconds()))
        await pipeline.jobs.put(None)
        await pipeline.send()
        return pipeline.results.get_nowait()

    _, outcome = asyncio.run(late())
    assert isinstance(outcome, NotProcessed)
    assert twilio.ledger == []
