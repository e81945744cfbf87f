"""The channel that told a visit's time: its correction goes the same way, else by e-mail, else by phone.

A text to somebody who was mailed the time may be overlooked, and the mail goes on saying the wrong time.
"""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import F

from patients.models.contact import Channel, Relationship
from reminders.delivery.models import Delivery
from reminders.delivery.state import State
from reminders.plan.models import Reminder
from reminders.plan.values import Anchor
from reminders.plan.visit_keys import visit_of
from reminders.plan.visit_notices import NoticeKind, is_notice, kind_of

ARRIVED = [State.DELIVERED, State.SENT]
MAY_HAVE_ARRIVED = [State.CLAIMED, State.UNKNOWN, State.ACCEPTED, State.UNCONFIRMED]
Visit = tuple[int, str, int]  # surgery, check-up, its occurrence


def is_correction(step: str) -> bool:
    """Whether a step with this code takes back a time that was told."""
    return is_notice(step) and kind_of(step) != NoticeKind.BOOKED


def ways(corrections: Iterable[int]) -> dict[int, Sequence[str]]:
    """By reminder, the patient's channels in order; without one that told the time (a call did): none is given."""
    asked = set(corrections)
    if not asked:
        return {}
    about = _visits(asked)
    told = _last_told({surgery for surgery, _, _ in about.values()}, asked)
    return {pk: _in_order(told[visit]) for pk, visit in about.items() if visit in told}


def _in_order(channel: str) -> Sequence[str]:
    return tuple(dict.fromkeys((channel, Channel.EMAIL.value)))


def _visits(reminders: Iterable[int]) -> Mapping[int, Visit]:
    rows = Reminder.objects.filter(pk__in=list(reminders), step__check_up__isnull=False).order_by()
    found = rows.values_list("pk", "surgery", "step__check_up__code", "occurrence")
    return {pk: (surgery, code, visit_of(key)[0]) for pk, surgery, code, key in found}


def _last_told(surgeries: Iterable[int], corrections: Iterable[int]) -> Mapping[Visit, str]:
    """Of messages to the patient before a visit or about its time; within one, what arrived before what may have."""
    rows = Delivery.objects.filter(
        reminder__surgery__in=list(surgeries),
        reminder__step__anchor=Anchor.VISIT,
        reminder__step__offset_days__lte=0,
        reminder__step__check_up__isnull=False,
        contact__relationship=Relationship.SELF,
        state__in=[*ARRIVED, *MAY_HAVE_ARRIVED],
    ).exclude(reminder__in=list(corrections))
    columns = ("reminder__surgery", "reminder__step__check_up__code", "reminder__occurrence")
    found = rows.annotate(due=F("reminder__due_at")).values_list("due", "reminder", "state", "channel", *columns)
    by_age = sorted(
        (due, reminder, state in ARRIVED, channel, visit) for due, reminder, state, channel, *visit in found
    )
    return {(surgery, code, visit_of(key)[0]): channel for *_, channel, (surgery, code, key) in by_age}
