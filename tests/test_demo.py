"""The demo clinic is there as a whole or not at all, and is made once."""

import os
import signal
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from clinic.demo import build
from clinic.demo.people import PEOPLE, SIGN_IN
from patients.models import Patient, Site, StaffMember
from reminders.delivery.models import Delivery
from reminders.plan import load_protocol
from reminders.replies.models import Reply

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def demo(settings, tmp_path, monkeypatch):
    """A short history: the whole one takes half a minute."""
    settings.DEMO, settings.MESSAGES, settings.VAR_DIR = True, "outbox", tmp_path
    monkeypatch.setattr(build, "HISTORY", timedelta(days=3))


def make() -> str:
    printed = StringIO()
    call_command("demo", stdout=printed)
    return printed.getvalue()


def test_after_ctrl_c_there_is_no_demo_and_the_next_run_makes_it_once(monkeypatch, capsys):
    with monkeypatch.context() as patched:
        patched.setattr(build, "make", interrupted_on_the_second_day(build.make))
        with pytest.raises(KeyboardInterrupt):
            make()
    assert not Site.objects.exists()
    assert not StaffMember.objects.exists()

    load_protocol.forget()  # the next run is another process
    printed = make()

    assert printed.strip() == SIGN_IN
    assert Patient.objects.count() == len(PEOPLE)
    assert Delivery.objects.filter(state="delivered").exists()
    assert Reply.objects.filter(text="can I drive yet?").exists()
    assert "Playing 3 days of a clinic: 3 of 3 days" in capsys.readouterr().err

    messages = Delivery.objects.count()
    assert make().strip() == SIGN_IN
    assert Site.objects.count() == 1
    assert Delivery.objects.count() == messages


@pytest.mark.parametrize(("is_demo", "messages"), [(False, "outbox"), (True, "live")])
def test_it_is_refused_where_real_patients_may_be(settings, is_demo, messages):
    settings.DEMO, settings.MESSAGES = is_demo, messages

    with pytest.raises(CommandError, match="passwords are public"):
        make()

    assert not Site.objects.exists()


def interrupted_on_the_second_day(play):
    def played(now):
        for number, total in play(now):
            if number == 1:
                os.kill(os.getpid(), signal.SIGINT)
            yield number, total

    return played
