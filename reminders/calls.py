"""Reception's call list: whom no message could reach is called, as often as it takes (docs/adr/0040)."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from patients import actions as care
from patients import audit
from patients.models import Patient, StaffMember, Surgery
from patients.models.patient import PatientStatus
from reminders.plan.models import CallAttempt, CallListOutcome, Reminder
from reminders.plan.models.call import CLOSES
from reminders.plan.models.reminder import NEEDS_CALL

NOTE_LENGTH = 200
AHEAD = timedelta(days=14)
MISTAKE = timedelta(days=1)  # a status that was wrong and is put right by then has ended no call
PASSED = "Its time passed while the patient was not in care."
VERBS = {  # in the history, followed by who did it
    CallListOutcome.REACHED: "called",
    CallListOutcome.NO_ANSWER: "called without an answer",
    CallListOutcome.CALL_BACK: "call back noted",
    CallListOutcome.NOT_NEEDED: "call marked as not needed",
}


@transaction.atomic
def note_call(
    surgery: Surgery,
    *,
    outcome: str,
    by: StaffMember,
    now: datetime,
    note: str = "",
    call_back_at: datetime | None = None,
    attempts: int | None = None,
) -> CallAttempt | None:
    """Keep what came of one call. Only `reached` and `not_needed` close: they settle every open message of the patient,
    of whichever operation, and every promise to call back. `surgery`: any operation of the patient.

    `call_back_at`: UTC, after `no_answer` or `call_back`. `attempts`: how many the caller was shown; where a colleague
    has noted another since, nothing is written. None: nothing was open any more. Raises ValidationError.
    """
    if not by.is_at(surgery.site):
        raise PermissionDenied(f"Only staff of {surgery.site} can do that.")
    _check(outcome, note.strip(), call_back_at, now)
    operations = _locked(surgery)
    of_patient = CallAttempt.objects.filter(surgery__in=operations)
    waiting = _waiting(operations)
    if not waiting and not of_patient.promised(now).exists():
        return None
    before = of_patient.still_open(now).count()
    if attempts is not None and attempts != before:
        raise ValidationError("A colleague has noted a call since this page was opened. Read it, then note yours.")
    about = {row.surgery_id for row in waiting} or {surgery.pk}
    noted_at = operations[surgery.pk if surgery.pk in about else min(about)]
    attempt = CallAttempt(site=noted_at.site, surgery=noted_at, outcome=outcome, at=now, by=by, note=note.strip(),
                          call_back_at=call_back_at)  # fmt: skip
    if attempt.closes:
        attempt.messages = _settle([row.pk for row in waiting], attempt)
    attempt.save()
    if attempt.closes:
        of_patient.filter(closed_by=None, pk__lt=attempt.pk).exclude(outcome__in=CLOSES).update(closed_by=attempt)
    _record(attempt, [operations[key] for key in sorted(about)], before + 1, now)
    return attempt


def _locked(surgery: Surgery) -> dict[int, Surgery]:
    """All operations of the patient as whom `surgery` is known now. The patient first, then plans, as a merge does."""
    patient = Surgery.objects.select_related("patient").get(pk=surgery.pk).patient
    care.lock_patient(patient)
    of_patient = Surgery.objects.select_for_update(of=("self",), no_key=True).filter(patient=patient).order_by("pk")
    return {one.pk: one for one in of_patient.select_related("site")}


def _waiting(operations: Collection[int]) -> list[Reminder]:
    rows = Reminder.objects.to_call().filter(surgery__in=operations)
    return list(rows.order_by("pk").select_for_update(of=("self",)))


def settle_what_passed(patient: Patient, *, now: datetime) -> None:
    """The patient is in care again: nobody calls about what was useful only while they were not.

    Call it with the patient locked, before the new status is recorded.
    """
    since = _away_since(patient)
    if since is None or now - since < MISTAKE:
        return
    passed = Reminder.objects.filter(surgery__patient=patient, status__in=NEEDS_CALL, handled_at=None)
    passed.filter(useful_until__gt=since, useful_until__lte=now).update(handled_at=now, handled_note=PASSED)


def _away_since(patient: Patient) -> datetime | None:
    """Since when the patient is not in care; None: they are."""
    since: datetime | None = None
    statuses = {f"patient {status}": status for status in PatientStatus.values}
    for verb, at in audit.history(patient).filter(verb__in=statuses).values_list("verb", "at"):
        since = None if statuses[verb] == PatientStatus.ACTIVE else since or at
    return since


def _check(outcome: str, note: str, call_back_at: datetime | None, now: datetime) -> None:
    if outcome not in CallListOutcome.values:
        raise ValidationError({"outcome": f"Say what came of the call: {', '.join(CallListOutcome.values)}."})
    if len(note) > NOTE_LENGTH:
        raise ValidationError({"note": f"The note is too long: at most {NOTE_LENGTH} characters."})
    if outcome == CallListOutcome.NOT_NEEDED and not note:
        raise ValidationError({"note": "Say why no call is needed, such as: she was here this morning."})
    if sentence := _wrong_time(outcome, call_back_at, now):
        raise ValidationError({"call_back_at": sentence})


def _wrong_time(outcome: str, at: datetime | None, now: datetime) -> str:
    if at is None:
        return "Say when to call back: a day and a time." if outcome == CallListOutcome.CALL_BACK else ""
    if outcome in CLOSES:
        return "After this outcome nobody calls back. Leave the time empty, or choose no answer or call back."
    if at <= now:
        return "This time has passed. Choose a time in the future."
    return "This time lies more than 14 days ahead. Check the date." if at > now + AHEAD else ""


def _settle(messages: list[int], attempt: CallAttempt) -> int:
    rows = Reminder.objects.filter(pk__in=messages)
    return rows.update(handled_at=attempt.at, handled_by=attempt.by, handled_note=attempt.note)


def _record(attempt: CallAttempt, about: Iterable[Surgery], number: int, now: datetime) -> None:
    """On every record whose messages it was about."""
    facts: dict[str, object] = {"attempt": number, "messages": attempt.messages, "note": attempt.note}
    if attempt.call_back_at:
        facts["call_back_at"] = f"{attempt.call_back_at.astimezone(attempt.site.zone):%Y-%m-%d %H:%M}"
    verb = VERBS[CallListOutcome(attempt.outcome)]
    audit.record_all(verb, of=[(one, facts) for one in about], by=attempt.by, now=now)
