"""Try a protocol on an invented patient: every message with its moment and words. Writes nothing."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from clinic.simulation import SimulatedMessage, simulate
from clinic.staff import formats
from clinic.staff.access import StaffRequest, own_sites, page, staff_page
from clinic.staff.formats import Pill
from clinic.staff.simulator.forms import SimulatorForm
from patients import clock
from patients.models.contact import Channel


@dataclass(frozen=True, slots=True)
class SimulatorRow:
    when: str
    pill: Pill
    line: SimulatedMessage


@staff_page
@require_GET
def show(request: StaffRequest) -> HttpResponse:
    sites = own_sites(request.user)
    site = sites[0] if len(sites) == 1 else next((s for s in sites if str(s.pk) == request.GET.get("site")), None)
    if site is None:
        return page(request, "staff/enrol/site.html", title="Simulator", sites=sites)
    data = request.GET if "version" in request.GET else None
    form = SimulatorForm(data, site=site, today=site.today(clock.now()))
    rows = [_row(line, form.zone_info) for line in simulate(form.case())] if form.is_valid() else None
    status = 422 if form.is_bound and rows is None else 200
    return page(request, "staff/simulator/page.html", title="Simulator", status=status, form=form, rows=rows)


def _row(line: SimulatedMessage, zone: ZoneInfo) -> SimulatorRow:
    pill = Pill("not sent", "warn") if line.why else Pill(str(Channel(line.channel).label), "good")
    return SimulatorRow(formats.moment(line.at, zone), pill, line)
