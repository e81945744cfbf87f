"""Moving a protocol's patients to its signed version: one job, which may be stopped, killed and taken up again.

Who is done is read from the plans: whoever is on the version is. A lost count, lease or task loses nothing.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q

from patients import audit
from patients.models import Site, StaffMember
from reminders import version_batch
from reminders.plan.models import CarePlan, PlanChange, ProtocolVersion, VersionMove
from reminders.plan.models.careplan import CarePlanQuerySet
from reminders.plan.models.protocol import VersionState
from reminders.version_batch import Effect

Clock = Callable[[], datetime]
BATCH = 50  # patients in one transaction, and from one sign of life to the next: about a second
LEASE = timedelta(minutes=2)  # without a sign of life for so long, whoever worked at it is gone
ROUND = timedelta(seconds=60)  # of a timer that has other work as well, and rings again soon
REFUSED = "protocol version not changed"


@dataclass(frozen=True, slots=True)
class Baton:
    """Where one worker stopped, for the next one; nobody else continues the move in between."""

    after: int
    left_at: datetime


def waiting(version: ProtocolVersion) -> CarePlanQuerySet:
    """Plans of the same protocol that run and are on another version."""
    mine = CarePlan.objects.active().filter(version__protocol=version.protocol_id, surgery__site=version.protocol.site)
    return mine.exclude(version=version).order_by("pk")


@transaction.atomic
def start(version: ProtocolVersion, *, why: str, by: StaffMember, now: datetime) -> VersionMove:
    """Start a move, or return the one already under way: two who start at once get the same."""
    _may(by, version.protocol.site)
    if version.state != VersionState.SIGNED:
        raise ValidationError(f"{version} is {version.state}. Patients can only be moved to a signed version.")
    if not why.strip():
        raise ValidationError({"why": "Give the reason in a few words; it is kept with each patient's plan."})
    if len(why.strip()) > 200:
        raise ValidationError({"why": "Use 200 characters or fewer."})
    site = version.protocol.site
    known = {"site": site, "why": why.strip(), "by": by, "at": now, "total": waiting(version).count()}
    move, is_new = VersionMove.objects.get_or_create(version=version, finished_at=None, defaults=known)
    if is_new:
        audit.record("move of patients started", of=version, by=by, now=now, patients=move.total, reason=move.why)
    return move


@transaction.atomic
def stop(move: VersionMove, *, by: StaffMember, now: datetime) -> None:
    """Stop a move: the worker finishes its current batch. Idempotent."""
    _may(by, move.site)
    if VersionMove.objects.filter(pk=move.pk, finished_at=None, stopped_at=None).update(stopped_at=now):
        audit.record("move of patients stopped", of=move.version, by=by, now=now)


@transaction.atomic
def go_on(move: VersionMove, *, by: StaffMember, now: datetime) -> None:
    """Continue a stopped move: the decisions that follow carry the name of `by`."""
    _may(by, move.site)
    if move.version.state != VersionState.SIGNED:
        raise ValidationError(
            f"{move.version} is {move.version.state} by now. Move the patients to the signed version."
        )
    stopped = VersionMove.objects.filter(pk=move.pk, finished_at=None).exclude(stopped_at=None)
    if stopped.update(stopped_at=None, worked_at=None, by=by):
        audit.record("move of patients went on", of=move.version, by=by, now=now)


def _may(by: StaffMember, site: Site) -> None:
    if not by.decides_at(site):
        raise PermissionDenied(f"Only a surgeon or a manager of {site} can move its patients. Ask one of them.")


def preview(
    version: ProtocolVersion, *, by: StaffMember, clock: Clock, each: Callable[[int], object] = lambda number: None
) -> tuple[Effect, int]:
    """What moving all of them would come to, and how many of them cannot be moved as they stand."""
    surgeries = list(waiting(version).values_list("surgery", flat=True))
    total, refused = Effect(), 0
    for first in range(0, len(surgeries), BATCH):
        told = version_batch.preview(surgeries[first : first + BATCH], version, by=by, now=clock())
        effects = [one for one in told.values() if isinstance(one, Effect)]
        total, refused = sum(effects, total), refused + len(told) - len(effects)
        each(len(told))
    return total, refused


def unattended(now: datetime) -> list[int]:
    """Moves that should go on and that nobody works at."""
    free = Q(worked_at=None) | Q(worked_at__lt=now - LEASE)
    return list(VersionMove.objects.filter(free, finished_at=None, stopped_at=None).values_list("pk", flat=True))


def carry_on(clock: Clock) -> Counter[str]:
    """Move some patients in a round without workers; the next round continues."""
    tally: Counter[str] = Counter()
    until = clock() + ROUND
    for pk in unattended(clock()):
        if baton := run(pk, clock=clock, until=until, each=lambda number: tally.update(patients=number)):
            VersionMove.objects.filter(pk=pk, worked_at=baton.left_at).update(worked_at=None)
    return tally


def run(
    pk: int,
    *,
    clock: Clock,
    baton: Baton | None = None,
    until: datetime | None = None,
    by_force: bool = False,
    batch: int | None = None,
    each: Callable[[int], object] = lambda number: None,
) -> Baton | None:
    """Move plans until all are moved, somebody stops it, or it is `until`: then the baton for the next is returned.

    Two may run at once without harm; the one who came first ends at its next sign of life. `each` hears of a batch.
    """
    now = clock()
    if not _take(pk, baton, by_force=by_force, now=now):
        return None
    move = VersionMove.objects.select_related("version__protocol__site", "site", "by").get(pk=pk)
    baton = baton or Baton(0, now)
    if not baton.after:
        VersionMove.objects.filter(pk=pk).update(failed=0)
    baton = Baton(baton.after, now)
    while plans := list(waiting(move.version).filter(pk__gt=baton.after)[: batch or BATCH]):
        if _cannot_go_on(move, now=clock()):
            return None
        failed = _failed(move, plans, now=clock())
        moment = clock()
        if not _sign_of_life(move, baton, failed, now=moment):
            return None
        baton = Baton(plans[-1].pk, moment)
        each(len(plans))
        if until and moment >= until:
            return baton
    _finish(move, baton, now=clock())
    return None


def _take(pk: int, baton: Baton | None, *, by_force: bool, now: datetime) -> bool:
    """One conditional update: of two who would work at it, one does."""
    free = Q(worked_at=baton.left_at) if baton else Q(worked_at=None) | Q(worked_at__lt=now - LEASE)
    move = VersionMove.objects.filter(pk=pk, finished_at=None, stopped_at=None)
    return (move if by_force else move.filter(free)).update(worked_at=now) == 1


def _cannot_go_on(move: VersionMove, *, now: datetime) -> bool:
    """Stopped, so that a person looks: the version was retired, or who began it does not decide there any more."""
    is_signed = ProtocolVersion.objects.signed().filter(pk=move.version_id).exists()
    if is_signed and move.by.decides_at(move.site):
        return False
    VersionMove.objects.filter(pk=move.pk, stopped_at=None).update(stopped_at=now)
    return True


def _failed(move: VersionMove, plans: Sequence[CarePlan], *, now: datetime) -> int:
    """How many could not be moved; each one's record says why. Whoever put it there, a plan on the version is done."""
    told = version_batch.move([plan.surgery_id for plan in plans], move, now=now)
    why = {surgery: one for surgery, one in told.items() if isinstance(one, str)}
    left = waiting(move.version).filter(surgery__in=why).select_related("surgery__procedure")
    details = {plan.surgery: {"to": f"{move.version}", "reason": why[plan.surgery_id]} for plan in left}
    audit.record_all(REFUSED, of=details.items(), by=move.by, now=now)
    return len(details)


def _sign_of_life(move: VersionMove, baton: Baton, failed: int, *, now: datetime) -> bool:
    """False: it was stopped, or somebody else works at it by now."""
    done = PlanChange.objects.filter(move=move).in_force().count()
    VersionMove.objects.filter(pk=move.pk).update(moved=done, failed=F("failed") + failed)
    still = VersionMove.objects.filter(pk=move.pk, worked_at=baton.left_at, stopped_at=None)
    return still.update(worked_at=now) == 1


def _finish(move: VersionMove, baton: Baton, *, now: datetime) -> None:
    done = PlanChange.objects.filter(move=move).in_force().count()
    still = VersionMove.objects.filter(pk=move.pk, finished_at=None, stopped_at=None, worked_at=baton.left_at)
    if still.update(finished_at=now, moved=done):
        audit.record("move of patients finished", of=move.version, by=move.by, now=now, patients=done)
