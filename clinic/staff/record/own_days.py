"""Why a message does not lie where the protocol put it, and by how many days."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from patients.models import Surgery
from reminders.plan.change_words import in_days
from reminders.plan.facts import facts_of
from reminders.plan.load_protocol import spec_of
from reminders.plan.models import Reminder
from reminders.plan.schedule import lay_out
from reminders.plan.shifts import Shift, why_moved

BY_DAYS = {Shift.HOLD, Shift.PACE, Shift.PHASE, Shift.DELAY, Shift.PT, Shift.BUDGET, Shift.CHECK_UP}
OwnDays = Mapping[tuple[str, int], date]


def own_days(surgery: Surgery, reminders: Iterable[Reminder]) -> OwnDays:
    """The day each message would lie on had nothing been decided or limited; empty where nothing moved one."""
    if not any(BY_DAYS & {*reminder.shifts} for reminder in reminders):
        return {}
    plan = surgery.care_plan
    facts = replace(facts_of(surgery, until=plan.laid_out_until), decisions=(), budget=None)
    bare = lay_out(spec_of(plan.version), facts)
    zone = surgery.patient.zone
    return {(one.step, one.occurrence): one.due_at.astimezone(zone).date() for one in bare.reminders}


def moved(reminder: Reminder, own: OwnDays, zone: ZoneInfo) -> str:
    """`3 days later: the plan was held.`"""
    said, day = why_moved(reminder.shifts, reminder.moved_from), own.get((reminder.step_code, reminder.occurrence))
    days = (reminder.due_at.astimezone(zone).date() - day).days if day else 0
    return said.replace("Moved:", f"{in_days(days)}:", 1) if days else said
