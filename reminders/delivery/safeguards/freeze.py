"""The freeze: nothing leaves while it is in force, as after a restore. It ends when the provider has been asked."""

from datetime import datetime

from django.db import transaction

from reminders.delivery import heartbeats, waits
from reminders.delivery.models import Freeze


class StillBlind(Exception):
    """The provider has not been asked yet what was sent and received since the back-up. The text says what to do."""


def in_force() -> bool:
    """Whether all sending is held."""
    return Freeze.objects.filter(in_force=True).exists()


def current() -> Freeze | None:
    """The hold in force, or None."""
    return Freeze.objects.filter(in_force=True).first()


def hold(why: str, *, now: datetime, blind_from: datetime | None = None) -> Freeze:
    """Start a hold of all sending. Idempotent: a hold in force stays as it is.

    `blind_from`: what left after it may be unknown here. Else the last round this database remembers.
    """
    remembered = heartbeats.last_round() or now
    begun, _ = Freeze.objects.get_or_create(
        in_force=True,
        defaults={"since": now, "why": why[:200], "blind_from": min(blind_from or remembered, now)},
    )
    return begun


@transaction.atomic
def hold_anew(why: str, *, now: datetime, blind_from: datetime) -> None:
    """Hold after a restore. If a hold came with the back-up, what was reconciled before it counts no more."""
    frozen = hold(why, now=now, blind_from=blind_from)
    if frozen.since == now:
        return
    frozen.since, frozen.why, frozen.reconciled_from, frozen.reconciled_at = now, why[:200], None, None
    frozen.blind_from = min(frozen.blind_from or now, blind_from)
    frozen.save(update_fields=["since", "why", "blind_from", "reconciled_from", "reconciled_at"])


def note_reconciled(since: datetime, *, now: datetime) -> None:
    """The provider has been asked about everything from `since` to now. How far back was asked never shrinks."""
    frozen = current()
    if frozen is not None:
        frozen.reconciled_from = min(since, frozen.reconciled_from or since)
        frozen.reconciled_at = now
        frozen.save(update_fields=["reconciled_from", "reconciled_at"])


@transaction.atomic
def release(*, now: datetime, force: bool = False) -> bool:
    """Everything may leave again. False: nothing was held. Raises StillBlind where reconcile has not covered it."""
    frozen = Freeze.objects.select_for_update().filter(in_force=True).first()
    if frozen is None:
        return False
    if not force and (reason := _blind(frozen)):
        raise StillBlind(reason)
    frozen.in_force, frozen.released_at = False, now
    frozen.save(update_fields=["in_force", "released_at"])
    return True


def _blind(frozen: Freeze) -> str:
    from_ = frozen.blind_from or frozen.since
    listed = frozen.since + waits.PROVEN_ABSENT  # what left last may be listed only by then
    if frozen.reconciled_from is None or frozen.reconciled_at is None:
        return f"The provider has not been asked yet. Run: manage.py reconcile --since {spoken(from_)}"
    if frozen.reconciled_from > from_:
        return f"The provider was not asked far enough back. Run: manage.py reconcile --since {spoken(from_)}"
    if frozen.reconciled_at < listed:
        return f"The provider's list may lag behind. Run manage.py reconcile again after {spoken(listed)}."
    return ""


def spoken(moment: datetime) -> str:
    """The moment in UTC, as the commands accept it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
