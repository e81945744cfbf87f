"""Who may open a staff page, and the frame it is shown in."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

from patients.models import Site, StaffMember

P = ParamSpec("P")


class StaffRequest(HttpRequest):
    """A request of somebody who works at one site at least."""

    user: StaffMember
    htmx: HtmxDetails


def staff_page(
    view: Callable[Concatenate[StaffRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Signed-in, active, and a member of a site; which rows they see is still `.for_staff(request.user)`."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), "admin:login")
        if not (request.user.is_active and request.user.is_staff and request.user.memberships.exists()):
            return page(request, "staff/no_site.html", title="No site yet", status=403)
        return view(cast(StaffRequest, request), *args, **kwargs)

    return guarded


def own_sites(staff: StaffMember, *roles: str) -> list[Site]:
    """The sites they work at (in one of these roles, when any is named), by name."""
    memberships = staff.memberships.filter(role__in=roles) if roles else staff.memberships.all()
    return list(Site.objects.filter(pk__in=memberships.values("site")))


def page(request: HttpRequest, template: str, *, title: str, status: int = 200, **context: object) -> HttpResponse:
    """A whole page inside the admin's look. Parts that htmx swaps in are rendered without it."""
    frame = admin.site.each_context(request) | {"title": title}
    return render(request, template, frame | context, status=status)
