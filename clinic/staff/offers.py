"""What is proposed for one plan, in words."""

from dataclasses import dataclass
from datetime import datetime

from patients.models import Surgery
from reminders import pace_proposals
from reminders.plan.change_words import proposed, weighed
from reminders.plan.pace import Proposal


@dataclass(frozen=True, slots=True)
class Offer:
    what: str
    words: str
    reasons: tuple[str, ...]
    weighed: str


def offers(surgery: Surgery, *, now: datetime) -> list[Offer]:
    return [offer(one) for one in pace_proposals.offered(surgery, now=now)]


def offer(one: Proposal) -> Offer:
    return Offer(one.proposes, proposed(one), one.reasons, weighed(one))
