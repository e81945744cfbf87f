"""What may happen to a visit. Each is atomic, writes who did it, and keeps how the visit stood before.

`seen`: the visit's `bookings` as whoever acts has seen it. Where somebody has booked or moved it since, the action is
refused with who that was; None: the caller has looked at the row itself.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from patients import audit, visit_hour, visit_words
from patients.actions import FAR_AHEAD
from patients.models import CheckUp, StaffMember, VisitChange
from patients.models.checkup import CheckUpState
from patients.models.visit_change import VisitChangeKind
from patients.shared_contacts import lock_connected

COMING = [CheckUpState.BOOKED, CheckUpState.CONFIRMED]
OPEN = [CheckUpState.DUE, *COMING, CheckUpState.MISSED]
WHY_LENGTH = 200
VERBS = {  # of the audit; a booking that replaces another one is a booking too
    VisitChangeKind.BOOKED: "visit booked",
    VisitChangeKind.MOVED: "visit booked",
    VisitChangeKind.CONFIRMED: "visit confirmed",
    VisitChangeKind.ATTENDED: "visit attended",
    VisitChangeKind.MISSED: "visit missed",
    VisitChangeKind.FREED: "visit time freed",
    VisitChangeKind.NOT_NEEDED: "visit not needed",
    VisitChangeKind.UNDONE: "visit change undone",
}


@transaction.atomic
def book(check_up: CheckUp, *, at: datetime, by: StaffMember | None, now: datetime, seen: int | None = None) -> CheckUp:
    """Book or move a visit; each booking has its own number, so that its reminders are its own."""
    check_up = locked(check_up)
    refuse_time(at, now)
    if check_up.surgery.cancelled_at:
        raise ValidationError("This operation was cancelled: no visit can be booked for it.")
    if check_up.surgery.ended_at and check_up.state not in COMING:
        raise ValidationError(
            "The plan of this operation ended: book a visit of the later operation. What is booked can still be moved."
        )
    if at.astimezone(check_up.surgery.site.zone).date() < check_up.surgery.date:
        raise ValidationError({"booked_for": "This time is before the operation. Check the date."})
    if check_up.state == CheckUpState.ATTENDED:
        raise ValidationError(f"This visit is {check_up.get_state_display().lower()} and cannot be booked any more.")
    if check_up.booked_for == at and check_up.state in COMING:
        return check_up  # the same click twice
    refuse_unseen(check_up, seen, now)
    kind = VisitChangeKind.MOVED if check_up.state in COMING else VisitChangeKind.BOOKED
    facts = {"state": CheckUpState.BOOKED, "booked_for": at, "bookings": _next_booking(check_up), "not_needed_why": ""}
    return changed(check_up, kind, facts, by=by, now=now)


@transaction.atomic
def confirm(check_up: CheckUp, *, by: StaffMember | None, now: datetime, seen: int | None = None) -> CheckUp:
    """`by` is None when the patient answered."""
    return _advance(check_up, CheckUpState.CONFIRMED, since=[CheckUpState.BOOKED], by=by, now=now, seen=seen)


@transaction.atomic
def mark_attended(check_up: CheckUp, *, by: StaffMember, now: datetime, seen: int | None = None) -> CheckUp:
    """The patient came. Raises ValidationError if the visit was cancelled or settled already."""
    return _advance(check_up, CheckUpState.ATTENDED, since=OPEN, by=by, now=now, seen=seen)


@transaction.atomic
def mark_missed(check_up: CheckUp, *, by: StaffMember, now: datetime, seen: int | None = None) -> CheckUp:
    """The patient did not come. Raises ValidationError before the booked time has passed."""
    check_up = locked(check_up)
    if check_up.state in COMING and check_up.booked_for and check_up.booked_for > now:
        raise ValidationError("This visit is still to come. It can be marked missed once its time has passed.")
    return _advance(check_up, CheckUpState.MISSED, since=COMING, by=by, now=now, seen=seen)


@transaction.atomic
def free(check_up: CheckUp, *, by: StaffMember, now: datetime, seen: int | None = None) -> CheckUp:
    """The booking goes; the visit is due again, and is called for as any other. Idempotent.

    Where the plan has ended nobody calls for it: it is cancelled.
    """
    check_up = locked(check_up)
    state = CheckUpState.CANCELLED if check_up.surgery.ended_at else CheckUpState.DUE
    if check_up.state == state:
        return check_up
    if check_up.state not in COMING:
        raise ValidationError(f"This visit is {check_up.get_state_display().lower()}: it has no time to be freed.")
    refuse_unseen(check_up, seen, now)
    return changed(check_up, VisitChangeKind.FREED, {"state": state, "booked_for": None}, by=by, now=now)


@transaction.atomic
def mark_not_needed(check_up: CheckUp, *, why: str, by: StaffMember, now: datetime, seen: int | None = None) -> CheckUp:
    """Nobody calls for this visit any more; `why` is required and kept. Idempotent: the first reason stays."""
    why = why.strip()
    if not why:
        raise ValidationError({"why": "Say in a few words why the visit is not needed."})
    if len(why) > WHY_LENGTH:
        raise ValidationError({"why": f"The reason is too long: at most {WHY_LENGTH} characters."})
    more = {"not_needed_why": why}
    return _advance(check_up, CheckUpState.NOT_NEEDED, since=OPEN, by=by, now=now, seen=seen, **more)


def refuse_time(at: datetime, now: datetime) -> None:
    """Raise ValidationError for a time that nobody can come at, or that can only be mistyped."""
    if at <= now:
        raise ValidationError({"booked_for": "This time has passed. Choose a time in the future."})
    if at > now + FAR_AHEAD:
        raise ValidationError({"booked_for": "This time is more than two years ahead. Check the year."})


def refuse_unseen(check_up: CheckUp, seen: int | None, now: datetime) -> None:
    """Raise ValidationError where this visit was booked or moved after whoever acts had looked at it."""
    if seen is not None and seen != check_up.bookings:
        last = check_up.changes.latest_first().first()
        raise ValidationError(
            f"{visit_words.said(last, check_up, now)}: look again." if last else "This visit has changed: look again."
        )


def _advance(
    check_up: CheckUp,
    state: CheckUpState,
    *,
    since: list[CheckUpState],
    by: StaffMember | None,
    now: datetime,
    seen: int | None,
    **more: object,
) -> CheckUp:
    check_up = locked(check_up)
    if check_up.state == state:
        return check_up
    if check_up.state not in since:
        raise ValidationError(
            f"This visit is {check_up.get_state_display().lower()}: it cannot become {state.label.lower()}."
        )
    refuse_unseen(check_up, seen, now)
    return changed(check_up, VisitChangeKind(state.value), {"state": state} | more, by=by, now=now)


def locked(check_up: CheckUp) -> CheckUp:
    """The surgery and what is planned with it, then its visit: planning's order, so that neither waits for ever."""
    lock_connected([check_up.surgery_id])
    return CheckUp.objects.select_for_update(of=("self",)).with_patient().get(pk=check_up.pk)


