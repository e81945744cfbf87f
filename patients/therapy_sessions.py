"""Sessions of physical therapy: staff write them down, the patient may say "I did it today". Each writes who did it."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from patients import audit
from patients.actions import FAR_AHEAD
from patients.models import StaffMember, Surgery, TherapySession
from patients.models.therapy import SessionSource, SessionState


@transaction.atomic
def write_session(surgery: Surgery, *, day: date, state: str, by: StaffMember, now: datetime) -> TherapySession:
    """Record a session as planned, attended or missed, one per day; recorded again, the later one counts."""
    _refuse_day(surgery, day, state, surgery.site.today(now))
    facts = {"state": SessionState(state), "source": SessionSource.STAFF, "by": by, "at": now, "site": surgery.site}
    session, _ = TherapySession.objects.select_for_update().update_or_create(surgery=surgery, day=day, defaults=facts)
    audit.record(f"therapy {state}", of=surgery, by=by, now=now, day=f"{day}")
    return session


@transaction.atomic
def remove_session(session: TherapySession, *, by: StaffMember, now: datetime) -> None:
    """Remove a session that was recorded by mistake."""
    surgery, day = session.surgery, session.day
    session.delete()
    audit.record("therapy session removed", of=surgery, by=by, now=now, day=f"{day}")


@transaction.atomic
def say_attended(surgery: Surgery, *, now: datetime) -> TherapySession:
    """The patient says that today's session took place. Idempotent; a session staff recorded as missed stays so."""
    rows = TherapySession.objects.select_for_update()
    said = {"state": SessionState.ATTENDED, "source": SessionSource.PATIENT, "at": now}
    session, new = rows.get_or_create(
        surgery=surgery, day=surgery.site.today(now), defaults={"site": surgery.site} | said
    )
    if not new and session.state == SessionState.PLANNED:
        for name, value in said.items():
            setattr(session, name, value)
        session.by, new = None, True
        session.save()
    if new:
        audit.record("said: had a therapy session", of=surgery, by=None, now=now, day=f"{session.day}")
    return session


def _refuse_day(surgery: Surgery, day: date, state: str, today: date) -> None:
    if not surgery.is_active:
        why = "was cancelled" if surgery.cancelled_at else "is followed by a later one, and its plan ended"
        raise ValidationError(f"This operation {why}: no session can be recorded for it.")
    if day < surgery.date:
        raise ValidationError({"day": "This day is before the operation. Check the date."})
    if day > today + FAR_AHEAD:
        raise ValidationError({"day": "This day is more than two years ahead. Check the year."})
    if state == SessionState.PLANNED and day < today:
        raise ValidationError({"day": "This day has passed. Record whether the session was attended or missed."})
    if state != SessionState.PLANNED and day > today:
        raise ValidationError({"day": "This day is still to come. Record the session as planned."})
