"""Warns of texts that nobody has read in time, although the patient was told that a person reads them."""

from datetime import datetime

from django.db.models import Count, Min

from patients.models import Site
from reminders.delivery.monitoring.watchdogs import Watch, WatchdogWarning
from reminders.replies.alerts import raising, staffed_hours
from reminders.replies.models import Reply


def warnings(now: datetime, site: Site | None = None) -> list[WatchdogWarning]:
    """Unread although a whole staffed day came after it: for a text of Friday once Monday's is over."""
    waiting = Reply.objects.to_read()
    sites = [site] if site else Site.objects.filter(pk__in=waiting.exclude(site=None).values("site"))
    number, oldest = 0, now
    for each in sites:
        late = waiting.for_site(each).filter(received_at__lt=staffed_hours.last_day_over(now, raising.hours(each)))
        found = late.aggregate(number=Count("pk"), oldest=Min("received_at"))
        number, oldest = number + found["number"], min(oldest, found["oldest"] or oldest)
    if not number:
        return []
    said = _sentence(number, Watch(now, site).when(oldest))
    return [WatchdogWarning("unread", oldest, 0, said, on_board=True, site=site.pk if site else None)]


def _sentence(number: int, since: str) -> str:
    said, them = ("1 text is waiting", "it") if number == 1 else (f"{number} texts are waiting", "them")
    return f"{said} to be read since {since}: read {them} on the board."
