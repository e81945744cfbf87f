"""Which contacts one reminder is sent to, and on which channel. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from patients.consent import may_be_told
from reminders.plan.reasons import Reason


@dataclass(frozen=True, slots=True)
class Reachable:
    """A contact that is in use; `agreed`: its latest consent event says given."""

    contact: int
    channel: str
    is_patient: bool
    agreed: bool
    scope: str = "all"


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told: its channels in order of preference, and what a narrower scope lets through.

    `own`: the patient's channels, where they are fewer than a caregiver's; none: as everybody's.
    """

    channels: Sequence[str]
    about_a_visit: bool
    is_warning: bool
    own: Sequence[str] = ()


def audience(telling: Telling, contacts: Iterable[Reachable]) -> list[Reachable] | Reason:
    """The patient once, on the first channel that works, and every caregiver whose scope allows; or why nobody."""
    mine = telling.own or telling.channels
    fitting = [c for c in contacts if c.channel in (mine if c.is_patient else telling.channels)]
    agreed = [c for c in fitting if c.agreed and _in_scope(telling, c)]
    order = list(mine).index
    own = sorted((c for c in agreed if c.is_patient), key=lambda c: (order(c.channel), c.contact))
    caregivers = [c for c in agreed if not c.is_patient]
    if chosen := own[:1] + caregivers:
        return chosen
    return Reason.NO_CONSENT if any(c.is_patient for c in fitting) else Reason.NO_CONTACT


def _in_scope(telling: Telling, contact: Reachable) -> bool:
    return may_be_told(contact.scope, about_a_visit=telling.about_a_visit, is_warning=telling.is_warning)
