"""Which of their sites a staff member is looking at; remembered for the session."""

from clinic.staff.access import StaffRequest, own_sites
from patients.models import Site

KEY = "site"


def chosen(request: StaffRequest) -> Site:
    """The remembered one while they still belong to it, else their first."""
    sites = own_sites(request.user)
    remembered = request.session.get(KEY)
    return next((site for site in sites if site.pk == remembered), sites[0])


def choose(request: StaffRequest, pk: str) -> bool:
    """Remember the chosen site. False for a site that is not theirs."""
    site = next((site for site in own_sites(request.user) if str(site.pk) == pk), None)
    if site:
        request.session[KEY] = site.pk
    return site is not None
