"""How a test of the board fills its lists and reads their rows."""

from datetime import datetime, timedelta

from clinic.staff.board.page import Board
from patients.models import CheckUp
from reminders import visit_actions
from reminders.plan.models import Reminder
from tests.given import NOW


def visit_of(surgery, code: str = "first-visit") -> CheckUp:
    return surgery.check_ups.get(code=code, occurrence=0)


def booked(surgery, at: datetime, by, code: str = "first-visit") -> CheckUp:
    return visit_actions.book_visit(visit_of(surgery, code), at=at, by=by, now=min(NOW, at) - timedelta(days=1))


def not_reached(surgery, *deadlines: timedelta, reason: str = "no_consent") -> list[Reminder]:
    """As many messages that found no way, useful until so long after NOW."""
    found = list(surgery.reminders.order_by("due_at")[: len(deadlines)])
    for reminder, until in zip(found, deadlines, strict=True):
        facts = {"due_at": NOW - timedelta(days=99), "useful_until": NOW + until}
        surgery.reminders.filter(pk=reminder.pk).update(status="suppressed", reason=reason, **facts)
    return found


def rows(shown: Board, code: str) -> list:
    return next((s.rows for s in shown.left + shown.right if s.code == code), [])
