"""A real worker moves patients: stopped while it is at it, it ends with its batch; told to go on, it finishes."""

import pytest
from django.db import transaction
from django.utils import timezone

from patients.models import Surgery
from reminders import version_moves
from reminders.plan.models import VersionMove
from tests.moves.anew import laid_out_anew, picture
from tests.moves.given import a_clinic
from tests.processes.running import Machine

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def test_a_worker_stops_and_goes_on_when_it_is_told(machine: Machine) -> None:
    clinic = a_clinic(days=(0, 10, 100), now=timezone.now())
    move = version_moves.start(clinic.new, why="new days", by=clinic.surgeon, now=timezone.now())

    with transaction.atomic():
        list(Surgery.objects.select_for_update().filter(pk=clinic.surgeries[2].pk))  # the batch has to wait
        machine.worker(queues="default", processes=1)
        machine.beat()
        machine.wait_until(lambda: VersionMove.objects.get().worked_at is not None)
        version_moves.stop(move, by=clinic.surgeon, now=timezone.now())
    machine.wait_until(lambda: VersionMove.objects.get().moved == 3)
    assert VersionMove.objects.get().finished_at is None

    version_moves.go_on(move, by=clinic.surgeon, now=timezone.now())
    machine.wait_until(lambda: VersionMove.objects.get().finished_at is not None)

    for change in VersionMove.objects.get().changes.select_related("surgery"):
        assert picture(change.surgery) == laid_out_anew(change.surgery, now=change.at)
