"""Makes the rows match the plan. Idempotent: same facts, same rows; what was started is never touched."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError, IntegrityError, transaction
from django.db.models import QuerySet, prefetch_related_objects

from patients.models import Surgery
from reminders.plan.bulk_update import rewrite
from reminders.plan.checkups import Windows, cancel_visits
from reminders.plan.facts import KnownFacts, horizon, left_of
from reminders.plan.load_protocol import edition_of
from reminders.plan.models import CarePlan, Reminder
from reminders.plan.reasons import Reason
from reminders.plan.row_diff import Changes, RowChange, compare, drop
from reminders.plan.schedule import lay_out

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
    changes = _end(ended.values(), rows) | _follow([one for one in locked if one.pk not in ended], rows, now=now)
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
    """Lock these plans until the transaction ends, in key order."""
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
    changes: dict[int, Changes] = {}
    for surgery in surgeries:
        plan = plans[surgery.pk]
        edition, own = edition_of(plan.version), rows.get(surgery.pk, ())
        facts = replace(known.facts(surgery, until=plan.laid_out_until), left=left_of(surgery, own, free))
        layout = lay_out(edition.spec, facts)
        windows.follow(surgery, known.check_ups.get(surgery.pk, ()), layout.visits, edition.titles)
        changes[surgery.pk] = compare(surgery, edition, layout.reminders, own, free, now=now)
    windows.write()
    return changes


def _note(surgeries: Iterable[Surgery], plans: Mapping[int, CarePlan], known: KnownFacts, *, now: datetime) -> None:
    """How far they are laid out, and for which channels."""
    for surgery in surgeries:
        plan = plans[surgery.pk]
        plan.laid_out_until = max(plan.laid_out_until, horizon(surgery.site, now))
        plan.channels = " ".join(sorted(known.channels.get(surgery.patient_id, ())))
    rewrite(list(plans.values()), ["laid_out_until", "channels"])


def _end(surgeries: Iterable[Surgery], rows: Rows) -> dict[int, Changes]:
    """Cancelled, or the patient has died or moved: nothing more is sent, what was stays as it is."""
    changes: dict[int, Changes] = {}
    for surgery in surgeries:
        why = Reason.PATIENT_INACTIVE if surgery.is_active else Reason.SURGERY_CANCELLED
        dropped = [drop(row, why) for row in rows.get(surgery.pk, ())]
        changes[surgery.pk] = Changes(changed=[change for change in dropped if isinstance(change, RowChange)])
    if changes:
        cancel_visits(changes.keys())
    return changes
