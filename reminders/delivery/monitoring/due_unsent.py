"""What no design can promise, counted: a text cannot be sent exactly once, nor its arrival always be known."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from patients.models import Site
from reminders.delivery.models import Delivery, Report, Transition
from reminders.delivery.models.evidence import GIVEN_UP
from reminders.delivery.state import State

UNKNOWN_LONG = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Counted:
    number: int
    meaning: str


def counts(now: datetime, sites: list[Site] | None = None) -> dict[str, Counted]:
    """By the metric's name; of these sites, or of all. Orphans belong to no site: they are in every count."""
    rows = Delivery.objects.all() if sites is None else Delivery.objects.filter(site__in=sites)
    late = Transition.objects.filter(state=State.DELIVERED, was__in=GIVEN_UP)
    if sites is not None:
        late = late.filter(delivery__site__in=sites)
    return {
        "possible_duplicates": _of(
            rows.filter(after_unknown__gt=0),
            "Sent again because nobody could say whether the first one had left: the patient may have had both.",
        ),
        "unconfirmed": _of(
            rows.filter(state=State.UNCONFIRMED),
            "Taken or perhaps taken, and nobody could say whether it arrived; reception is asked to call.",
        ),
        "unknown_overdue": _of(
            rows.filter(state=State.UNKNOWN, claimed_at__lt=now - UNKNOWN_LONG),
            "Longer than 30 minutes in doubt whether it left.",
        ),
        "callbacks_orphaned": Counted(
            Report.objects.filter(attempt=None).count(),
            "Reports of the provider that belong to no message of ours.",
        ),
        "late_reports": Counted(
            late.count(), "Reported to have arrived after it had been given up; the report counts."
        ),
        "reports_against": _against(sites),
    }


def _against(sites: list[Site] | None) -> Counted:
    rows = Report.objects.filter(is_against=True)
    rows = rows if sites is None else rows.filter(attempt__delivery__site__in=sites)
    return Counted(rows.count(), "Reported to have failed after it had ended otherwise; kept, and nothing changed.")


def _of(rows: QuerySet[Delivery], meaning: str) -> Counted:
    return Counted(rows.count(), meaning)
