"""`/metrics`: figures for Prometheus, behind a token, about nobody."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from patients.models import Contact
from reminders.delivery import alarms, heartbeats
from reminders.delivery.models import Delivery, Report
from reminders.delivery.safeguards import breaker
from reminders.replies import inbound
from reminders.replies.alerts import raising
from tests import given
from tests.delivery.sending import a_promise, claimed, many, opened, site, surgeon

__all__ = ["site", "surgeon"]
pytestmark = pytest.mark.django_db
TOKEN = "a-token-for-figures"


@pytest.fixture(autouse=True)
def door(settings: Any) -> None:
    settings.METRICS_TOKEN, settings.REDIS_URL = TOKEN, ""


def page() -> str:
    answer = Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    return answer.content.decode()


def figures() -> dict[tuple[str, ...], float]:
    """By name and labels' values (in the order of the labels' names), as Prometheus itself reads the page."""
    families = text_string_to_metric_families(page())
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def test_without_a_token_in_the_settings_there_is_no_such_page(settings):
    settings.METRICS_TOKEN = ""

    assert Client().get("/metrics").status_code == 404
    assert Client().get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("shown", [{}, {"authorization": "Bearer wrong"}, {"authorization": TOKEN}])
def test_a_wrong_token_opens_nothing(shown):
    assert Client().get("/metrics", headers=shown).status_code == 401


def test_being_signed_in_opens_nothing_either(surgeon):
    client = Client()
    client.force_login(surgeon)

    assert client.get("/metrics").status_code == 401


def test_what_waits_and_what_left_is_counted_by_state_and_channel(site, surgeon):
    promise = a_promise(site, by=surgeon)
    with time_machine.travel(promise.due_at, tick=False):
        opened(promise)
        assert figures()["aftercare_deliveries_open", "sms", "queued"] == 1
        claimed(promise)
        Delivery.objects.update(state="delivered")
        seen = figures()

    assert seen["aftercare_deliveries_last_day", "sms", "delivered"] == 1
    assert not [key for key in seen if key[0] == "aftercare_deliveries_open"]


def test_what_stands_still_is_told_by_its_age(site, surgeon):
    promise = a_promise(site, by=surgeon)
    heartbeats.beat("sweep", promise.due_at)
    with time_machine.travel(promise.due_at.timestamp() + 360, tick=False):
        seen = figures()

    assert seen["aftercare_oldest_due_age_seconds",] == 360
    assert seen["aftercare_heartbeat_age_seconds", "sweep"] == 360
    assert seen["aftercare_watchdog", "sweep", "true"] == 1


@pytest.mark.parametrize("part", ["seek", "hear"])
def test_a_silent_search_of_the_provider_is_told_by_its_age(part):
    heartbeats.beat(part, given.NOW)
    with time_machine.travel(given.NOW.timestamp() + 960, tick=False):
        seen = figures()

    assert seen["aftercare_heartbeat_age_seconds", part] == 960
    assert seen["aftercare_watchdog", part, "false"] == 1


def test_troubles_are_counted_by_kind_and_breakers_by_site(site):
    breaker.trip("sms", site=site.pk, now=given.NOW)
    breaker.trip("email", site=None, now=given.NOW)
    for _ in range(3):
        alarms.sound("unknown_code", now=given.NOW, subject="31999")

    seen = figures()

    assert seen["aftercare_breaker_open", "sms", "riverside"] == 1
    assert seen["aftercare_breaker_open", "email", "all"] == 1
    assert seen["aftercare_alarms_open", "unknown_code"] == 3


def test_what_no_design_can_promise_is_counted(site, surgeon):
    promise = a_promise(site, by=surgeon)
    claimed(promise)
    Report.objects.create(attempt_ref=uuid4(), source="callback", status="sent", received_at=given.NOW)
    Delivery.objects.update(state="unknown", after_unknown=1, claimed_at=given.NOW.replace(hour=1))
    first = figures()
    Delivery.objects.update(state="unconfirmed")
    second = figures()

    assert first["aftercare_possible_duplicates",] == 1
    assert first["aftercare_unknown_overdue",] == 1
    assert first["aftercare_callbacks_orphaned",] == 1
    assert (first["aftercare_unconfirmed",], second["aftercare_unconfirmed",]) == (0, 1)


def test_who_waits_for_a_person_is_counted(site, surgeon):
    a_promise(site, by=surgeon)
    inbound.receive(provider_id="SM1", from_address=given.phone(99), to_address=given.phone(1), text="?", now=given.NOW)
    Contact.objects.update(held_since=given.NOW)

    seen = figures()

    assert (seen["aftercare_replies_waiting",], seen["aftercare_contacts_held",]) == (1, 1)


def test_late_alerts_are_counted_by_class_and_timed(site, surgeon):
    facts = {"site": site, "signs": ["chest"]}
    raising.raise_alert(level="E", now=given.NOW - timedelta(minutes=20), **facts)
    raising.raise_alert(level="D", now=given.NOW, **facts)

    seen = figures()

    assert [seen["aftercare_alerts_open", level] for level in "ED"] == [1, 1]
    assert [seen["aftercare_alerts_late", level] for level in "ED"] == [1, 0]
    assert 300 <= seen["aftercare_alert_late_seconds",] <= 330


def test_nothing_on_the_page_is_about_anybody(site, surgeon):
    promise = a_promise(site, by=surgeon)
    claimed(promise)

    text = page()

    for word in ("Ruiz", "Ana", "+1202", "A-", str(Delivery.objects.get().attempts.get().pk)):
        assert word not in text


def test_more_messages_cost_no_more_queries(site, surgeon):
    promise = a_promise(site, by=surgeon)
    with time_machine.travel(promise.due_at, tick=False):
        with CaptureQueriesContext(connection) as few:
            page()
        many(promise, 30)
        with CaptureQueriesContext(connection) as more:
            page()

    assert len(more) == len(few)
