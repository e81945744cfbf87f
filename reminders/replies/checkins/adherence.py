"""Adherence of one recovery: the answers so far, and how much of the plan was kept."""

from datetime import datetime

from patients.adherence import Adherence, adherence
from patients.models import Surgery
from reminders.replies.models import CheckIn


def check_ins_of(surgery: Surgery) -> list[CheckIn]:
    """Those that were asked, oldest first."""
    return list(CheckIn.objects.filter(surgery=surgery).order_by("asked_at", "pk"))


def adherence_of(surgery: Surgery, now: datetime) -> Adherence:
    """Of what was asked: not a check-in told unasked, nor a visit whose window had closed before the enrolment."""
    today, enrolled = surgery.site.today(now), surgery.site.today(surgery.enrolled_at)
    rows = CheckIn.objects.filter(surgery=surgery).exclude(reminder=None).values_list("answered_at", "closed_at")
    visits = surgery.check_ups.filter(window_closes__gte=enrolled).values_list("state", "window_closes")
    return adherence(
        check_ins=[(answered is not None, closed is not None) for answered, closed in rows],
        sessions=surgery.therapy_sessions.values_list("state", flat=True),
        visits=[(state, closes < today) for state, closes in visits],
    )
