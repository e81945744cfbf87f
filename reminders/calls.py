"""Reception's call list: whom no message could reach is called, as often as it takes (docs/adr/0040)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from patients import audit
from patients.models import StaffMember, Surgery
from reminders.plan.models import CallAttempt, CallListOutcome, Reminder
from reminders.plan.models.call import CLOSES

NOTE_LENGTH = 200
AHEAD = timedelta(days=14)
RECENT = timedelta(days=30)
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
    """Keep what came of one call. Only `reached` and `not_needed` close: they settle every open message of the person.

    `call_back_at`: UTC, after `no_answer` or `call_back`. `attempts`: how many the caller was shown; where a colleague
    has noted another since, nothing is written. None: nothing was open any more. Raises ValidationError.
    """
    if not by.is_at(surgery.site):
        raise PermissionDenied(f"Only staff of {surgery.site} can do that.")
    _check(outcome, note.strip(), call_back_at, now)
    surgery = Surgery.objects.select_for_update(of=("self",), no_key=True).select_related("site").get(pk=surgery.pk)
    waiting = Reminder.objects.to_call().filter(surgery=surgery).order_by("pk").select_for_update(of=("self",))
    messages = [row.pk for row in waiting]
    if not messages:
        return None
    before = len(since_the_last(surgery.call_attempts.all(), now))
    if attempts is not None and attempts != before:
        raise ValidationError("A colleague has noted a call since this page was opened. Read it, then note yours.")
    attempt = CallAttempt(site=surgery.site, surgery=surgery, outcome=outcome, at=now, by=by, note=note.strip(),
                          call_back_at=call_back_at)  # fmt: skip
    if attempt.closes:
        attempt.messages = _settle(messages, attempt)
    attempt.save()
    _record(attempt, before + 1, now)
    return attempt


def since_the_last(attempts: Iterable[CallAttempt], now: datetime) -> list[CallAttempt]:
    """The attempts that belong to what is open now: those after the last one that closed, in their order.

    Older ones were about messages that have found their way since.
    """
    found: list[CallAttempt] = []
    for attempt in attempts:
        found = [] if attempt.closes else [*found, attempt]
    return [attempt for attempt in found if attempt.at > now - RECENT]


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


def _record(attempt: CallAttempt, number: int, now: datetime) -> None:
    facts: dict[str, object] = {"attempt": number, "messages": attempt.messages, "note": attempt.note}
    if attempt.call_back_at:
        facts["call_back_at"] = f"{attempt.call_back_at.astimezone(attempt.site.zone):%Y-%m-%d %H:%M}"
    verb = VERBS[CallListOutcome(attempt.outcome)]
    audit.record_all(verb, of=[(attempt.surgery, facts)], by=attempt.by, now=now)
