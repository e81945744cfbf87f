"""Which decisions fit one plan, and which can be taken back. Each refusal says what would be right."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError

from patients import actions as care
from patients.models import Surgery
from reminders.plan import moved_check_ups
from reminders.plan.facts import course_of
from reminders.plan.models import CarePlan, PlanChange, ProtocolVersion
from reminders.plan.models.protocol import VersionState
from reminders.plan.values import ChangeKind
from reminders.plan.visit_notices import MARK

MOST_DAYS = 365  # no phase and no message is put off by more than a year
ORDERS = ("ordered", "ordered_early")


def refuse(change: PlanChange, surgery: Surgery, plan: CarePlan, *, today: date) -> None:
    """Raises ValidationError, a sentence per field, unless this decision fits the plan as it stands."""
    if not change.why:
        raise ValidationError({"why": "Give the reason in a few words, for whoever reads the plan later."})
    CHECKS[ChangeKind(change.kind)](change, surgery, plan, today)


def refuse_undo(change: PlanChange, surgery: Surgery, plan: CarePlan) -> None:
    """What stands in a column can be taken back only while nobody has set it again since."""
    now_there = {
        ChangeKind.DATE: (f"{surgery.date}", change.to, "The day of surgery"),
        ChangeKind.ORDER_PT: (surgery.physical_therapy, change.to, "Physical therapy"),
        ChangeKind.VERSION: (plan.version_id, change.version_id, "The protocol version"),
    }
    if found := now_there.get(ChangeKind(change.kind)):
        is_now, became, what = found
        if is_now != became:
            raise ValidationError(f"{what} was changed again since. Undo the later decision first.")


def details(change: PlanChange) -> dict[str, object]:
    """What the record tells of a decision, beside who and when."""
    facts: dict[ChangeKind, dict[str, object]] = {
        ChangeKind.HOLD: {"from": f"{change.starts}", "until": f"{change.ends or ''}"},
        ChangeKind.SHIFT: {"phase": change.phase, "days": f"{change.days:+d}"},
        ChangeKind.PACE: {"percent": change.percent},
        ChangeKind.SKIP: {"message": change.step or f"{change.to} {change.check_up}"},
        ChangeKind.DELAY: {"message": change.step, "days": f"{change.days:+d}"},
        ChangeKind.REPLACE: {"message": change.step, "instead": change.to},
        ChangeKind.ADD: {
            "message": change.step,
            "from": f"{change.starts}",
            "every": change.days,
            "until": f"{change.ends or ''}",
        },
        ChangeKind.ORDER_PT: {"from": change.phase or f"{change.starts}", "therapy": change.to},
        ChangeKind.DATE: {"was": change.was, "to": change.to},
        ChangeKind.VERSION: {"was": f"{change.was_version}", "to": f"{change.version}"},
        ChangeKind.CHECK_UP: {"check-up": change.check_up, "days": f"{change.days:+d}"},
    }
    return facts[ChangeKind(change.kind)] | {"reason": change.why}


def _hold(change: PlanChange, surgery: Surgery, plan: CarePlan, today: date) -> None:
    if change.starts < surgery.date:
        raise ValidationError({"starts": "A hold cannot begin before the day of surgery."})
    if change.starts > today + timedelta(days=MOST_DAYS):
        raise ValidationError({"starts": "A hold must begin within a year. Check the year."})
    if change.ends is not None and change.ends < change.starts:
        raise ValidationError(
            {"ends": f"The hold began on {change.starts:%-d %b %Y}. Release it on that day or later."}
        )
    if change.ends is not None and change.ends > today + timedelta(days=MOST_DAYS):
        raise ValidationError({"ends": "A hold must end within a year. Check the year."})
    for other in PlanChange.objects.filter(surgery=surgery, kind=ChangeKind.HOLD).in_force().exclude(pk=change.pk):
        if other.ends is None:
            raise ValidationError("This plan is already held. Release it before you hold it again.")
        if other.starts < (change.ends or date.max) and change.starts < other.ends:
            held = f"It was held from {other.starts:%-d %b} until {other.ends:%-d %b %Y}"
            raise ValidationError({"starts": f"{held}: holds cannot overlap."})


def _shift(change: PlanChange, surgery: Surgery, plan: CarePlan, today: date) -> None:
    """A phase that has begun cannot be moved; none can be put before tomorrow or before the one it follows."""
    course = course_of(surgery, plan.version)
    begins = course.begins(change.phase)
    if begins is None:
        raise ValidationError({"phase": "There is no such phase in this patient's protocol."})
    _in_days(change)
    if begins <= today:
        raise ValidationError({"phase": f"This phase began on {begins:%-d %b %Y} and cannot be moved any more."})
    to = begins + timedelta(days=change.days)
    earlier = [day for leg in course.legs if (day := course.begins(leg.span.code)) and day < begins]
    first = max([today, surgery.date, *earlier]) + timedelta(days=1)
    if to < first:
        raise ValidationError({"days": f"It cannot begin before {first:%-d %b %Y}: it follows another phase."})


def _pace(change: PlanChange, surgery: Surgery, plan: CarePlan, today: date) -> None:
    if not 50 <= change.percent <= 300:
        raise ValidationError({"percent": "A pace is between 50 and 300 percent; 100 is the protocol's own."})
    course = course_of(surgery, plan.version)
    coming = [leg for leg in course.legs if not leg.is_endless and (course.begins(leg.span.code) or today) > today]
    if not coming:
        raise ValidationError("All phases that can change have started. A new pace would change nothing.")
    change.starts = today


def _step(change: PlanChange, surgery: Surgery, plan: CarePlan, today: date) -> None:
    if not plan.version.steps.filter(code=change.step).exists():
        raise ValidationError({"step": "There is no such step in this patient's protocol."})


def _skip(change: PlanChange, surgery: Surgery, plan: CarePlan, today: date) -> None:
    """A step of the protocol, or one notice about a visit's time that has not left."""
    if not change.check_up:
        return _step(change, surgery, plan, today)
    code = f"{change.to}{MARK}{change.check_up}"
    if not surgery.reminders.planned().filter(step_code=code, occurrence=change.occurrence or 0).exists():
        raise ValidationError({"check_up": "This notice about a visit has left already, or is not planned any more."})


