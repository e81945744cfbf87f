"""What a surgeon decides about one plan: each decision has a reason and an author, can be looked at first, and undone.

A decision is a row that says what was decided; the plan is laid out again from the protocol, the facts and all rows in
force. To look first is to do it and take it back: what is shown is what saving then does.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from patients import audit
from patients.models import StaffMember, Surgery
from patients.models.surgery import PhysicalTherapy
from reminders import operation_order
from reminders.plan import decisions, planning
from reminders.plan.bulk_update import rewrite
from reminders.plan.models import CarePlan, PlanChange, ProtocolVersion, VersionMove
from reminders.plan.row_diff import Changes
from reminders.plan.values import ChangeKind
from reminders.plan.visit_notices import MARK, is_notice

Answer = TypeVar("Answer")


VERBS = {
    ChangeKind.HOLD: "plan held",
    ChangeKind.SHIFT: "phase moved",
    ChangeKind.PACE: "pace set",
    ChangeKind.SKIP: "message skipped",
    ChangeKind.DELAY: "message postponed",
    ChangeKind.REPLACE: "message replaced",
    ChangeKind.ADD: "message added",
    ChangeKind.ORDER_PT: "physical therapy ordered",
    ChangeKind.DATE: "day of surgery moved",
    ChangeKind.VERSION: "protocol version changed",
    ChangeKind.CHECK_UP: "check-up moved",
}
OF_SURGERY = {ChangeKind.DATE, ChangeKind.ORDER_PT}
ROWS = {"site", "surgery", "version", "was_version", "move", "by"}  # of a decision: read or locked just before


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be decided; which fields count for which kind: `reminders.plan.values.Decision`.

    `starts`: the site's day; empty: today. `to`: of a replacement the other step, of an order PT `ordered` or
    `ordered_early`, of a date the new day of surgery.
    """

    kind: ChangeKind
    starts: date | None = None
    ends: date | None = None
    phase: str = ""
    step: str = ""
    occurrence: int | None = None
    days: int = 0
    percent: int = 100
    to: str = ""
    version: ProtocolVersion | None = None
    check_up: str = ""

    @classmethod
    def skipping(cls, step: str, occurrence: int | None) -> "Wish":
        """Leaves out a step of the protocol; or a notice about a visit's time, which is none of its steps."""
        if is_notice(step):
            kind, _, check_up = step.partition(MARK)
            return cls(ChangeKind.SKIP, check_up=check_up, to=kind, occurrence=occurrence)
        return cls(ChangeKind.SKIP, step=step, occurrence=occurrence)


@dataclass(frozen=True, slots=True)
class Decided:
    change: PlanChange
    changes: Changes


class PlanMovedOn(ValidationError):
    """Somebody else changed the plan in the meantime: nothing was done; the message says what they did."""


def rehearse(act: Callable[[], Answer]) -> Answer:
    """What the act would do, with nothing of it kept. Takes the same locks, for as long as it takes."""
    with transaction.atomic():
        answer = act()
        transaction.set_rollback(True)
    return answer


def decide(
    surgery: Surgery, wish: Wish, *, why: str, by: StaffMember, now: datetime, revision: int | None = None
) -> Decided:
    """Raises ValidationError with a sentence for what does not fit, PlanMovedOn where `revision` is an older one."""
    told = decide_all([surgery.pk], wish, why=why, by=by, now=now, revision=revision)[surgery.pk]
    if isinstance(told, ValidationError):
        raise told
    return told


@transaction.atomic
def decide_all(
    surgeries: Collection[int],
    wish: Wish,
    *,
    why: str,
    by: StaffMember,
    now: datetime,
    revision: int | None = None,
    move: VersionMove | None = None,
) -> dict[int, Decided | ValidationError]:
    """The same for some of them, in as many queries for a hundred as for one. Where it does not fit, nothing is done.

    Anything but a refusal is raised, and takes all of it back.
    """
    refused: dict[int, Decided | ValidationError] = {}
    made: list[tuple[PlanChange, CarePlan]] = []
    for surgery, plan in _own(surgeries, by):
        try:
            _may_change(surgery, plan, revision)
            change = _change(surgery, wish, why=why, by=by, now=now, move=move)
            decisions.refuse(change, surgery, plan, today=surgery.site.today(now))
            _set_columns(change, surgery, plan)
            # What a constraint would ask the database was asked by `refuse`; the database itself asks again.
            change.full_clean(exclude=ROWS, validate_constraints=False)
        except ValidationError as error:
            refused[surgery.pk] = error
        else:
            made.append((change, plan))
    PlanChange.objects.bulk_create(change for change, _ in made)
    changes = _laid_out(made, VERBS[wish.kind], by=by, now=now)
    return refused | {change.surgery_id: Decided(change, changes[change.surgery_id]) for change, _ in made}


@transaction.atomic
def release(
    surgery: Surgery, *, on: date | None = None, by: StaffMember, now: datetime, revision: int | None = None
) -> Decided:
    """Release a held plan from a day, today by default: what was held comes later by as long as the hold lasted."""
    surgery, plan = _own_one(surgery, by, revision)
    hold = PlanChange.objects.filter(surgery=surgery, kind=ChangeKind.HOLD, ends=None).in_force().first()
    if hold is None:
        raise ValidationError("This plan is not held, so there is nothing to release.")
    hold.ends, hold.ended_by, hold.ended_at = on or surgery.site.today(now), by, now
    decisions.refuse(hold, surgery, plan, today=surgery.site.today(now))
    hold.full_clean()
    hold.save()
    return Decided(hold, _laid_out([(hold, plan)], "hold released", by=by, now=now)[surgery.pk])


