"""The last check before a message is sent: consent, plan, usefulness, mode, window, limits. Pure."""

from dataclasses import dataclass
from datetime import datetime

from reminders.delivery.state import State
from reminders.plan.reasons import Reason


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """What is true of one delivery now. `recalled`: why the plan no longer wants it; `opening`: when it may leave.

    `free_at`: when the number and the site may have one more text, inside the window; `limit`: which of them waits.
    """

    useful_until: datetime
    opening: datetime
    free_at: datetime
    limit: Reason = Reason.NONE
    recalled: Reason = Reason.NONE
    contact_usable: bool = True
    agreed: bool = True
    is_revoked: bool = False
    in_scope: bool = True
    can_be_named: bool = True
    contact_held: bool = False
    country_allowed: bool = True
    surgery_active: bool = True
    plan_runs: bool = True
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
class HoldBack:
    until: datetime
    reason: Reason


Verdict = Stop | HoldBack | None


def verdict(facts: DeliveryFacts, now: datetime) -> Verdict:
    """Whether a delivery may be sent (None), is stopped or held. What ends it for good comes before what holds it."""
    if not facts.surgery_active:
        return Stop(State.CANCELLED, Reason.SURGERY_CANCELLED)
    if not facts.plan_runs:
        return Stop(State.CANCELLED, Reason.PLAN_ENDED)
    if not facts.patient_active:
        return Stop(State.CANCELLED, Reason.PATIENT_INACTIVE)
    if facts.recalled:
        return Stop(State.CANCELLED, facts.recalled)
    if not facts.contact_usable:
        return Stop(State.SUPPRESSED, Reason.REVOKED if facts.is_revoked else Reason.NO_CONTACT)
    if not facts.agreed:
        return Stop(State.SUPPRESSED, Reason.NO_CONSENT)
    if not facts.in_scope:
        return Stop(State.SUPPRESSED, Reason.OUT_OF_SCOPE)
    if not facts.can_be_named:
        return Stop(State.SUPPRESSED, Reason.SAME_INITIALS)
    if not facts.country_allowed:
        return Stop(State.SUPPRESSED, Reason.FOREIGN)
    if not facts.trial_allows:
        return Stop(State.SUPPRESSED, Reason.TRIAL_MODE)
    if not facts.has_sender:
        return Stop(State.SUPPRESSED, Reason.NO_SENDER)
    if not facts.has_text:
        return Stop(State.SUPPRESSED, Reason.NO_TEXT)
    if facts.useful_until <= max(now, facts.opening):
        return Stop(State.EXPIRED, Reason.EXPIRED)
    if facts.contact_held:  # whoever decides about the contact brings it forward
        return HoldBack(facts.useful_until, Reason.CONTACT_HELD)
    if facts.opening > now:
        return HoldBack(facts.opening, Reason.QUIET_HOURS)
    if facts.free_at > now:
        return _limited(facts)
    return None


def _limited(facts: DeliveryFacts) -> Verdict:
    """Waiting for a limit must not cost the other ways to tell the patient."""
    is_too_late = facts.useful_until <= facts.free_at
    return Stop(State.EXPIRED, facts.limit) if is_too_late else HoldBack(facts.free_at, facts.limit)
