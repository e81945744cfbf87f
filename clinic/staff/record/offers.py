"""What is proposed for one plan, in words."""

from dataclasses import dataclass
from datetime import datetime

from patients.models import Surgery
from reminders import proposing
from reminders.plan.telling import proposed


@dataclass(frozen=True, slots=True)
class Offer:
    what: str
    words: str
    reasons: tuple[str, ...]


def offers(surgery: Surgery, *, now: datetime) -> list[Offer]:
    return [Offer(one.proposes, proposed(one), one.reasons) for one in proposing.offered(surgery, now=now)]
