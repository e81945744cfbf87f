"""What staff can do to a visit in two clicks, from the board and from the record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib import messages
from django.http import HttpRequest

from clinic.staff.board.date_format import short_day
from clinic.staff.board.times import read_local
from patients.models import CheckUp, Site, StaffMember
from reminders import actions


@dataclass(frozen=True, slots=True)
class ActionProblem:
    """A refusal: which row, in a sentence, and what was typed."""

    key: str
    sentence: str
    typed: Mapping[str, str]


VisitHandler = Callable[[CheckUp, HttpRequest, StaffMember, datetime], CheckUp]


def _book(check_up: CheckUp, request: HttpRequest, by: StaffMember, now: datetime) -> CheckUp:
    at = read_local(request.POST.get("at", ""), check_up.site)
    return actions.book_visit(check_up, at=at, by=by, now=now)


ACTIONS: dict[str, tuple[str, VisitHandler]] = {
    "book": ("Booked", _book),
    "confirm": ("Confirmed", lambda c, _, by, now: actions.confirm_visit(c, by=by, now=now)),
    "attended": ("Arrived", lambda c, _, by, now: actions.mark_attended(c, by=by, now=now)),
    "missed": ("Missed", lambda c, _, by, now: actions.mark_missed(c, by=by, now=now)),
    "cancel": ("Cancelled", lambda c, _, by, now: actions.cancel_visit(c, by=by, now=now)),
}


def warn_when_closed(request: HttpRequest, check_up: CheckUp, action: str) -> None:
    if action != "book" or check_up.booked_for is None:
        return
    day = check_up.site.today(check_up.booked_for)
    if _is_closed(check_up.site, day):
        messages.warning(request, f"The clinic is closed on {short_day(day)}. Move the visit if that was not meant.")


def _is_closed(site: Site, day: date) -> bool:
    return day.weekday() not in site.staffed_weekdays or site.closed_days.filter(date=day).exists()
