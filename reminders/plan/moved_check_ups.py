"""A surgeon moves the window of one check-up by hand: what fits, and what must be seen before it is saved."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import ValidationError

from patients.models import CheckUp, Surgery
from patients.models.checkup import CheckUpState
from reminders.plan.load_protocol import spec_of
from reminders.plan.models import CarePlan, PlanChange, ProtocolVersion
from reminders.plan.values import ChangeKind, Nature

MOST_DAYS = 365
MOVABLE = [CheckUpState.DUE, CheckUpState.BOOKED, CheckUpState.CONFIRMED]


def movable(surgery: Surgery) -> list[CheckUp]:
    """Those that still lie ahead or wait, in the order of their windows."""
    return list(CheckUp.objects.filter(surgery=surgery, state__in=MOVABLE).order_by("window_opens", "pk"))


def safe_ones(version: ProtocolVersion) -> set[str]:
    """The codes of check-ups of the nature safety."""
    return {visit.code for visit in spec_of(version).visits if visit.nature == Nature.SAFETY}


def refuse(change: PlanChange, surgery: Surgery, plan: CarePlan, today: date) -> None:
    """Raise ValidationError unless such a check-up is called for and its new window can still be kept."""
    about = [one for one in movable(surgery) if one.code == change.check_up]
    if not about:
        says = "This patient's plan has no such check-up, or it is over, not needed or cancelled."
        raise ValidationError({"check_up": says})
    if change.occurrence is not None:
        about = [one for one in about if one.occurrence == change.occurrence]
    if not about:
        raise ValidationError({"occurrence": "This repeat of the check-up is over, or not laid out. Choose another."})
    refuse_days(change.days, most=MOST_DAYS)
    first, later = about[0], timedelta(days=change.days)
    if first.window_opens + later < surgery.date:
        raise ValidationError({"days": "A check-up cannot begin before the day of surgery. Choose fewer days."})
    if change.days < 0 and first.window_closes + later < today:
        ends = first.window_closes + later
        raise ValidationError({"days": f"Its window would end on {ends:%-d %b %Y}, in the past. Choose fewer days."})


def refuse_days(days: int, *, most: int) -> None:
    """Raise ValidationError for no days at all, and for more than a plan can be moved."""
    if days == 0 or abs(days) > most:
        raise ValidationError({"days": f"Enter a number of days, up to {most}; a minus means earlier."})


def warnings(change: PlanChange, version: ProtocolVersion, check_ups: Iterable[CheckUp]) -> tuple[str, ...]:
    """Sentences for a preview. `check_ups`: of the plan, with their new windows."""
    if change.kind != ChangeKind.CHECK_UP:
        return ()
    about = [one for one in check_ups if one.code == change.check_up and change.occurrence in (None, one.occurrence)]
    found = []
    days = _days(change, about[0]) if about else 0
    if days > 0 and change.days > 0 and change.undone_at is None and change.check_up in safe_ones(version):
        later = "1 day" if days == 1 else f"{days} days"
        found.append(
            f"Safety: {about[0].title} is a safety check-up. The patient would be seen {later} later than the signed "
            f"protocol says, until {about[0].window_closes:%-d %b %Y} at the latest."
        )
    outside = [one for one in about if one.booked_for and not _fits(one)]
    found += [f"{one.title} is booked outside its new window, and keeps its time: rebook it." for one in outside]
    return tuple(found)


def _days(change: PlanChange, check_up: CheckUp) -> int:
    """With what was decided about it before."""
    rows = PlanChange.objects.filter(surgery=change.surgery_id, kind=ChangeKind.CHECK_UP, check_up=check_up.code)
    return sum(one.days for one in rows.in_force() if one.occurrence in (None, check_up.occurrence))


def _fits(check_up: CheckUp) -> bool:
    if check_up.booked_for is None:
        return True
    day = check_up.booked_for.astimezone(check_up.site.zone).date()
    return check_up.window_opens <= day <= check_up.window_closes
