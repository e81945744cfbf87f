"""Whether this machine's clock and the database's agree; quiet hours depend on it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from patients.models import Site
from reminders.delivery import alarms


def agree() -> bool:
    """Whether the clocks agree; asked before settling or sending. Raises the alarm `clocks`, or clears it.

    Always about the real clocks: `fastforward` and whoever else gives a moment of their own do not come by here.
    """
    there = _of_the_database()
    apart = abs(timezone.now() - there) if there else timedelta()
    if there is None or apart.total_seconds() <= settings.CLOCKS_APART:
        alarms.clear("clocks", subject="", now=timezone.now())
        return True
    alarms.sound("clocks", now=there, detail=f"{apart.total_seconds():.0f} seconds apart")
    return False


def _of_the_database() -> datetime | None:
    """None: there is no site yet, and so nothing to send."""
    return Site.objects.values_list(Now(), flat=True).first()
