"""What staff can do to a visit in two clicks, from the board and from the record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from clinic.staff.board.times import read_local
from patients.models import CheckUp, StaffMember
from patients.models.checkup import CheckUpState
from patients.visit_times import concerns_about
from reminders import visit_actions as actions
from reminders.plan.checkups import BOOKED


@dataclass(frozen=True, slots=True)
class ActionProblem:
    """A refusal: which row, in a sentence, and what was typed."""

    key: str
    sentence: str
    typed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class UndoOffer:
    """What was done a moment ago and can be taken back: beside its row, else beside the sentence that says so."""

    visit: int
    change: int
    name: str

    @property
    def key(self) -> str:
        return f"visit-{self.visit}"


VisitHandler = Callable[[CheckUp, HttpRequest, StaffMember, datetime], CheckUp]
UNDO_KEY = "undo"  # in the session, until the next page shows it


def _book(check_up: CheckUp, request: HttpRequest, by: StaffMember, now: datetime) -> CheckUp:
    at = read_local(request.POST.get("at", ""), check_up.site)
    return actions.book_visit(check_up, at=at, by=by, now=now, seen=_number(request, "seen"))


def _not_needed(check_up: CheckUp, request: HttpRequest, by: StaffMember, now: datetime) -> CheckUp:
    why = request.POST.get("why", "")
    return actions.mark_not_needed(check_up, why=why, by=by, now=now, seen=_number(request, "seen"))


def _undo(check_up: CheckUp, request: HttpRequest, by: StaffMember, now: datetime) -> CheckUp:
    return actions.undo_visit(check_up, by=by, now=now, change=_number(request, "change"))


def _number(request: HttpRequest, name: str) -> int | None:
    """What the page was opened with. Raises ValidationError for what no page sends."""
    sent = request.POST.get(name, "")
    if sent and not (sent.isascii() and sent.isdigit()):
        raise ValidationError("This page cannot be read any more: look again.")
    return int(sent) if sent else None


def _plain(act: Callable[..., CheckUp]) -> VisitHandler:
    return lambda check_up, request, by, now: act(check_up, by=by, now=now, seen=_number(request, "seen"))


ACTIONS: dict[str, tuple[str, VisitHandler]] = {
    "book": ("Booked", _book),
    "confirm": ("Confirmed", _plain(actions.confirm_visit)),
    "attended": ("Arrived", _plain(actions.mark_attended)),
    "missed": ("Missed", _plain(actions.mark_missed)),
    "free": ("Time freed, the visit is due again", _plain(actions.free_visit)),
    "not-needed": ("Not needed", _not_needed),
    "undo": ("Undone", _undo),
}
FREED_FOR_GOOD = "Time freed; the plan of this operation ended, so nobody calls for this visit any more"
UNKNOWN = f"A visit has these actions: {', '.join(ACTIONS)}."


def done_words(was: str, check_up: CheckUp, action: str) -> str:
    """What was done to a visit in the state `was`, and what became of it: freed, that of an ended plan is not due."""
    if action == "book" and was in BOOKED:
        return "Moved"
    freed_for_good = action == "free" and check_up.state != CheckUpState.DUE
    return FREED_FOR_GOOD if freed_for_good else ACTIONS[action][0]


def offer_undo(request: HttpRequest, check_up: CheckUp, action: str) -> None:
    """The next page shows it; an undo itself is not offered to be undone."""
    if action != "undo":
        name = str(check_up.surgery.patient)
        request.session[UNDO_KEY] = {"visit": check_up.pk, "change": check_up.revision, "name": name}


def undo_offer(request: HttpRequest) -> UndoOffer | None:
    """Once: whoever loads the page again finds it on the record."""
    offered = request.session.pop(UNDO_KEY, None)
    return UndoOffer(**offered) if offered else None


def warn_of_the_time(request: HttpRequest, check_up: CheckUp, action: str) -> None:
    """It is booked all the same: staff may have a reason."""
    found = concerns_about(check_up) if action == "book" else []
    if found:
        messages.warning(request, " ".join([*found, "Move the visit if that was not meant."]))
