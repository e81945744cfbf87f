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

    `lay_out`: lays these surgeries' plans out again, in transactions of its own, and says how many. What it could not
    is tried again in the next round: the patient may know a wrong time.
    """
    recalled_notices.end_what_waits(now)
    ended = dict(EndedNotice.objects.order_by("pk").values_list("pk", "reminder__surgery")[:AT_ONCE])
    if ended:
        done = _laid_out(sorted(set(ended.values())), now, lay_out)
        EndedNotice.objects.filter(pk__in=[key for key, surgery in ended.items() if surgery in done]).delete()
    return len(ended)


def _laid_out(surgeries: list[int], now: datetime, lay_out: LayOut) -> set[int]:
    if lay_out(surgeries, now) == len(surgeries):
        return set(surgeries)
    return {surgery for surgery in surgeries if lay_out([surgery], now)}
