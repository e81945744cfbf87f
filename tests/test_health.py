"""`/health/` calls whoever must act now; `/health/web/` only says whether this process can serve."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import Client
from redis import Redis as RedisClient

from clinic import broker, checks
from patients import time_zones
from reminders.delivery import alarms, heartbeats
from reminders.delivery.safeguards import breaker
from reminders.replies.alerts import raising
from tests import given
from tests.delivery.sending import a_promise, site, surgeon

__all__ = ["site", "surgeon"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_redis(settings: Any) -> None:
    settings.REDIS_URL = ""


def asked(path: str = "/health/") -> tuple[int, dict[str, Any]]:
    answer = Client().get(path)
    return answer.status_code, answer.json()


def test_a_fresh_installation_is_well_although_nothing_has_run_yet():
    status, body = asked()

    assert status == 200
    assert body["watchdogs"]["sweep"] == {"ok": True, "age": None}


def test_a_dead_scheduler_is_for_the_pager_and_not_for_the_load_balancer():
    heartbeats.beat("sweep", given.NOW - timedelta(minutes=4))

    status, body = asked()

    assert status == 503
    assert body["urgent"] == ["sweep"]
    assert body["watchdogs"]["sweep"]["ok"] is False
    assert 239 <= body["watchdogs"]["sweep"]["age"] <= 260
    assert asked("/health/web/") == (200, {"database": True})


@pytest.mark.parametrize("part", ["seek", "hear"])
def test_a_silent_search_of_the_provider_is_named_and_wakes_nobody(part):
    heartbeats.beat(part, given.NOW - timedelta(minutes=16))

    status, body = asked()

    assert (status, body["watchdogs"][part]["ok"]) == (200, False)
    assert 959 <= body["watchdogs"][part]["age"] <= 980


def test_due_messages_that_do_not_leave_call_the_pager_after_five_minutes(site, surgeon):
    promise = a_promise(site, by=surgeon)

    for minutes, expected in ((2, 200), (4, 200), (6, 503)):
        with time_machine.travel(promise.due_at + timedelta(minutes=minutes), tick=False):
            status, body = asked()
        assert (status, body["watchdogs"]["due"]["age"]) == (expected, minutes * 60)


def test_what_can_wait_until_office_hours_is_told_with_200(site):
    alarms.sound("inbound_missed", now=given.NOW, site=site)

    status, body = asked()

    assert status == 200
    assert body["watchdogs"]["inbound_missed"]["ok"] is False


def test_nothing_about_anybody_is_told(site, surgeon):
    promise = a_promise(site, by=surgeon)
    with time_machine.travel(promise.due_at + timedelta(minutes=6), tick=False):
        breaker.trip("sms", site=site.pk, now=promise.due_at, why="a reason")
        text = Client().get("/health/").content.decode()

    for word in ("Ruiz", "+1202", "people", "person", "Riverside", "a reason"):
        assert word not in text


@pytest.mark.parametrize("path", ["/health/", "/health/web/"])
def test_a_database_that_does_not_answer_is_503_at_both_doors(path, monkeypatch):
    def away(*_arguments: Any, **_options: Any) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(connection, "cursor", away)

    status, body = asked(path)

    assert (status, body["database"]) == (503, False)


def test_redis_that_may_drop_tasks_is_refused_by_the_checks_and_by_health(private_redis, settings):
    settings.REDIS_URL = private_redis.url
    with RedisClient.from_url(private_redis.url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        assert [error.id for error in checks.broker(None)] == ["aftercare.E006"]
        assert asked()[0] == 503
        assert asked()[1]["watchdogs"]["redis_policy"]["ok"] is False

        client.config_set("maxmemory-policy", "noeviction")
        assert checks.broker(None) == []
        assert asked()[0] == 200


def test_redis_near_its_limit_is_reported_before_it_is_full(private_redis, settings):
    settings.REDIS_URL = private_redis.url
    with RedisClient.from_url(private_redis.url) as client:
        client.config_set("maxmemory", "1mb")
        assert asked()[1]["watchdogs"]["redis_memory"]["ok"] is False

        client.config_set("maxmemory", "1gb")
        assert asked()[1]["watchdogs"]["redis_memory"]["ok"] is True


def test_redis_away_is_told_but_only_the_missing_sweep_calls_the_pager(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    status, body = asked()

    assert (status, body["watchdogs"]["redis_away"]["ok"]) == (200, False)


def test_a_redis_that_does_not_say_its_policy_is_given_the_benefit_of_the_doubt():
    assert list(broker.judged({})) == []


def test_late_alerts_are_counted_and_timed_and_nobody_is_named(site, surgeon):
    surgery = given.an_enrolment(site, by=surgeon)
    facts = {"site": site, "signs": ["chest"], "now": given.NOW - timedelta(minutes=20)}
    raising.raise_alert(level="D", **facts)
    calm = asked()
    raising.raise_alert(level="E", surgery=surgery, **facts)

    status, body = asked()

    assert (calm[0], calm[1]["alerts"]) == (200, [])
    assert (status, body["urgent"]) == (503, ["alerts"])
    assert body["alerts"] == ["1 alert is past its answer-by time since 14:55 UTC: open the board."]
    assert not {surgery.patient.given_name, "chest"} & set(str(body).replace("'", " ").split())


def test_the_time_zones_in_use_are_named_and_an_older_release_than_the_lock_is_a_warning(monkeypatch):
    assert asked()[1]["tzdata"] == time_zones.release()
    assert asked()[1]["watchdogs"]["tzdata"] == {"ok": True, "age": None}

    monkeypatch.setattr(time_zones, "locked_release", lambda: "2099a")
    status, body = asked()

    assert (status, body["watchdogs"]["tzdata"]["ok"]) == (200, False)