@transaction.atomic
def undo(change: PlanChange, *, by: StaffMember, now: datetime, revision: int | None = None) -> Decided:
    """Undo a decision: the plan is as if it had never been made, apart from what was sent. Idempotent."""
    surgery, plan = _own_one(change.surgery, by, revision)
    change = PlanChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
    change.surgery = surgery
    if change.undone_at is not None:
        return Decided(change, Changes())
    decisions.refuse_undo(change, surgery, plan)
    _restore_columns(change, surgery, plan)
    change.undone_at, change.undone_by = now, by
    change.save()
    verb = f"taken back: {VERBS[ChangeKind(change.kind)]}"
    return Decided(change, _laid_out([(change, plan)], verb, by=by, now=now)[surgery.pk])


def _own(surgeries: Collection[int], by: StaffMember) -> list[tuple[Surgery, CarePlan]]:
    """The surgery's lock first, as everywhere: decisions about one plan come one after the other."""
    locked = planning.lock(surgeries)
    for site in {surgery.site for surgery in locked}:
        if not by.decides_at(site):
            raise PermissionDenied(f"Only a surgeon or a manager of {site} can change a plan. Ask one of them.")
    found = CarePlan.objects.select_related("version__protocol").filter(surgery__in=surgeries)
    plans = {plan.surgery_id: plan for plan in found}
    return [(surgery, plans[surgery.pk]) for surgery in locked]


def _own_one(surgery: Surgery, by: StaffMember, revision: int | None) -> tuple[Surgery, CarePlan]:
    ((surgery, plan),) = _own([surgery.pk], by)
    _may_change(surgery, plan, revision)
    return surgery, plan


def _may_change(surgery: Surgery, plan: CarePlan, revision: int | None) -> None:
    if not surgery.is_active:
        raise ValidationError(surgery.why_not)
    if revision is not None and revision != plan.revision:
        raise PlanMovedOn(_what_happened(surgery))


def _what_happened(surgery: Surgery) -> str:
    last = PlanChange.objects.filter(surgery=surgery).order_by("-pk").select_related("by", "undone_by").first()
    what = f" The last decision: {last.get_kind_display()}, by {last.undone_by or last.by}." if last else ""
    return f"Somebody changed this plan after you opened it.{what} Look at it again, then decide. Nothing was saved."


def _change(
    surgery: Surgery, wish: Wish, *, why: str, by: StaffMember, now: datetime, move: VersionMove | None
) -> PlanChange:
    names = ("ends", "phase", "step", "occurrence", "days", "percent", "to", "version", "check_up")
    return PlanChange(
        site=surgery.site,
        surgery=surgery,
        kind=wish.kind,
        starts=wish.starts or surgery.site.today(now),
        why=why.strip(),
        by=by,
        at=now,
        move=move,
        **{name: getattr(wish, name) for name in names},
    )


def _set_columns(change: PlanChange, surgery: Surgery, plan: CarePlan) -> None:
    """Day, therapy and version stand in columns of their own; the row keeps what they were."""
    if change.kind == ChangeKind.DATE:
        change.was, surgery.date = f"{surgery.date}", date.fromisoformat(change.to)
        surgery.full_clean()
    elif change.kind == ChangeKind.ORDER_PT:
        change.was, surgery.physical_therapy = surgery.physical_therapy, PhysicalTherapy(change.to)
    elif change.kind == ChangeKind.VERSION and change.version:
        change.was_version, plan.version = plan.version, change.version


def _restore_columns(change: PlanChange, surgery: Surgery, plan: CarePlan) -> None:
    if change.kind == ChangeKind.DATE:
        surgery.date = date.fromisoformat(change.was)
        surgery.full_clean()
    elif change.kind == ChangeKind.ORDER_PT:
        surgery.physical_therapy = PhysicalTherapy(change.was)
    elif change.kind == ChangeKind.VERSION and change.was_version:
        plan.version = change.was_version


def _laid_out(
    made: Iterable[tuple[PlanChange, CarePlan]], verb: str, *, by: StaffMember, now: datetime
) -> dict[int, Changes]:
    """The columns first: the plan is laid out from what stands in the tables."""
    made = list(made)
    for _, plan in made:
        plan.revision += 1
    rewrite([change.surgery for change, _ in made if change.kind in OF_SURGERY], ["date", "physical_therapy"])
    rewrite([plan for _, plan in made], ["version", "revision"])
    told = [(change.surgery, {"decided": decisions.details(change)}) for change, _ in made]
    audit.record_all(verb, of=told, by=by, now=now)
    moved = [change.surgery for change, _ in made if change.kind == ChangeKind.DATE]
    others = [key for one in moved for key in operation_order.set_order(one.patient, by=by, now=now,
                                                                        because=f"{one} was moved")]  # fmt: skip
    return planning.sync_all([change.surgery_id for change, _ in made] + others, now=now)
