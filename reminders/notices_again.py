"""A notice about a visit's time ended without arriving: the plan is laid out again, and says what is still owed.

What was recalled by a change that was then undone would otherwise be missing: its time stands, and nobody was told. The
plan then wants a new notice of the true time, or a row on the call list.
"""

from collections.abc import Callable
from datetime import datetime

from reminders.delivery.followup import recalled_notices
from reminders.delivery.models import EndedNotice

AT_ONCE = 500
LayOut = Callable[[list[int], datetime], int]


def follow(now: datetime, *, lay_out: LayOut) -> int:
    """Call it in every round. How many notices had ended; safe to run twice, side by side, or after a crash.

    `lay_out`: lays these surgeries' plans out again, in transactions of its own.
    """
    recalled_notices.end_what_waits(now)
    ended = dict(EndedNotice.objects.order_by("pk").values_list("pk", "reminder__surgery")[:AT_ONCE])
    if ended:
        lay_out(sorted(set(ended.values())), now)
        EndedNotice.objects.filter(pk__in=list(ended)).delete()
    return len(ended)
