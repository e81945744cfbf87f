"""Makes the rows match the plan. May be repeated at will: same facts, same rows; what was started is never touched."""

from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from patients.models import Surgery
from reminders.plan.compare import Change, Changes, compare, drop
from reminders.plan.facts import channels_of, facts_of, horizon, left_of
from reminders.plan.models import CarePlan, Reminder
from reminders.plan.reasons import Reason
from reminders.plan.rewriting import rewrite
from reminders.plan.schedule import lay_out
from reminders.plan.spec import spec_of
from reminders.plan.visits import cancel_visits, sync_visits

ROW_FIELDS = [
    "step", "due_at", "useful_until", "status", "reason", "shifts", "moved_from", "handled_at", "handled_by",
    "handled_note",
]  # fmt: skip


@transaction.atomic
def sync(surgery: Surgery, *, now: datetime) -> Changes:
    """Lock the surgery, lay the plan out again, and bring check-ups and reminders in line with it."""
    surgery = Surgery.objects.select_for_update(of=("self",)).select_related("site", "patient").get(pk=surgery.pk)
    _hold_still(surgery)
    plan = CarePlan.objects.select_related("version").get(surgery=surgery)
    if not surgery.is_active or surgery.patient.status != "active":
        return _end(surgery)
    plan.laid_out_until = max(plan.laid_out_until, horizon(surgery.site, now))
    plan.channels = " ".join(sorted(channels_of(surgery.patient)))
    plan.save(update_fields=["laid_out_until", "channels"])
    sync_visits(surgery, plan.version, spec_of(plan.version), until=plan.laid_out_until)
    return _write(_compare(surgery, plan, until=plan.laid_out_until, now=now))


def _hold_still(surgery: Surgery) -> None:
    """Sending writes these rows too: none may change between being compared and being written."""
    list(Reminder.objects.select_for_update(no_key=True).filter(surgery=surgery).order_by("pk").values_list("pk"))


def preview(surgery: Surgery, *, now: datetime) -> Changes:
    """What `sync` would do with the facts this surgery object carries, saved or not. Writes nothing."""
    plan = CarePlan.objects.select_related("version").get(surgery_id=surgery.pk)
    until = max(plan.laid_out_until, horizon(surgery.site, now))
    return _compare(surgery, plan, until=until, now=now)


def _compare(surgery: Surgery, plan: CarePlan, *, until: date, now: datetime) -> Changes:
    rows = Reminder.objects.filter(surgery_id=surgery.pk)
    free = set(rows.changeable().values_list("pk", flat=True))
    facts = replace(facts_of(surgery, until=until), left=left_of(surgery, rows, free))
    layout = lay_out(spec_of(plan.version), facts)
    return compare(surgery, plan.version, layout.reminders, rows, free, now=now)


def _end(surgery: Surgery) -> Changes:
    """Cancelled, or the patient has died or moved: nothing more is sent, what was stays as it is."""
    why = Reason.PATIENT_INACTIVE if surgery.is_active else Reason.SURGERY_CANCELLED
    cancel_visits(surgery)
    dropped = [drop(row, why) for row in Reminder.objects.filter(surgery=surgery)]
    return _write(Changes(changed=[change for change in dropped if isinstance(change, Change)]))


def _write(changes: Changes) -> Changes:
    Reminder.objects.bulk_create(changes.added)
    rewrite([change.row for change in changes.changed], ROW_FIELDS)
    return changes
