"""Why a message does not have the day and hour of the protocol, as codes and in words. Pure."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum


class Shift(StrEnum):
    """Why a message does not lie on the protocol's own day and hour."""

    HOLD = "hold"
    PACE = "pace"
    PHASE = "phase"
    DELAY = "delay"
    PT = "pt"
    QUIET = "quiet"
    CLOSED = "closed"
    CLOCKS = "clocks"
    BUDGET = "budget"
    ADDED = "added"
    CHECK_UP = "check_up"


SHIFTS = {
    Shift.HOLD: "the plan was held",
    Shift.PACE: "because of the changed pace",
    Shift.PHASE: "its phase was moved",
    Shift.DELAY: "it was postponed",
    Shift.PT: "physical therapy was ordered for that day",
    Shift.QUIET: "nothing is sent in quiet hours",
    Shift.CLOSED: "clinic closed that day",
    Shift.CLOCKS: "the clocks change that night",
    Shift.BUDGET: "daily or weekly limit reached",
    Shift.ADDED: "it was added to the protocol's own messages",
    Shift.CHECK_UP: "its check-up was moved",
}


def why_moved(shifts: Iterable[str], moved_from: date | None = None) -> str:
    """One sentence for all that moved a message; empty where it lies on the protocol's own day and hour."""
    found = [Shift(shift) for shift in shifts]
    said = " and ".join(SHIFTS[shift] for shift in found if shift != Shift.ADDED)
    own = f" (it was to come on {moved_from:%-d %b})" if moved_from else ""
    added = ["Added to the protocol's own messages."] if Shift.ADDED in found else []
    return " ".join([*added, f"Moved: {said}{own}."] if said else added)
