"""Check-ups follow the plan until they are booked; from then on people decide."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import F

from patients.models import CheckUp, Surgery
from patients.models.checkup import CheckUpState
from reminders.plan.bulk_update import rewrite
from reminders.plan.values import WantedVisit

UNSETTLED = [CheckUpState.DUE, CheckUpState.BOOKED, CheckUpState.CONFIRMED, CheckUpState.MISSED]
BOOKED = [CheckUpState.BOOKED, CheckUpState.CONFIRMED]
WINDOW = ["window_opens", "target_day", "window_closes", "title"]


@dataclass(slots=True)
class Windows:
    """What becomes of check-ups, noted plan by plan and written in one go."""

    added: list[CheckUp] = field(default_factory=list)
    changed: list[CheckUp] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)

    def follow(
        self, surgery: Surgery, rows: Iterable[CheckUp], wanted: Iterable[WantedVisit], titles: Mapping[str, str]
    ) -> None:
        """Windows move with the plan; a booked time stays; what nobody touched and is not wanted any more goes."""
        left = {(row.code, row.occurrence): row for row in rows}
        for visit in wanted:
            row = left.pop((visit.code, visit.occurrence), None)
            if row is None:
                row = CheckUp(site_id=surgery.site_id, surgery=surgery, code=visit.code, occurrence=visit.occurrence)
                _shape(row, visit, titles[visit.code])
                self.added.append(row)
            elif _shape(row, visit, titles[visit.code]):
                self.changed.append(row)
        self.gone += [row.pk for row in left.values() if _is_untouched(row)]

    def write(self) -> None:
        """Write everything that was noted, in three queries."""
        CheckUp.objects.bulk_create(self.added)
        rewrite(self.changed, WINDOW)
        CheckUp.objects.filter(pk__in=self.gone).delete()


def _is_untouched(row: CheckUp) -> bool:
    """Nobody has booked it, nor done anything else with it that a patient may have heard of."""
    return row.state == CheckUpState.DUE and not row.bookings and not row.revision


def _shape(row: CheckUp, visit: WantedVisit, title: str) -> bool:
    """Whether that is another shape than it had."""
    before = row.window_opens, row.target_day, row.window_closes, row.title
    after = visit.opens, visit.target, visit.closes, title
    row.window_opens, row.target_day, row.window_closes, row.title = after
    return before != after


def cancel_visits(surgeries: Collection[int], *, keep: Collection[str] = ()) -> None:
    """What nobody touched goes, and comes back with the plan; what people booked is kept as cancelled.

    `keep`: states in which a visit of plans that ended stands as it is; one that stood and was missed stays missed.
    """
    if not surgeries:
        return
    theirs = CheckUp.objects.filter(surgery__in=surgeries)
    theirs.filter(state=CheckUpState.DUE, bookings=0, revision=0).delete()
    open_ones = theirs.filter(state__in=[state for state in UNSETTLED if state not in keep])
    if keep:
        open_ones = open_ones.exclude(state=CheckUpState.MISSED, booked_for__gte=F("surgery__ended_at"))
    open_ones.update(state=CheckUpState.CANCELLED, revision=F("revision") + 1)


def call_again(surgeries: Collection[int]) -> None:
    """These plans run again: what was cancelled with them is due, and reception books it anew."""
    cancelled = CheckUp.objects.filter(surgery__in=surgeries, state=CheckUpState.CANCELLED)
    cancelled.update(state=CheckUpState.DUE, booked_for=None, revision=F("revision") + 1)
