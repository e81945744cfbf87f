"""The secret addresses of calendars: shown, made anew and revoked by whoever may give them away."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from clinic.staff.access import StaffRequest, own_sites, page, staff_page
from patients import calendar_feeds, clock
from patients.models import CalendarFeed, Patient, Site, StaffMember
from patients.models.staff import Role


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One calendar this person may give away. `address`: empty where none is in use."""

    whose: str
    site: Site
    patient: Patient | None = None
    surgeon: StaffMember | None = None
    address: str = ""


@staff_page
@require_safe
def show(request: StaffRequest) -> HttpResponse:
    patient = _patient(request.user, request.GET.get("patient", ""))
    rows = [_of_patient(patient)] if patient else list(_rows(request.user))
    return page(request, "staff/calendars/page.html", title="Calendars", rows=rows, patient=patient)


@staff_page
@require_POST
def decide(request: StaffRequest) -> HttpResponse:
    """`what` is `renew` or `revoke`. 404 for a stranger, 403 for a colleague who may not."""
    patient = _patient(request.user, request.POST.get("patient", ""))
    site = patient.site if patient else _site(request.user, request.POST.get("site", ""))
    surgeon = _surgeon(site, request.POST.get("surgeon", ""))
    renews = request.POST.get("what") == "renew"
    act = calendar_feeds.renew if renews else calendar_feeds.revoke
    try:
        act(site, by=request.user, now=clock.now(), patient=patient, surgeon=surgeon)
    except PermissionDenied as denied:
        messages.error(request, str(denied))
        return page(request, "staff/calendars/page.html", title="Calendars", status=403, rows=[*_rows(request.user)])
    done = "The new address works from now on." if renews else "The address no longer works."
    messages.success(request, done)
    return redirect(reverse("staff:calendars") + (f"?patient={patient.pk}" if patient else ""))


def _patient(staff: StaffMember, key: str) -> Patient | None:
    if not key:
        return None
    patients = Patient.objects.for_staff(staff).select_related("site")
    return get_object_or_404(patients, pk=key if key.isdecimal() else 0)


def _site(staff: StaffMember, key: str) -> Site:
    return get_object_or_404(Site, pk__in=[site.pk for site in own_sites(staff) if str(site.pk) == key])


def _surgeon(site: Site, key: str) -> StaffMember | None:
    if not key:
        return None
    here = StaffMember.objects.filter(memberships__site=site, memberships__role=Role.SURGEON)
    return get_object_or_404(here, pk=key if key.isdecimal() else 0)


def _of_patient(patient: Patient) -> CalendarRow:
    feed = CalendarFeed.objects.filter(patient=patient, revoked_at=None).first()
    return CalendarRow(str(patient), patient.site, patient=patient, address=_address(feed))


def _rows(staff: StaffMember) -> Iterator[CalendarRow]:
    """Of the sites and surgeons they may decide about."""
    for site in own_sites(staff):
        used = CalendarFeed.objects.for_site(site).filter(patient=None, revoked_at=None)
        feeds = {feed.surgeon_id: feed for feed in used}
        if calendar_feeds.may_give(site, staff):
            yield CalendarRow("All visits", site, address=_address(feeds.get(None)))
        for surgeon in StaffMember.objects.filter(
            memberships__site=site, memberships__role=Role.SURGEON, is_active=True
        ).distinct():
            if calendar_feeds.may_give(site, staff, surgeon=surgeon):
                yield CalendarRow(str(surgeon), site, surgeon=surgeon, address=_address(feeds.get(surgeon.pk)))


def _address(feed: CalendarFeed | None) -> str:
    return f"{settings.PUBLIC_URL}{reverse('calendar-feed', args=[feed.key])}" if feed else ""
