"""Which steps and check-ups stay on the calendar under a pace and a hold, and which ones stretch. Pure.

A version says it itself; where it says nothing, as every version did before there were natures, these rules do. Signed
rows need no change for it. docs/protocols.md has the same table for surgeons.
"""

from reminders.plan.values import Anchor, Nature

FOLLOW_THEIR_CHECK_UP = frozenset({"book_check_up", "recall", "visit_reminder"})
SAFETY = frozenset({"walk_today", "avoid_heavy_lifting", "pain_medicine", "check_in", "outcome_questions"})
LETS_DO_MORE = frozenset({"start_pt", "strengthening", "phase_change", "return_to_work", "maintenance"})

WORDS = {
    Nature.SAFETY: "safety: stays on the calendar under pace and hold",
    Nature.ACTIVITY: "activity: moves with pace, hold and phase",
}


def of_check_up(given: str) -> Nature:
    """Safety unless the protocol says otherwise: who heals slowly is not looked at later."""
    return Nature(given or Nature.SAFETY)


def of_step(given: str, *, kind: str, warning: bool, anchor: str, check_up: Nature | None) -> Nature:
    """`check_up`: the nature of the check-up it names, if it names one. Before a window it follows that window.

    What allows more than before is activity even when it is marked as a warning: it must not come early for somebody
    whose plan is slower.
    """
    if check_up is not None and anchor == Anchor.CHECK_UP_WINDOW:
        return check_up
    if given:
        return Nature(given)
    if kind in FOLLOW_THEIR_CHECK_UP:
        return check_up or Nature.SAFETY
    if kind in SAFETY or (warning and kind not in LETS_DO_MORE):
        return Nature.SAFETY
    return Nature.ACTIVITY


def disagrees(given: str, *, anchor: str, check_up: Nature | None) -> str:
    """Why a step cannot have the nature it was given; empty where it can."""
    if not given or check_up is None or anchor != Anchor.CHECK_UP_WINDOW or given == check_up:
        return ""
    follows = f"It hangs on the window of a check-up whose nature is {check_up}"
    return f"{follows}: leave the nature empty, or make it {check_up} too."
