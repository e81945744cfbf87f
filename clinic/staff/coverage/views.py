"""The page and the CSV "Message coverage": one's own site, filtered; nothing on it can be changed."""

import csv
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from clinic import coverage
from clinic.coverage import MISSING, CoverageFilter, CoverageLine, MissKind
from clinic.exchange.cells import inert
from clinic.staff import formats
from clinic.staff.access import StaffRequest, page, staff_page
from clinic.staff.board.site import chosen
from patients import audit, clock
from patients.models import Site
from reminders.plan.models import Protocol
from reminders.plan.models.reminder import ReminderQuerySet

ON_A_PAGE = 50
USUAL = timedelta(days=30)
KINDS = {"missing": tuple(MISSING), "all": tuple(MissKind)} | {kind.value: (kind,) for kind in MissKind}
HEAD = ["patient number", "name", "protocol", "message", "due", "how it stands", "why", "handled"]


class Filters(forms.Form):
    """Codes and days only: an address is kept in logs and histories."""

    protocol = forms.SlugField(required=False)
    step = forms.SlugField(required=False, max_length=60)
    kind = forms.ChoiceField(required=False, choices=[(kind, kind) for kind in KINDS])
    since = forms.DateField(required=False, error_messages={"invalid": "Write the day as 2026-03-02."})
    after = forms.IntegerField(required=False, min_value=0, max_value=2**62)


@never_cache
@staff_page
@require_GET
def show(request: StaffRequest) -> HttpResponse:
    site, now = chosen(request), clock.now()
    filters = Filters(request.GET)
    wrong = _wrong(filters)
    asked = _asked(site, filters.cleaned_data, now)
    rows = _beyond(asked.narrowed(now), site, filters.cleaned_data.get("after"))
    found = list(coverage.lines(rows[: ON_A_PAGE + 1]))
    return page(
        request, "staff/coverage/page.html", title="Message coverage", status=422 if wrong else 200,
        site=site, asked=asked, wrong=wrong, kind=filters.cleaned_data.get("kind") or "missing",
        kinds=[("missing", "missing"), *MissKind.choices, ("all", "all")], heads=[kind.label for kind in MissKind],
        protocols=list(Protocol.objects.for_site(site).values_list("code", "name")),
        steps=coverage.per_step(asked.rows(now)), since=asked.since.astimezone(site.zone).date(),
        people=[(line, formats.moment(line.due_at, site.zone)) for line in found[:ON_A_PAGE]],
        query=_without_after(request), after=found[ON_A_PAGE - 1].pk if len(found) > ON_A_PAGE else 0,
    )  # fmt: skip


@never_cache
@staff_page
@require_GET
def download(request: StaffRequest) -> HttpResponseBase:
    """All lines of the filter, as they stand; that somebody took them is on the site's record."""
    site, now = chosen(request), clock.now()
    filters = Filters(request.GET)
    if not filters.is_valid():
        return HttpResponse(" ".join(_wrong(filters)), status=422, content_type="text/plain")
    asked = _asked(site, filters.cleaned_data, now)
    audit.record("list of missed messages taken", of=site, by=request.user, now=now)
    answer = StreamingHttpResponse(_csv(asked, now), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="missed-{site.code}-{site.today(now)}.csv"'
    return answer


def _wrong(filters: Filters) -> list[str]:
    """A sentence for each field that cannot be read."""
    return [f"{name}: {sentence}" for name, said in filters.errors.items() for sentence in said]


def _asked(site: Site, told: dict[str, Any], now: datetime) -> CoverageFilter:
    day = told.get("since") or site.today(now) - USUAL
    since = datetime.combine(day, time(), site.zone)
    kinds = KINDS[told.get("kind") or "missing"]
    return CoverageFilter(site, since, told.get("protocol") or "", told.get("step") or "", kinds)


def _beyond(rows: ReminderQuerySet, site: Site, after: int | None) -> ReminderQuerySet:
    """After the line where the last page ended, by its moment: the index is entered there."""
    last = rows.model.objects.filter(site=site, pk=after).values_list("due_at", flat=True).first() if after else None
    if last is None:
        return rows
    return rows.filter(Q(due_at__gt=last) | Q(due_at=last, pk__gt=after), due_at__gte=last)


def _without_after(request: StaffRequest) -> str:
    query: QueryDict = request.GET.copy()
    query.pop("after", None)
    return query.urlencode()


class _Echo:
    """A file that hands back each line it is given: what csv writes goes straight into the answer."""

    def write(self, line: str) -> str:
        return line


def _csv(asked: CoverageFilter, now: datetime) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(HEAD)
    for line in coverage.lines(asked.narrowed(now)):
        yield writer.writerow([inert(cell) for cell in _cells(line, asked.site)])


def _cells(line: CoverageLine, site: Site) -> list[str]:
    local = f"{line.due_at.astimezone(site.zone):%Y-%m-%d %H:%M}"
    dealt = f"{line.handled_at.astimezone(site.zone):%Y-%m-%d %H:%M}" if line.handled_at else ""
    return [line.number, line.name, line.protocol, line.step, local, line.kind_in_words, line.why, dealt]
