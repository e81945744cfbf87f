"""What a provider's code says about a contact: opted out, or cannot be reached this way."""

from datetime import datetime

from patients import actions as care
from patients.models import Contact
from patients.models.contact import ConsentSource
from reminders.delivery.codes import Action, Class, Code

DEAD = {Action.MARK_INVALID, Action.MARK_LANDLINE, Action.MARK_FOREIGN}


def blame_contact(contact_id: int, code: Code, *, now: datetime) -> None:
    """Record an opt-out the carrier knows of, or mark the number; other codes are not the contact's fault."""
    if code.cls != Class.OPTED_OUT and code.action not in DEAD:
        return
    contact = Contact.objects.get(pk=contact_id)
    if code.cls == Class.OPTED_OUT:
        same = Contact.objects.filter(site=contact.site_id, phone=contact.phone) if contact.phone else [contact]
        wording = f"The carrier reports an opt-out (code {code.number})."
        care.withdraw_consent(same, source=ConsentSource.PROVIDER, wording=wording, by=None, now=now)
    elif contact.unusable_since is None:
        contact.unusable_since, contact.unusable_reason = now, f"{code.meaning} (code {code.number})"[:120]
        contact.save(update_fields=["unusable_since", "unusable_reason"])
