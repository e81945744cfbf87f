"""Makes the rows match the plan. Idempotent: same facts, same rows; what was started is never touched."""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError, IntegrityError, transaction
from django.db.models import QuerySet, prefetch_related_objects

from patients import time_zones
from patients.models import Surgery
from patients.models.surgery import CANCELLED, ENDED
from patients.shared_contacts import connected
from reminders.plan import notice_steps
from reminders.plan.bulk_update import rewrite
from reminders.plan.checkups import BOOKED, Windows, cancel_visits
from reminders.plan.facts import KnownFacts, horizon, left_of
from reminders.plan.load_protocol import edition_of
from reminders.plan.models import CarePlan, Reminder
from reminders.plan.reasons import Reason
from reminders.plan.row_diff import Changes, RowChange, compare, drop
from reminders.plan.said_once import PlanDraft
from reminders.plan.schedule import drafted, ended, lay_out_together
from reminders.plan.values import Layout, VisitFact
from reminders.plan.visit_calls import cancelled_calls
from reminders.plan.visit_changes import visit_facts
from reminders.plan.visit_notices import is_notice

ROW_FIELDS = [
    "step", "due_at", "useful_until", "status", "reason", "shifts", "moved_from", "handled_at", "handled_by",
    "handled_note",
]  # fmt: skip
STUMBLES = (  # what one plan may raise that no other need suffer from
    ArithmeticError, AttributeError, DataError, IntegrityError, LookupError, ObjectDoesNotExist, TypeError, ValueError,
)  # fmt: skip
WHY_ENDED = {CANCELLED: Reason.SURGERY_CANCELLED, ENDED: Reason.PLAN_ENDED}
Rows = Mapping[int, list[Reminder]]  # by surgery


def sync(surgery: Surgery, *, now: datetime) -> Changes:
    """Lock the surgery, lay the plan out again, and bring check-ups and reminders in line with it."""
    return sync_all([surgery.pk], now=now)[surgery.pk]


@transaction.atomic
def sync_all(surgeries: Collection[int], *, now: datetime) -> dict[int, Changes]:
    """The same for some of them, and for every plan whose messages count together with theirs.

    As many queries for a hundred as for one.
    """
    locked = _locked(surgeries)
    rows = _held_still([one.pk for one in locked])
    over = [one for one in locked if not _runs(one)]
    ended_ones = _end([one for one in over if one.pk in surgeries], rows, now=now)
    changes = _follow(locked, rows, now=now)
    for key, end in ended_ones.items():
        also = changes.get(key, Changes())
        changes[key] = Changes(end.added + also.added, end.changed + also.changed)
    Reminder.objects.bulk_create(row for one in changes.values() for row in one.added)
    rewrite([change.row for one in changes.values() for change in one.changed], ROW_FIELDS)
    return changes


def lock(surgeries: Collection[int]) -> list[Surgery]:
    """Lock these and all that is laid out with them; these are returned, in key order."""
    return [one for one in _locked(surgeries) if one.pk in surgeries]


def _locked(surgeries: Collection[int]) -> list[Surgery]:
    """Their sites are read once the plans are locked: whoever changes a site's hours marks its plans, so either the new
    hours are seen here, or the mark is set afterwards and the horizon lays these plans out again.
    """
    keys = connected(surgeries)
    found = Surgery.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    locked = list(found.select_related("patient", "procedure", "followed_by"))
    hold(CarePlan.objects.filter(surgery__in=keys))
    prefetch_related_objects(locked, "site", "patient__site")
    return locked


