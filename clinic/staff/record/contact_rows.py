"""Who is told about this patient: each contact with what may be done about it, and who else is reached there."""

from collections.abc import Iterable
from dataclasses import dataclass

from clinic.staff import formats
from clinic.staff.record.forms import ConsentForm, RevokeForm, SaidForm, ScopeForm
from clinic.staff.shared_phones import Served, served
from patients.consent import ConsentKind
from patients.models import Contact, StaffMember
from patients.models.contact import Channel, Relationship
from reminders.delivery.sending.recipient_names import RecipientName, named


@dataclass(frozen=True, slots=True)
class ContactRow:
    """`name`: how a message to there names this patient, where it must. A caregiver has `scope` and `revoke`."""

    contact: Contact
    language: str
    consent: ConsentForm
    scope: ScopeForm | None
    revoke: RevokeForm | None
    others: list[Served]
    name: RecipientName | None

    @property
    def of_what(self) -> str:
        return "phone" if self.contact.phone else "mailbox"


def contact_rows(contacts: Iterable[Contact], *, staff: StaffMember, refused: SaidForm | None) -> list[ContactRow]:
    """Those in use. `refused`: a form that could not be saved, shown again with what was typed."""
    used = [contact for contact in contacts if contact.ended_at is None]
    patient = used[0].patient_id if used else 0
    there = served(((contact.site_id, contact.address) for contact in used), staff=staff, but=patient)
    others = {contact.pk: there.get((contact.site_id, contact.address), []) for contact in used}
    to_name = [c for c in used if others[c.pk] or c.relationship == Relationship.CAREGIVER]
    names = {pk: name for channel in Channel for pk, name in _named(channel, to_name).items()}
    return [_row(contact, others[contact.pk], names.get(contact.pk), refused) for contact in used]


def _named(channel: Channel, contacts: list[Contact]) -> dict[int, RecipientName]:
    keys = [contact.pk for contact in contacts if contact.channel == channel]
    return named(channel, keys) if keys else {}


def _row(contact: Contact, others: list[Served], name: RecipientName | None, refused: SaidForm | None) -> ContactRow:
    is_caregiver = contact.relationship == Relationship.CAREGIVER
    fresh = ConsentForm(contact=contact, given=contact.consent_kind == ConsentKind.GIVEN)
    mine = refused if refused and refused.contact.pk == contact.pk else None
    return ContactRow(
        contact=contact,
        language=formats.language(contact.language),
        consent=mine if isinstance(mine, ConsentForm) else fresh,
        scope=(mine if isinstance(mine, ScopeForm) else ScopeForm(contact=contact)) if is_caregiver else None,
        revoke=(mine if isinstance(mine, RevokeForm) else RevokeForm(contact=contact)) if is_caregiver else None,
        others=others,
        name=name,
    )
