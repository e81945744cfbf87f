"""How a patient or a caregiver is reached, and what they agreed to. The viewset's part lives in `patients`."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from clinic.api.fields import Choice, Email, Language, NameOf, PersonName, Phone, Strict, Text
from patients.consent import ConsentKind
from patients.models import ConsentEvent, Contact, Patient, StaffMember
from patients.models.contact import Channel, ConsentSource, Relationship, Scope
from reminders.enrolment import NewContact

NEVER_ASKED = "never_asked"
CONSENT_KINDS = [(kind.value, kind.value) for kind in ConsentKind]
CONSENT_STATES = [*CONSENT_KINDS, (NEVER_ASKED, "never asked: nothing is sent")]
SOURCES = [(s.value, s.label) for s in (ConsentSource.PAPER, ConsentSource.VERBAL, ConsentSource.IMPORT)]


class ConsentEventSerializer(serializers.ModelSerializer[ConsentEvent]):
    by = NameOf(help_text="Null: the patient, or the carrier.")

    class Meta:
        model = ConsentEvent
        fields = ["kind", "source", "wording", "by", "at"]


class ContactSerializer(serializers.ModelSerializer[Contact]):
    channel = serializers.ChoiceField(choices=Channel.choices, read_only=True)
    phone = serializers.SerializerMethodField(help_text="E.164, or empty.")
    consent = serializers.SerializerMethodField(help_text="The latest event counts.")
    consent_events = ConsentEventSerializer(many=True, read_only=True, help_text="Oldest first; never changed.")

    class Meta:
        model = Contact
        fields = [
            "id", "relationship", "name", "channel", "phone", "email", "language", "scope", "is_trial_recipient",
            "unusable_since", "unusable_reason", "ended_at", "consent", "consent_events",
        ]  # fmt: skip

    def get_phone(self, contact: Contact) -> str:
        return str(contact.phone.as_e164) if contact.phone else ""

    @extend_schema_field(serializers.ChoiceField(choices=CONSENT_STATES))
    def get_consent(self, contact: Contact) -> str:
        events = list(contact.consent_events.all())  # prefetched, oldest first
        return events[-1].kind if events else NEVER_ASKED


def contacts_of(me: StaffMember, patient: Patient | None = None) -> QuerySet[Contact]:
    """Contacts of the caller's sites, of one patient if given, with their consent events."""
    events = Prefetch("consent_events", ConsentEvent.objects.select_related("by"))
    rows = Contact.objects.for_staff(me).prefetch_related(events)
    return rows.filter(patient=patient) if patient else rows


class ConsentInput(Strict):
    source = Choice(SOURCES, help_text="How the patient said so.")  # type: ignore[assignment]
    wording = Text(max_length=2000, help_text="What was agreed to or said, word for word.")


class ScopeInput(ConsentInput):
    scope = Choice(Scope, help_text="Which messages the patient lets this caregiver get.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A phone, with consent",
            {
                "phone": "+12025550123",
                "consent": {"source": "paper", "wording": "I agree to get care messages from the clinic."},
            },
            request_only=True,
        )
    ]
)
class ContactInput(Strict):
    """One phone number or one e-mail address. Without `consent` nothing is sent to it."""

    phone = Phone(required=False, max_length=40)
    email = Email(required=False, max_length=254)
    relationship = Choice(Relationship, default=Relationship.SELF)
    name = PersonName(required=False, max_length=120, allow_blank=True, help_text="The caregiver's name.")
    language = Language(required=False, max_length=16, help_text="BCP 47, such as es. Default: the patient's.")
    scope = Choice(Scope, default=Scope.ALL)
    consent = ConsentInput(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs.get("phone")) == bool(attrs.get("email")):
            raise serializers.ValidationError("Give one phone number or one e-mail address, not both, not neither.")
        return attrs


def new_contact(given: dict[str, Any]) -> NewContact:
    """The validated fields of one contact as the action takes them; no wording means no consent."""
    facts = dict(given)
    consent = facts.pop("consent", None) or {"source": "", "wording": ""}
    return NewContact(**facts, consent_source=consent["source"], consent_wording=consent["wording"])


def refuse_twice(contacts: list[dict[str, Any]]) -> None:
    """Raise a ValidationError that names each address listed a second time."""
    addresses = [contact.get("phone") or contact.get("email") for contact in contacts]
    twice = {n: ["This is listed twice. Leave one out."] for n, a in enumerate(addresses) if a in addresses[:n]}
    if twice:
        raise serializers.ValidationError({"contacts": {str(n): text for n, text in twice.items()}})
