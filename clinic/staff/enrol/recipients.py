"""Who would hear of it, from the form or from what is known, and how that is said."""

from dataclasses import dataclass

from clinic.staff.enrol.form_set import EnrolForms
from patients.models import Patient
from patients.models.contact import Channel, Contact, Relationship
from reminders.plan.reasons import Reason


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who may be written to; `agreed` as ticked on the form, or as recorded for a known patient."""

    channel: str
    language: str
    name: str
    is_patient: bool
    agreed: bool
    scope: str


def recipients(forms: EnrolForms) -> list[Recipient]:
    language = str(forms.patient.cleaned_data.get("language") or forms.site.language)
    return [
        Recipient(
            channel=Channel.EMAIL if new.email else Channel.SMS,
            language=new.language or language,
            name=new.name,
            is_patient=new.relationship == Relationship.SELF,
            agreed=bool(new.consent_wording),
            scope=new.scope,
        )
        for new in forms.new_contacts()
    ]


def known_recipients(patient: Patient) -> list[Recipient]:
    rows = Contact.objects.for_site(patient.site).with_consent().filter(patient=patient, ended_at=None)
    return [
        Recipient(
            channel=row.channel,
            language=row.language,
            name=row.name,
            is_patient=row.relationship == Relationship.SELF,
            agreed=row.consent_kind == "given",
            scope=row.scope,
        )
        for row in rows.filter(unusable_since=None)
    ]


def aloud(patient: Patient) -> Recipient:
    return Recipient(Channel.SMS, patient.language, "", is_patient=True, agreed=False, scope="all")


def unreachable(reason: Reason, people: list[Recipient]) -> str:
    if not people:
        return "There is no phone number or e-mail address."
    return "There is no consent." if reason == Reason.NO_CONSENT else "No address can be used for this one."


def addressed(person: Recipient) -> str:
    who = "the patient" if person.is_patient else person.name or "the caregiver"
    if not person.agreed:
        return "to say on the phone"
    return f"{Channel(person.channel).label} to {who}"
