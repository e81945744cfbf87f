"""Physical therapy on the patient's page: one tap says that today's session took place."""

from dataclasses import dataclass
from datetime import datetime

from clinic.patient.page_texts import Words
from patients.models import Surgery
from patients.models.surgery import PhysicalTherapy
from patients.models.therapy import SessionState

ORDERED = (PhysicalTherapy.ORDERED, PhysicalTherapy.ORDERED_EARLY)


@dataclass(frozen=True, slots=True)
class TherapyCard:
    """`said` once it was said, by whomever; else the page asks."""

    said: str = ""


def card(surgery: Surgery, *, words: Words, now: datetime) -> TherapyCard | None:
    """None where no therapy is ordered and none is planned for today, or where staff know better already."""
    today = surgery.site.today(now)
    session = surgery.therapy_sessions.filter(day=today).first()
    if surgery.day_number(today) < 1 or (session is None and surgery.physical_therapy not in ORDERED):
        return None
    if session and session.state == SessionState.MISSED:
        return None
    attended = session is not None and session.state == SessionState.ATTENDED
    return TherapyCard(words["therapy_said"] if attended else "")
