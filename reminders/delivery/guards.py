"""The last look before a message leaves: consent, plan, usefulness, mode, window. Pure: facts in, a verdict out."""

from dataclasses import dataclass
from datetime import datetime

from reminders.delivery.state import State
from reminders.plan.reasons import Reason


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of one delivery now. `recalled`: why the plan no longer wants it; `opening`: when it may leave."""

    useful_until: datetime
    opening: datetime
    recalled: Reason = Reason.NONE
    contact_usable: bool = True
    agreed: bool = True
    surgery_active: bool = True
    patient_active: bool = True
    trial_allows: bool = True
    has_sender: bool = True
    has_text: bool = True


@dataclass(frozen=True, slots=True)
class Stop:
    """It does not leave; the delivery ends in this state, for this reason."""

    state: State
    reason: Reason


@dataclass(frozen=True, slots=True)
class Hold:
    until: datetime


Verdict = Stop | Hold | None


def verdict(facts: Facts, now: datetime) -> Verdict:
    """None: it may leave. The order matters: what ends it for good comes before what holds it."""
    if not facts.surgery_active:
        return Stop(State.CANCELLED, Reason.SURGERY_CANCELLED)
    if not facts.patient_active:
        return Stop(State.CANCELLED, Reason.PATIENT_INACTIVE)
    if facts.recalled:
        return Stop(State.CANCELLED, facts.recalled)
    if not facts.contact_usable:
        return Stop(State.SUPPRESSED, Reason.NO_CONTACT)
    if not facts.agreed:
        return Stop(State.SUPPRESSED, Reason.NO_CONSENT)
    if not facts.trial_allows:
        return Stop(State.SUPPRESSED, Reason.TRIAL_MODE)
    if not facts.has_sender:
        return Stop(State.SUPPRESSED, Reason.NO_SENDER)
    if not facts.has_text:
        return Stop(State.SUPPRESSED, Reason.NO_TEXT)
    if facts.useful_until <= max(now, facts.opening):
        return Stop(State.EXPIRED, Reason.EXPIRED)
    return Hold(facts.opening) if facts.opening > now else None
