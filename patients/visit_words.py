"""How a change of a visit is told to staff: who did what, and how long ago."""

from datetime import datetime, timedelta

from patients.models import CheckUp, Site, VisitChange
from patients.models.visit_change import VisitChangeKind

DONE = {
    VisitChangeKind.BOOKED: "booked {when}",
    VisitChangeKind.MOVED: "moved it to {when}",
    VisitChangeKind.CONFIRMED: "confirmed {when}",
    VisitChangeKind.ATTENDED: "marked it as attended",
    VisitChangeKind.MISSED: "marked it as missed",
    VisitChangeKind.FREED: "freed its time",
    VisitChangeKind.NOT_NEEDED: "marked it as not needed",
    VisitChangeKind.UNDONE: "undid the last change",
}


def said(change: VisitChange, check_up: CheckUp, now: datetime) -> str:
    """`Maria Lopez booked Wed 9 Dec 9:20 a minute ago`. `change` is the last one of this visit."""
    when = moment(check_up.booked_for, check_up.site) if check_up.booked_for else "it"
    did = DONE[VisitChangeKind(change.kind)].format(when=when)
    return f"{change.by or 'The patient'} {did} {ago(now - change.at)}"


def moment(at: datetime, site: Site) -> str:
    """`Wed 9 Dec 9:20`, on the site's clock."""
    local = at.astimezone(site.zone)
    return f"{local:%a} {local.day} {local:%b} {local.hour}:{local:%M}"


def ago(span: timedelta) -> str:
    """In the largest whole unit: `a minute ago`, `3 hours ago`."""
    for size, one, many in ((1440, "a day", "days"), (60, "an hour", "hours"), (1, "a minute", "minutes")):
        if number := int(span.total_seconds()) // (60 * size):
            return f"{one} ago" if number == 1 else f"{number} {many} ago"
    return "just now"
