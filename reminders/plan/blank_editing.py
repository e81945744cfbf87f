"""Blanks of a draft are filled in or struck, by a surgeon or a manager of its site. The signature stays a surgeon's."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from patients import audit
from patients.models import StaffMember
from reminders.plan import blanks
from reminders.plan.draft_editing import held_draft
from reminders.plan.models import ProtocolVersion


@transaction.atomic
def fill(
    version: ProtocolVersion,
    values: Mapping[str, str],
    *,
    by: StaffMember,
    now: datetime,
    was: Mapping[str, str] | None = None,
) -> None:
    """Keep these values; a blank that is not named stays as it is. A value is "", "struck" or such as "10 lb".

    `was`: what the person saw before. Raises ValidationError, by name, for what cannot be said, for a unit this site
    does not use, and for what somebody else filled in since; then nothing is written.
    """
    held = held_draft(version, by=by)
    wrong = {name: [said] for name, value in values.items() if (said := _wrong(held, name, value, was or {}))}
    if wrong:
        raise ValidationError(wrong)
    before = {name: blanks.value_of(held.blanks, name) for name in values}
    changed = {name: value for name, value in values.items() if value != before[name]}
    if not changed:
        return
    held.blanks = blanks.with_values(held.blanks, changed)
    held.save(update_fields=["blanks"])
    said = "; ".join(f"{name}: {value or 'open'}" for name, value in changed.items())
    audit.record("blanks filled in", of=held, by=by, now=now, what=said)


def _wrong(held: ProtocolVersion, name: str, value: str, was: Mapping[str, str]) -> str:
    if said := blanks.wrong(name, value) or blanks.foreign(name, value, held.protocol.site.country):
        return said
    kept = blanks.value_of(held.blanks, name)
    if kept not in (was.get(name, kept), value):
        return f"Somebody else filled in {kept} in the meantime. Look, then save again."
    return ""
