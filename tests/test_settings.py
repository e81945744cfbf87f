"""The settings that the promises about messages stand on, and what a Celery message may carry."""

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from clinic.celery import app
from reminders import tasks
from reminders.delivery.waits import LEASE

ROOT = Path(__file__).resolve().parent.parent
OURS = {name: task for name, task in app.tasks.items() if name.startswith("reminders.")}


def test_time_limits_stand_inside_one_another_so_that_nothing_runs_twice_at_once() -> None:
    transport = app.conf.broker_transport_options

    assert tasks.STALE < app.conf.task_soft_time_limit < app.conf.task_time_limit < LEASE.total_seconds()
    assert LEASE.total_seconds() < transport.get("visibility_timeout", 600) == 600
    assert app.conf.worker_soft_shutdown_timeout > app.conf.task_soft_time_limit


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("task_acks_late", True),
        ("task_reject_on_worker_lost", True),
        ("worker_prefetch_multiplier", 1),
        ("worker_cancel_long_running_tasks_on_connection_loss", False),
        ("broker_connection_retry_on_startup", True),
        ("broker_connection_max_retries", None),
        ("task_ignore_result", True),
        ("result_backend", None),
        ("task_serializer", "json"),
        ("accept_content", ["json"]),
        ("enable_utc", True),
        ("timezone", "UTC"),
        ("worker_max_tasks_per_child", 1_000),
        ("worker_max_memory_per_child", 400_000),
        ("worker_eta_task_limit", 10),
    ],
)
def test_the_worker_is_set_up_as_the_contract_says(name: str, value: object) -> None:
    assert app.conf[name] == value


def test_redis_is_never_waited_for_without_a_limit() -> None:
    options = as_a_service("CELERY_BROKER_TRANSPORT_OPTIONS")

    assert options["visibility_timeout"] == 600
    assert (options["socket_timeout"], options["socket_connect_timeout"]) == (5, 5)
    assert (options["socket_keepalive"], options["retry_on_timeout"], options["health_check_interval"]) == (
        True,
        True,
        25,
    )


def as_a_service(name: str) -> Any:
    """A setting as it is with REDIS_URL set, whichever way these tests run."""
    script = f"import json; from clinic import settings; print(json.dumps(settings.{name}))"
    environment = os.environ | {"REDIS_URL": "redis://127.0.0.1:1/0", "SECRET_KEY": "x" * 60, "ENV_FILE": os.devnull}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, check=True)
    return json.loads(done.stdout)


def test_a_web_request_never_waits_long_for_the_broker() -> None:
    policy = app.conf.task_publish_retry_policy

    assert policy["max_retries"] * policy["interval_max"] <= 2


def test_the_clock_rings_for_rounds_alone_and_a_ring_that_waited_is_dropped() -> None:
    entries = settings.CELERY_BEAT_SCHEDULE

    assert {entry["task"] for entry in entries.values()} == {
        "reminders.tasks.sweep",
        "reminders.tasks.extend_horizon",
        "reminders.tasks.seek",
        "reminders.tasks.hear",
        "reminders.tasks.keep_check_ins",
        "clinic.import_tasks.carry_on",
    }
    for entry in entries.values():
        seconds = getattr(entry["schedule"], "total_seconds", lambda e=entry: e["schedule"])()
        assert entry["options"]["expires"] < seconds


def test_sending_has_queues_of_its_own() -> None:
    assert app.conf.task_routes["reminders.tasks.send_due"]["queue"] == "send"
    assert app.conf.task_routes["reminders.tasks.mail_due"]["queue"] == "mail"


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_celery_message_carries_nothing_about_anybody(name: str) -> None:
    """What is due stands in the table, and a ring says no more than that; a move says which one, and how far it is."""
    told = {"reminders.tasks.move_patients": ["pk", "after", "left_at"]}
    assert list(inspect.signature(OURS[name].run).parameters) == told.get(name, [])


def test_every_task_is_known() -> None:
    known = ["extend_horizon", "hear", "keep_check_ins", "mail_due", "move_patients", "seek", "send_due", "sweep"]
    assert sorted(name.rpartition(".")[2] for name in OURS) == known


def test_nothing_leaves_unless_somebody_says_so() -> None:
    environment = {k: v for k, v in os.environ.items() if k != "MESSAGES"} | {"ENV_FILE": os.devnull}
    script = "from clinic import settings; print(settings.MESSAGES, settings.DEMO)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, check=True)

    assert done.stdout.split() == [b"outbox", b"False"]