def _runs(surgery: Surgery) -> bool:
    return surgery.is_active and surgery.patient.status == "active"


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
    """Those that run, laid out together; of those that are over what they sent counts."""
    plans = {plan.surgery_id: plan for plan in CarePlan.objects.select_related("version").filter(surgery__in=surgeries)}
    free = set(Reminder.objects.filter(surgery__in=surgeries).changeable().values_list("pk", flat=True))
    known, windows = KnownFacts.about(surgeries), Windows()
    running = [one for one in surgeries if _runs(one)]
    _note(running, plans, known, now=now)
    visits = visit_facts(known.check_ups, rows, free, now=now)
    in_order = sorted(surgeries, key=lambda one: (one.enrolled_at, one.pk))
    drafts = [_draft(one, plans[one.pk], known, rows.get(one.pk, ()), free, visits) for one in in_order]
    layouts = dict(zip([one.pk for one in in_order], lay_out_together(drafts), strict=True))
    notices = _notice_steps(surgeries, layouts)
    changes: dict[int, Changes] = {}
    for surgery in [*running, *filter(_still_has_visits, surgeries)]:
        layout, edition = layouts[surgery.pk], edition_of(plans[surgery.pk].version)
        if surgery.site_id in notices:
            edition = replace(edition, steps={**edition.steps, **notices[surgery.site_id]})
        own = rows.get(surgery.pk, ())
        if _runs(surgery):
            windows.follow(surgery, known.check_ups.get(surgery.pk, ()), layout.visits, edition.titles)
        else:
            own = [row for row in own if is_notice(row.step_code)]
        changes[surgery.pk] = compare(surgery, edition, layout.reminders, own, free, now=now)
    windows.write()
    return changes


def _still_has_visits(surgery: Surgery) -> bool:
    """Followed by another operation: what was booked for it takes place, and a change of its time is told."""
    return surgery.state == ENDED and surgery.patient.status == "active"


def _draft(
    surgery: Surgery,
    plan: CarePlan,
    known: KnownFacts,
    rows: Iterable[Reminder],
    free: Container[int],
    visits: Mapping[int, tuple[VisitFact, ...]],
) -> PlanDraft:
    left = left_of(surgery, rows, free)
    facts = replace(known.facts(surgery, until=plan.laid_out_until), left=left, visits=visits.get(surgery.pk, ()))
    return (drafted if _runs(surgery) else ended)(edition_of(plan.version).spec, facts)


def _notice_steps(surgeries: Iterable[Surgery], layouts: Mapping[int, Layout]) -> notice_steps.Keys:
    codes: dict[int, set[str]] = defaultdict(set)
    for surgery in surgeries:
        codes[surgery.site_id].update(one.step for one in layouts[surgery.pk].reminders)
    return notice_steps.steps_for(codes)


def _note(surgeries: Iterable[Surgery], plans: Mapping[int, CarePlan], known: KnownFacts, *, now: datetime) -> None:
    """How far they are laid out, for which channels, and by which time zones."""
    for surgery in surgeries:
        plan = plans[surgery.pk]
        plan.laid_out_until = max(plan.laid_out_until, horizon(surgery.site, now))
        plan.channels = " ".join(sorted(known.channels(surgery)))
        plan.zone_data = time_zones.release()
    rewrite([plans[surgery.pk] for surgery in surgeries], ["laid_out_until", "channels", "zone_data"])


def _end(surgeries: Collection[Surgery], rows: Rows, *, now: datetime) -> dict[int, Changes]:
    """Cancelled, followed by another, or the patient has died or moved: nothing more is sent, what was stays as it is.

    What is booked for an operation that is followed by another takes place unless staff decide otherwise. Of a visit
    that was announced and now does not take place, reception tells whoever is still in care.
    """
    changes: dict[int, Changes] = {}
    for surgery in surgeries:
        why = WHY_ENDED.get(surgery.state, Reason.PATIENT_INACTIVE)
        own = [row for row in rows.get(surgery.pk, ()) if not (_still_has_visits(surgery) and is_notice(row.step_code))]
        dropped = [drop(row, why) for row in own]
        changes[surgery.pk] = Changes(changed=[change for change in dropped if isinstance(change, RowChange)])
    if changes:
        booked_stay = [one.pk for one in surgeries if _still_has_visits(one)]
        cancel_visits(changes.keys() - booked_stay)
        cancel_visits(booked_stay, keep=BOOKED)
        cancelled = [one for one in surgeries if one.state == CANCELLED]
        for key, calls in cancelled_calls(cancelled, rows, now=now).items():
            changes[key].added += calls
    return changes