def changed(
    check_up: CheckUp, kind: VisitChangeKind, facts: dict[str, object], *, by: StaffMember | None, now: datetime
) -> CheckUp:
    """Keep how a locked visit stood, write how it stands now, and who did it."""
    before = VisitChange(
        check_up=check_up,
        kind=kind,
        by=by,
        at=now,
        number=check_up.revision + 1,
        was_state=check_up.state,
        was_booked_for=check_up.booked_for,
        was_offset=check_up.booked_offset,
        was_bookings=check_up.bookings,
        was_why=check_up.not_needed_why,
    )
    for name, value in ({"revision": before.number} | facts).items():
        setattr(check_up, name, value)
    if check_up.booked_for and "booked_for" in facts:
        visit_hour.note(check_up, agreed=facts.get("booked_offset"))
    check_up.save()
    before.bookings = check_up.bookings
    before.save()
    told: dict[str, Any] = {"visit": check_up.title}
    if kind == VisitChangeKind.NOT_NEEDED:
        told["why"] = check_up.not_needed_why
    audit.record(VERBS[kind], of=check_up.surgery, by=by, now=now, **told)
    return check_up


def _next_booking(check_up: CheckUp) -> int:
    """Never a number that was used before: not even where that booking was undone."""
    used = check_up.changes.aggregate(highest=Max("bookings"))["highest"] or 0
    return max(check_up.bookings, used) + 1
