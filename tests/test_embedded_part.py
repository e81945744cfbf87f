"""The small part that also runs on SQLite and the filesystem broker: enrol, ring, read the outbox, STOP, go on."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from clinic.celery import app
from patients import clock
from reminders import tasks
from reminders.delivery.models import Attempt, Delivery
from reminders.replies import inbound
from tests import given
from tests.delivery.sending import ring, site, surgeon

__all__ = ["site", "surgeon"]
pytestmark = [pytest.mark.embedded, pytest.mark.django_db]
PHONE = given.phone(44)


@pytest.fixture
def demo(settings: Any, tmp_path: Any) -> None:
    settings.DEMO, settings.MESSAGES, settings.VAR_DIR = True, "outbox", tmp_path


def fastforward(days: int) -> str:
    said = StringIO()
    call_command("fastforward", days=days, stdout=said)
    return said.getvalue()


def test_an_enrolled_patient_gets_the_first_days_texts_until_stop(site, surgeon):
    surgery = given.an_enrolment(site, given.a_phone(PHONE), by=surgeon)
    ring(given.NOW + timedelta(hours=2))

    shown = Delivery.objects.filter(reminder__surgery=surgery, state="delivered")
    assert [d.text.startswith("Riverside Clinic: ") for d in shown] == [True]
    to = site.senders.get(channel="sms").address
    inbound.receive(provider_id="SM1", from_address=PHONE, to_address=to, text="stop", now=given.NOW)
    ring(given.NOW + timedelta(days=2))

    assert set(Attempt.objects.values_list("route", flat=True)) == {"outbox"}
    assert Attempt.objects.count() == 1


def test_fastforward_plays_three_days_and_leaves_the_clock_there(demo, site, surgeon):
    start = clock.now()
    given.an_enrolment(site, by=surgeon, now=start)

    said = fastforward(3)

    assert timedelta(days=3) <= clock.now() - start < timedelta(days=3, minutes=5)
    assert "3 days played" in said
    assert "accepted" in said
    assert Delivery.objects.filter(state="delivered").count() >= 2


def test_fastforward_goes_on_where_it_stopped(demo, site, surgeon):
    start = clock.now()
    given.an_enrolment(site, by=surgeon, now=start)

    fastforward(1)
    fastforward(2)

    assert timedelta(days=3) <= clock.now() - start < timedelta(days=3, minutes=5)
    assert set(Attempt.objects.values_list("number", flat=True)) == {1}


def test_ctrl_c_stops_fastforward_between_two_moments_and_the_next_run_goes_on(demo, site, surgeon):
    start = clock.now()
    given.an_enrolment(site, by=surgeon, now=start)

    with ThreadPoolExecutor(1) as hand:
        hand.submit(press_ctrl_c_when_time_has_moved)
        said = fastforward(300)

    stopped_at = clock.now()
    assert "of 300 days played" in said
    assert start < stopped_at < start + timedelta(days=300)
    assert not Delivery.objects.filter(state="claimed").exists()
    fastforward(2)
    assert clock.now() > stopped_at + timedelta(days=1)
    assert set(Attempt.objects.values_list("number", "outcome")) == {(1, "accepted")}


def press_ctrl_c_when_time_has_moved() -> None:
    while not clock.shift_file().exists():
        time.sleep(0.005)
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize(("is_demo", "messages"), [(False, "outbox"), (True, "live"), (False, "live")])
def test_fastforward_refuses_where_real_patients_are(site, settings, tmp_path, is_demo, messages):
    settings.DEMO, settings.MESSAGES, settings.VAR_DIR = is_demo, messages, tmp_path

    with pytest.raises(CommandError, match="demo"):
        fastforward(1)

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("days", [0, -1, 1001])
def test_fastforward_says_how_far_it_goes(demo, days):
    with pytest.raises(CommandError, match="from 1 to 1000"):
        fastforward(days)


def test_a_ring_goes_through_the_broker_and_names_nobody(site, surgeon, settings, tmp_path):
    """Celery's filesystem transport, as `make run` uses it."""
    given.an_enrolment(site, given.a_phone(PHONE), by=surgeon)
    folder = tmp_path / "broker"
    folder.mkdir()
    options = {"data_folder_in": str(folder), "data_folder_out": str(folder), "control_folder": str(tmp_path / "c")}

    with app.connection_for_write(url="filesystem://", transport_options=options) as connection:
        tasks.send_due.apply_async(expires=tasks.STALE, connection=connection)

    [message] = folder.iterdir()
    assert b"reminders.tasks.send_due" in message.read_bytes()
    assert PHONE.encode() not in message.read_bytes()
