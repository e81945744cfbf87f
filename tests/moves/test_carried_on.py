"""A move goes on by itself: rung on from slice to slice by a worker, or round by round where only a timer rings."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from reminders import tasks, version_moves
from reminders.plan.models import PlanChange, VersionMove
from tests.given import NOW
from tests.moves.anew import laid_out_anew, picture
from tests.moves.given import MovedClinic, a_clinic

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]
AT_ONCE = timedelta(0)  # a slice that is over after its first batch


class Rings:
    """Stands for the broker at the task's door: keeps what was rung."""

    def __init__(self, task: Any) -> None:
        self.task, self.kept = task, []

    def delay(self, *told: Any) -> None:
        self.kept.append(told)

    def apply_async(self, told: tuple[Any, ...] = (), **_options: Any) -> None:
        self.kept.append(told)

    def answer(self) -> None:
        """A worker takes the first of them."""
        self.task(*self.kept.pop(0))


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def clinic(monkeypatch: pytest.MonkeyPatch) -> MovedClinic:
    """One patient a batch, one batch a slice."""
    monkeypatch.setattr(version_moves, "BATCH", 1)
    monkeypatch.setattr(tasks, "SLICE", AT_ONCE)
    monkeypatch.setattr(version_moves, "ROUND", AT_ONCE)
    return a_clinic()


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> Rings:
    rings = Rings(tasks.move_patients)
    monkeypatch.setattr(tasks, "move_patients", rings)
    for sending in ("send_due", "mail_due"):  # a sweep rings for them as well
        monkeypatch.setattr(tasks, sending, Rings(None))
    return rings


def started(clinic: MovedClinic) -> VersionMove:
    return version_moves.start(clinic.new, why="new days", by=clinic.surgeon, now=NOW)


def stands(move: VersionMove) -> tuple[int, bool]:
    """How many are moved, and whether that was all."""
    move.refresh_from_db()
    return move.moved, move.finished_at is not None


def is_as_laid_out_anew(clinic: MovedClinic) -> bool:
    return all(picture(surgery) == laid_out_anew(surgery, now=NOW) for surgery in clinic.surgeries)


def test_a_worker_does_a_slice_and_rings_for_the_next(clinic: MovedClinic, rings: Rings) -> None:
    move = started(clinic)
    tasks.ring_for_move(move.pk)

    seen = []
    while rings.kept:
        rings.answer()
        seen.append(stands(move))

    assert seen == [(1, False), (2, False), (3, False), (3, True)]
    assert is_as_laid_out_anew(clinic)


def test_a_ring_heard_twice_moves_nobody_twice(clinic: MovedClinic, rings: Rings) -> None:
    move = started(clinic)
    tasks.ring_for_move(move.pk)
    rings.answer()
    rings.kept *= 2

    while rings.kept:
        rings.answer()

    assert stands(move) == (3, True)
    assert PlanChange.objects.count() == 3


def test_stopped_no_ring_moves_anybody_and_taken_up_the_next_sweep_rings(clinic: MovedClinic, rings: Rings) -> None:
    move = started(clinic)
    tasks.ring_for_move(move.pk)
    rings.answer()
    version_moves.stop(move, by=clinic.surgeon, now=NOW)

    rings.answer()
    tasks.sweep()

    assert (stands(move), rings.kept) == ((1, False), [])
    version_moves.go_on(move, by=clinic.surgeon, now=NOW)
    tasks.sweep()
    while rings.kept:
        rings.answer()
    assert stands(move) == (3, True)
    assert is_as_laid_out_anew(clinic)


def test_where_only_a_timer_rings_each_round_moves_some(clinic: MovedClinic) -> None:
    move = started(clinic)

    seen = []
    for _ in range(4):
        said = StringIO()
        call_command("sweep", stdout=said)
        seen.append((stands(move), said.getvalue().splitlines()[-1]))

    assert seen[:2] == [((1, False), "moved: 1 patients"), ((2, False), "moved: 1 patients")]
    assert seen[2:] == [((3, False), "moved: 1 patients"), ((3, True), "moved: nothing due")]
    assert is_as_laid_out_anew(clinic)


def test_a_round_leaves_alone_what_a_worker_is_at(clinic: MovedClinic, rings: Rings) -> None:
    move = started(clinic)
    tasks.ring_for_move(move.pk)
    rings.answer()

    call_command("sweep", stdout=StringIO())

    assert stands(move) == (1, False)


@pytest.fixture(autouse=True)
def place(settings: Any, tmp_path: Path) -> None:
    """Where a round leaves its mark."""
    settings.VAR_DIR, settings.REDIS_URL = tmp_path, ""
