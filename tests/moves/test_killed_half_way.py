"""The process that moves patients is killed outright; a second run ends where one run would have ended."""

import signal
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from patients.models import Surgery
from reminders import version_moves
from reminders.plan.models import PlanChange, Reminder, VersionMove
from tests.moves.anew import laid_out_anew, picture
from tests.moves.given import a_clinic

MANAGE = Path(__file__).parents[2] / "manage.py"
pytestmark = pytest.mark.processes


def test_killed_half_way_and_started_again_is_as_if_it_had_run_once(process_environment: dict[str, str]) -> None:
    clinic = a_clinic(days=(0, 10, 100, 20, 50, 5), now=timezone.now())
    told = {"site": clinic.site.code, "protocol": "miss-base", "by": clinic.surgeon.username, "why": "new days"}
    words = [word for name, value in told.items() for word in (f"--{name}", value)]
    command = [sys.executable, str(MANAGE), "move_patients", "--batch", "2", *words]

    with transaction.atomic():
        list(Surgery.objects.select_for_update().filter(pk=clinic.surgeries[4].pk))  # the third batch has to wait
        mover = subprocess.Popen(command, env=process_environment)
        while PlanChange.objects.count() < 4 and mover.poll() is None:
            Event().wait(0.01)
        mover.send_signal(signal.SIGKILL)
        assert mover.wait() == -signal.SIGKILL
    assert PlanChange.objects.count() == 4
    call_command("move_patients", **told)

    move = VersionMove.objects.get()
    assert (move.total, move.moved, move.failed) == (6, 6, 0)
    assert not version_moves.waiting(clinic.new).exists()
    for change in PlanChange.objects.select_related("surgery"):
        assert picture(change.surgery) == laid_out_anew(change.surgery, now=change.at)
    keys = list(Reminder.objects.values_list("surgery", "step_code", "occurrence"))
    assert len(keys) == len(set(keys))
    assert PlanChange.objects.values("surgery").distinct().count() == PlanChange.objects.count() == 6
