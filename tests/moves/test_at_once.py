"""Two who move the same patients at the same instant, on real PostgreSQL: each patient is moved once."""

from threading import Barrier
from typing import Any

import pytest
from django.utils import timezone

from reminders import version_batch, version_moves
from reminders.plan.models import PlanChange, Reminder
from tests.moves.anew import laid_out_anew, picture
from tests.moves.given import a_clinic
from tests.replies.test_at_the_same_instant import at_once
from tests.waiting import HUNG

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def test_two_movers_with_the_same_patients_before_them_move_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = a_clinic(days=(0, 10, 100, 20), now=timezone.now())
    move = version_moves.start(clinic.new, why="new days", by=clinic.surgeon, now=timezone.now())
    both, real = Barrier(2), version_batch.decide_all

    def decide_together(*told: Any, **how: Any) -> Any:
        """Neither has moved anybody when both have read whom to move."""
        both.wait(timeout=HUNG)
        return real(*told, **how)

    monkeypatch.setattr(version_batch, "decide_all", decide_together)

    at_once(*[lambda: version_moves.run(move.pk, clock=timezone.now, by_force=True)] * 2)

    assert both.n_waiting == 0
    changes = list(PlanChange.objects.select_related("surgery"))
    assert sorted(change.surgery_id for change in changes) == sorted(one.pk for one in clinic.surgeries)
    for change in changes:
        assert picture(change.surgery) == laid_out_anew(change.surgery, now=change.at)
    keys = list(Reminder.objects.values_list("surgery", "step_code", "occurrence"))
    assert len(keys) == len(set(keys))
    move.refresh_from_db()
    assert (move.moved, move.failed) == (4, 0)
    version_moves.run(move.pk, clock=timezone.now, by_force=True)
    move.refresh_from_db()
    assert move.finished_at
