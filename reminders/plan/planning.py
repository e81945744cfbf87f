"""Makes the rows match the plan. May be repeated at will: same facts, same rows; what was started is never touched."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError, IntegrityError, transaction
from django.db.models import QuerySet, prefetch_related_objects

from patients.models import Surgery
from reminders.plan import notice_steps
from reminders.plan.bulk_update import rewrite
from reminders.plan.checkups import Windows, cancel_visits
from reminders.plan.facts import KnownFacts, horizon, left_of
from reminders.plan.load_protocol import edition_of
from reminders.plan.models import CarePlan, Reminder
from reminders.plan.reasons import Reason
from reminders.plan.row_diff import Changes, RowChange, compare, drop
from reminders.plan.schedule import lay_out
from reminders.plan.values import Layout
from reminders.plan.visit_calls import cancelled_calls
from reminders.plan.visit_changes import visit_facts

ROW_FIELDS = [
    "step", "due_at", "useful_until", "status", "reason", "shifts", "moved_from", "handled_at", "handled_by",
    "handled_note",
]  # fmt: skip
STUMBLES = (  # what one plan may raise that no other need suffer from
    ArithmeticError, AttributeError, DataError, IntegrityError, LookupError, ObjectDoesNotExist, TypeError, ValueError,
)  # fmt: skip
Rows = Mapping[int, list[Reminder]]  # by surgery


def sync(surgery: Surgery, *, now: datetime) -> Changes:
    """Lock the surgery, lay the plan out again, and bring check-ups and reminders in line with it."""
    return sync_all([surgery.pk], now=now)[surgery.pk]


@transaction.atomic
def sync_all(surgeries: Collection[int], *, now: datetime) -> dict[int, Changes]:
    """The same for some of them: as many queries for a hundred as for one."""
    locked = lock(surgeries)
    rows = _held_still(surgeries)
    ended = {one.pk: one for one in locked if not one.is_active or one.patient.status != "active"}
    running = [one for one in locked if one.pk not in ended]
    changes = _end(ended.values(), rows, now=now) | _follow(running, rows, now=now)
    Reminder.objects.bulk_create(row for one in changes.values() for row in one.added)
    rewrite([change.row for one in changes.values() for change in one.changed], ROW_FIELDS)
    return changes


def lock(surgeries: Collection[int]) -> list[Surgery]:
    """In key order: two who lock some of the same wait for each other, and neither for ever.

    Their sites are read once the plans are locked: whoever changes a site's hours marks its plans, so either the new
    hours are seen here, or the mark is set afterwards and the horizon lays these plans out again.
    """
    found = Surgery.objects.select_for_update(of=("self",)).filter(pk__in=surgeries).order_by("pk")
    locked = list(found.select_related("patient", "procedure"))
    hold(CarePlan.objects.filter(surgery__in=surgeries))
    prefetch_related_objects(locked, "site", "patient__site")
    return locked


def hold(plans: QuerySet[CarePlan]) -> None:
    list(plans.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk"))


def _held_still(surgeries: Collection[int]) -> Rows:
    """Sending writes these rows too: none may change between being compared and being written."""
    rows = defaultdict(list)
    for row in Reminder.objects.select_for_update(no_key=True).filter(surgery__in=surgeries).order_by("pk"):
        rows[row.surgery_id].append(row)
    return rows


def _follow(surgeries: Collection[Surgery], rows: Rows, *, now: datetime) -> dict[int, Changes]:
    found = CarePlan.objects.select_related("version").filter(surgery__in=surgeries)
    plans = {plan.surgery_id: plan for plan in found}
    free = set(Reminder.objects.filter(surgery__in=surgeries).changeable().values_list("pk", flat=True))
    known, windows = KnownFacts.about(surgeries), Windows()
    _note(surgeries, plans, known, now=now)
    visits = visit_facts(known.check_ups, rows, free, now=now)
    layouts: dict[int, Layout] = {}
    for surgery in surgeries:
        plan, left = plans[surgery.pk], left_of(surgery, rows.get(surgery.pk, ()), free)
        facts = replace(known.facts(surgery, until=plan.laid_out_until), left=left, visits=visits.get(surgery.pk, ()))
        layouts[surgery.pk] = lay_out(edition_of(plan.version).spec, facts)
    notices = _notice_steps(surgeries, layouts)
    changes: dict[int, Changes] = {}
    for surgery in surgeries:
        edition, layout = edition_of(plans[surgery.pk].version), layouts[surgery.pk]
        windows.follow(surgery, known.check_ups.get(surgery.pk, ()), layout.visits, edition.titles)
        if surgery.site_id in notices:
            edition = replace(edition, steps={**edition.steps, **notices[surgery.site_id]})
        changes[surgery.pk] = compare(surgery, edition, layout.reminders, rows.get(surgery.pk, ()), free, now=now)
    windows.write()
    return changes


def _notice_steps(surgeries: Iterable[Surgery], layouts: Mapping[int, Layout]) -> notice_steps.Keys:
    codes: dict[int, set[str]] = defaultdict(set)
    for surgery in surgeries:
        codes[surgery.site_id].update(one.step for one in layouts[surgery.pk].reminders)
    return notice_steps.steps_for(codes)


def _note(surgeries: Iterable[Surgery], plans: Mapping[int, CarePlan], known: KnownFacts, *, now: datetime) -> None:
    """How far they are laid out, and for which channels."""
    for surgery in surgeries:
        plan = plans[surgery.pk]
        plan.laid_out_until = max(plan.laid_out_until, horizon(surgery.site, now))
        plan.channels = " ".join(sorted(known.channels.get(surgery.patient_id, ())))
    rewrite(list(plans.values()), ["laid_out_until", "channels"])


def _end(surgeries: Collection[Surgery], rows: Rows, *, now: datetime) -> dict[int, Changes]:
    """Cancelled, or the patient has died or moved: nothing more is sent, what was stays as it is.

    Of a visit that was announced and now does not take place, reception tells whoever is still in care.
    """
    changes: dict[int, Changes] = {}
    for surgery in surgeries:
        why = Reason.PATIENT_INACTIVE if surgery.is_active else Reason.SURGERY_CANCELLED
        dropped = [drop(row, why) for row in rows.get(surgery.pk, ())]
        changes[surgery.pk] = Changes(changed=[change for change in dropped if isinstance(change, RowChange)])
    if changes:
        cancel_visits(changes.keys())
        for key, calls in cancelled_calls(surgeries, rows, now=now).items():
            changes[key].added += calls
    return changes
