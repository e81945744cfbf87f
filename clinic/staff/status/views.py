"""The page "System status": for managers of any site, about their own sites and what concerns all of them."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from clinic.staff.access import StaffRequest, own_sites, page, staff_page
from clinic.staff.status.page import status
from patients import clock
from patients.models.staff import Role
from reminders.delivery import alarms
from reminders.delivery.models import Alarm


@never_cache
@staff_page
@require_GET
def show(request: StaffRequest) -> HttpResponse:
    sites = own_sites(request.user, Role.MANAGER)
    if not sites:
        return _closed(request)
    return page(request, "staff/status/page.html", title="System status", system=status(sites, clock.now()))


@staff_page
@require_POST
def seen(request: StaffRequest, pk: int) -> HttpResponse:
    sites = own_sites(request.user, Role.MANAGER)
    if not sites:
        return _closed(request)
    alarm = get_object_or_404(Alarm, Q(site__in=sites) | Q(site=None), pk=pk)
    if alarms.seen(alarm, by=request.user, now=clock.now()):
        messages.success(request, "Seen. It is off the list and comes back if it happens again.")
    else:
        messages.info(request, "It is over already, or a colleague has marked it as seen.")
    return redirect("staff:status")


def _closed(request: StaffRequest) -> HttpResponse:
    return page(request, "staff/status/closed.html", title="System status", status=403)
