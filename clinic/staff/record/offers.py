"""What is proposed for one plan, in words."""

from dataclasses import dataclass
from datetime import datetime

from patients.models import Surgery
from reminders import proposing
from reminders.plan.pace import Proposal
from reminders.plan.values import Proposes


@dataclass(frozen=True, slots=True)
class Offer:
    what: str
    words: str
    reasons: tuple[str, ...]


def offers(surgery: Surgery, *, now: datetime) -> list[Offer]:
    """Nothing for a plan that has ended."""
    if not surgery.is_active or surgery.patient.status != "active":
        return []
    return [Offer(one.proposes, _words(one), one.reasons) for one in proposing.proposed(surgery, now=now)]


def _words(proposal: Proposal) -> str:
    match proposal.proposes:
        case Proposes.PACE:
            return f"A pace of {proposal.amount} % for the phases that have not begun"
        case Proposes.NEXT_PHASE:
            return "The next phase begins tomorrow"
    return "Somebody from the clinic calls"
