"""What staff do with an alert: take it, hand it over, and close it with an outcome."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from patients.models import StaffMember
from patients.models.staff import Role
from reminders.replies import actions
from reminders.replies.alerts import raising
from reminders.replies.models import Alert, Intent, Reply
from reminders.replies.models.alert import Outcome

LONGEST_NOTE = 200
TO_BE_EXPLAINED = (Outcome.NOT_REACHED, Outcome.FALSE_ALARM)


@transaction.atomic
def take(alert: Alert, *, by: StaffMember, now: datetime) -> Alert:
    """Take an alert; its answer-by time stays the same. A colleague may take it over."""
    alert = _open(alert, by)
    if alert.owner_id != by.pk or alert.taken_at is None:
        alert.owner, alert.taken_at = by, now
        alert.save(update_fields=["owner", "taken_at"])
        raising.tell("alert taken", alert, by=by, now=now)
    return alert


@transaction.atomic
def hand_over(alert: Alert, *, to: StaffMember | str, by: StaffMember, now: datetime) -> Alert:
    """Hand an alert to a colleague of this site, or back to a role. Its answer-by time stays the same."""
    alert = _open(alert, by)
    if isinstance(to, StaffMember):
        if not to.is_at(alert.site):
            raise ValidationError(f"Hand it to somebody who works at {alert.site}.")
        alert.owner = to
    else:
        if to not in Role.values:
            raise ValidationError(f"Hand it to one of these: {', '.join(Role.values)}.")
        alert.owner, alert.owner_role = None, to
    alert.taken_at = None
    alert.save(update_fields=["owner", "owner_role", "taken_at"])
    raising.tell("alert handed over", alert, by=by, now=now, to=str(to))
    return alert


@transaction.atomic
def close(alert: Alert, *, outcome: str, by: StaffMember, now: datetime, note: str = "") -> Alert:
    """Close an alert with an outcome. Its texts leave the inbox too, except one that waits for its own decision."""
    alert = _open(alert, by)
    note = note.strip()
    _check(outcome, note)
    alert.outcome, alert.outcome_note = outcome, note
    alert.closed_at, alert.closed_by = now, by
    alert.save(update_fields=["outcome", "outcome_note", "closed_at", "closed_by"])
    for reply in Reply.objects.to_read().filter(cause__alert=alert).exclude(intent=Intent.REFUSAL):
        actions.mark_read(reply, by=by, now=now)
    raising.tell("alert closed", alert, by=by, now=now, outcome=alert.get_outcome_display(), note=note)
    return alert


def _check(outcome: str, note: str) -> None:
    if outcome not in Outcome.values:
        raise ValidationError({"outcome": f"Give the outcome: {', '.join(Outcome.values)}."})
    if outcome in TO_BE_EXPLAINED and not note:
        said = "Note what you tried, such as: called twice, no answer." if outcome == Outcome.NOT_REACHED else (
            "Note how you know, such as: she meant last week."
        )  # fmt: skip
        raise ValidationError({"note": said})
    if len(note) > LONGEST_NOTE:
        raise ValidationError({"note": f"Use at most {LONGEST_NOTE} characters; this note has {len(note)}."})


def _open(alert: Alert, by: StaffMember) -> Alert:
    """Locked, so that the first of two people counts and the second is told."""
    if not by.is_at(alert.site):
        raise PermissionDenied(f"Only staff of {alert.site} can do that.")
    alert = Alert.objects.select_for_update(of=("self",)).select_related("site", "closed_by").get(pk=alert.pk)
    if alert.closed_at:
        raise ValidationError(f"{alert.closed_by or 'Somebody'} has closed it already: {alert.get_outcome_display()}.")
    return alert
