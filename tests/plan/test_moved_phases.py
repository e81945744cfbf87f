"""What hangs on a phase moves along with it, and never before the operation."""

from datetime import date

import pytest

from reminders.plan.values import Anchor, ChangeKind, Decision
from tests.plan.build import DAY0, a_step, local_days, wanted


def a_shift(days: int, decided: date = DAY0) -> Decision:
    return Decision(ChangeKind.SHIFT, decided, phase="middle", days=days)


@pytest.mark.parametrize(
    ("moved", "offset", "day"),
    [
        (0, -5, 10),
        (3, -5, 13),
        (3, 2, 20),
        (-14, -1, 0),
        (-14, -5, 0),  # four days before the operation, if it were only counted back
        (-14, 0, 1),
    ],
)
def test_a_step_stays_beside_its_phase_and_after_the_operation(moved: int, offset: int, day: int) -> None:
    decisions = (a_shift(moved),) if moved else ()

    assert local_days(wanted(a_step(Anchor.PHASE_START, offset, phase="middle"), decisions=decisions)) == [day]