def _delay(change: PlanChange, surgery: Surgery, plan: CarePlan, today: date) -> None:
    _step(change, surgery, plan, today)
    _in_days(change)


def _replace(change: PlanChange, surgery: Surgery, plan: CarePlan, today: date) -> None:
    _step(change, surgery, plan, today)
    if change.to == change.step or not plan.version.steps.filter(code=change.to).exists():
        raise ValidationError({"to": "Choose another step of this patient's protocol, whose text is sent instead."})


def _add(change: PlanChange, surgery: Surgery, plan: CarePlan, today: date) -> None:
    _step(change, surgery, plan, today)
    if not plan.version.steps.addable().filter(code=change.step).exists():
        raise ValidationError({"step": "Messages about a visit move with that visit. Choose another message."})
    last = today + timedelta(days=MOST_DAYS)
    if not max(today, surgery.date) <= change.starts <= last:
        raise ValidationError({"starts": "A message can be added from today on, after the operation, within a year."})
    if change.ends is None and change.days == 0:
        return
    if not 1 <= change.days <= MOST_DAYS:
        raise ValidationError({"days": "Enter the days between repeats, such as 3, or leave the last day empty."})
    if change.ends is None or not change.starts < change.ends <= last:
        raise ValidationError({"ends": "Enter the last day of the repeats: after the first one, within a year."})


def _order_pt(change: PlanChange, surgery: Surgery, plan: CarePlan, today: date) -> None:
    if change.to not in ORDERS:
        raise ValidationError({"to": "Physical therapy is ordered, or ordered early."})
    if change.phase and course_of(surgery, plan.version).begins(change.phase) is None:
        raise ValidationError({"phase": "There is no such phase in this patient's protocol."})
    if not change.phase and not max(today, surgery.date) <= change.starts <= today + timedelta(days=MOST_DAYS):
        raise ValidationError(
            {"starts": "Physical therapy must begin today or later, after the operation, within a year."}
        )


def _date(change: PlanChange, surgery: Surgery, plan: CarePlan, today: date) -> None:
    try:
        day = date.fromisoformat(change.to)
    except ValueError:
        raise ValidationError({"date": "Give the new day of surgery as a date such as 2026-03-02."}) from None
    care.refuse_day(surgery.patient, day, today)


def _version(change: PlanChange, surgery: Surgery, plan: CarePlan, today: date) -> None:
    version: ProtocolVersion | None = change.version
    if version is None or version.protocol.site_id != surgery.site_id:
        raise ValidationError({"version": "Choose a version of a protocol of this site."})
    if version.state != VersionState.SIGNED:
        raise ValidationError({"version": f"{version} is {version.state}. Only a signed version can be used."})
    if version.pk == plan.version_id:
        raise ValidationError({"version": "This patient is already on that version."})


def _in_days(change: PlanChange) -> None:
    moved_check_ups.refuse_days(change.days, most=MOST_DAYS)


CHECKS = {
    ChangeKind.HOLD: _hold,
    ChangeKind.SHIFT: _shift,
    ChangeKind.PACE: _pace,
    ChangeKind.SKIP: _skip,
    ChangeKind.DELAY: _delay,
    ChangeKind.REPLACE: _replace,
    ChangeKind.ADD: _add,
    ChangeKind.ORDER_PT: _order_pt,
    ChangeKind.DATE: _date,
    ChangeKind.VERSION: _version,
    ChangeKind.CHECK_UP: moved_check_ups.refuse,
}
