"""Notices a restored back-up: its number of rounds is lower than the one noted outside the database.

Each round, and each claim of messages, commits a rising number in the database, then notes it outside, and only then
may anything leave. A back-up either holds a claim, which is then looked up like any lost answer, or its number is lower
than the note. No clock is asked (docs/adr/0045).
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from patients.models import AuditEntry
from reminders.delivery import alarms, heartbeats
from reminders.delivery.models import RoundCounter
from reminders.delivery.safeguards import freeze, round_notes
from reminders.delivery.safeguards.round_notes import RoundNote
from reminders.plan.models import Reminder

log = logging.getLogger(__name__)
OLD_FORM = timedelta(minutes=5)  # tolerance for a note of an earlier Aftercare, which has the time alone
UNNOTED = "round_note"


def freeze_if_restored(now: datetime) -> bool:
    """Call it before anything else of a round, and before a claim. True: this database is restored, and frozen.

    A database with nothing to send is new, not old: it goes on from the note, so that a back-up that is read into it
    afterwards is still noticed. While nothing really leaves, nothing can be doubled.
    """
    if not counts():
        return False
    note = round_notes.read()  # before the database is asked: its number only rises, so no note is ahead by itself
    if note is None or not _is_ahead(note):
        return False
    if Reminder.objects.exists():
        _freeze(note, now)
        return True
    _lift(note.number)
    return False


def count_round(now: datetime) -> None:
    """After a round's work: its number is committed, then noted. Not for use inside a transaction."""
    if not counts():
        return
    if failed := note(rise(), now):
        alarms.sound(UNNOTED, detail=", ".join(failed), now=now)
    else:
        alarms.clear(UNNOTED, now=now)


def counts() -> bool:
    """Whether anything can leave that a restored database would not know of."""
    return settings.MESSAGES == "live" and bool(settings.ROUND_NOTES)


def note(number: int, now: datetime) -> list[str]:
    """Note a number outside, once it is committed. Returns the places where that failed."""
    return round_notes.write(number, now)


@transaction.atomic
def rise() -> int:
    """The next number. In a longer transaction call it last: whoever comes meanwhile waits for its end."""
    if not RoundCounter.objects.filter(pk=1).update(number=F("number") + 1):
        RoundCounter.objects.get_or_create(pk=1)
        RoundCounter.objects.filter(pk=1).update(number=F("number") + 1)
    return _own()


def _own() -> int:
    return RoundCounter.objects.filter(pk=1).values_list("number", flat=True).first() or 0


def _is_ahead(note: RoundNote) -> bool:
    if note.number:
        return note.number > _own()
    remembered = heartbeats.last_round()
    return not _own() and remembered is not None and note.at > remembered + OLD_FORM


@transaction.atomic
def _freeze(note: RoundNote, now: datetime) -> None:
    """Once: the number is lifted in the same transaction, so that the release is not followed by another freeze."""
    own = _own()
    if not _lift(max(note.number, 1)):
        return
    why = f"This database is at round {own}, but round {note.number} was noted at {freeze.spoken(note.at)}."
    log.error("%s It looks restored: nothing is sent until reconcile and release.", why)
    freeze.hold_anew(f"{why} It looks restored.", now=now, blind_from=_ends_at() or now)


def _lift(number: int) -> bool:
    """Go on from there. False: it is there already."""
    RoundCounter.objects.get_or_create(pk=1)
    return bool(RoundCounter.objects.filter(pk=1, number__lt=number).update(number=number))


def _ends_at() -> datetime | None:
    """A moment before the back-up was made: the last round in it, else the last that anybody did."""
    written = AuditEntry.objects.order_by("-at").values_list("at", flat=True)
    return heartbeats.last_round() or written.first()
