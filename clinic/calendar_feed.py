"""The address a calendar program subscribes to. Who has it may look; nobody signs in, no cookie is set."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from clinic.exchange import ical
from patients import clock
from patients.models import CalendarFeed
from patients.models.patient import PatientStatus
from patients.models.staff import Role

HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


@require_safe
def calendar_feed(request: HttpRequest, key: str) -> HttpResponse:
    """404 for an address that was never made, was revoked, or whose patient or surgeon is not there any more.

    That of a patient number that was merged shows the one that stays.
    """
    feeds = CalendarFeed.objects.select_related("site", "patient__merged_into", "surgeon")
    feed = feeds.filter(key=key, revoked_at=None).first()
    if feed and feed.patient and feed.patient.merged_into:
        feed.patient = feed.patient.merged_into
    if feed is None or not _is_theirs(feed):
        raise Http404("There is no calendar at this address.")
    file = ical.feed_file(feed, now=clock.now())
    return HttpResponse(file, content_type="text/calendar; charset=utf-8", headers=HEADERS)


def _is_theirs(feed: CalendarFeed) -> bool:
    if feed.patient:
        return bool(feed.patient.status == PatientStatus.ACTIVE)
    return feed.surgeon is None or feed.surgeon.is_at(feed.site, Role.SURGEON)
