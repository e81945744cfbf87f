"""The operations of a patient that follow each other, as their records name them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from clinic.staff import formats
from patients.models import CheckUp, StaffMember, Surgery
from patients.models.surgery import ACTIVE, ENDED
from reminders.operation_order import can_choose
from reminders.plan.checkups import BOOKED
from reminders.plan.models import PlanChange
from reminders.plan.values import ChangeKind

BECOMES = {ENDED: "Its plan ended.", ACTIVE: "Both plans run: what is the same is said once, by the later one."}


@dataclass(frozen=True, slots=True)
class EarlierOperation:
    """`booked`: visits of it that are still to come. `can_choose`: as of a chain."""

    surgery: Surgery
    becomes: str
    booked: list[str]
    can_choose: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """`becomes`: what became of this plan where another operation follows. `can_choose`: its reader may say so anew."""

    followed_by: Surgery | None
    becomes: str
    earlier: list[EarlierOperation]
    can_choose: bool = False


def chain_of(surgery: Surgery, *, staff: StaffMember, now: datetime) -> Chain:
    """`surgery` is one of the staff member's own."""
    mine = Surgery.objects.for_staff(staff).select_related("procedure", "followed_by__procedure")
    earlier = list(mine.filter(followed_by=surgery).order_by("date"))
    following = mine.filter(pk=surgery.followed_by_id).first() if surgery.followed_by_id else None
    if not earlier and following is None:
        return Chain(None, "", [])
    held = set(
        PlanChange.objects.filter(surgery__in=[surgery, *earlier], kind=ChangeKind.HOLD, ends=None)
        .in_force()
        .values_list("surgery", flat=True)
    )
    booked = _booked(earlier, staff, now)
    decides = staff.decides_at(surgery.site) and surgery.is_active
    told = [EarlierOperation(one, _becomes(one, held), booked[one.pk], decides and one.cancelled_at is None)
            for one in earlier]  # fmt: skip
    mine_to_choose = following is not None and staff.decides_at(surgery.site) and can_choose(surgery)
    return Chain(following, _becomes(surgery, held) if following else "", told, mine_to_choose)


def _becomes(surgery: Surgery, held: set[int]) -> str:
    if surgery.is_active and surgery.pk in held:
        return "Its plan is held until a person releases it."
    if surgery.ends_on:
        return f"Its plan ends on {formats.day(surgery.ends_on)}, the day of that operation."
    return BECOMES.get(surgery.state, "It was cancelled.")


def _booked(earlier: list[Surgery], staff: StaffMember, now: datetime) -> defaultdict[int, list[str]]:
    found = defaultdict(list)
    visits = CheckUp.objects.for_staff(staff).filter(surgery__in=earlier, state__in=BOOKED, booked_for__gt=now)
    for visit in visits.select_related("site").order_by("booked_for") if earlier else ():
        if visit.booked_for:
            found[visit.surgery_id].append(f"{visit.title}, {formats.moment(visit.booked_for, visit.site.zone)}")
    return found
