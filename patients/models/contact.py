"""Where a patient or a caregiver can be reached, and what they agreed to."""

from typing import Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from phonenumber_field.modelfields import PhoneNumberField

from patients import consent, validators
from patients.models.identity import PersonNameField
from patients.models.mailbox import MailboxField
from patients.models.patient import Patient
from patients.models.scoped import SiteScoped
from patients.models.site import Site
from patients.models.staff import StaffMember


class Channel(models.TextChoices):
    SMS = "sms", "text"
    EMAIL = "email", "e-mail"


class Relationship(models.TextChoices):
    SELF = "self", "the patient"
    CAREGIVER = "caregiver", "a caregiver"


class Scope(models.TextChoices):
    ALL = consent.ALL, "everything"
    VISITS = consent.VISITS, "visits only"
    WARNINGS = consent.WARNINGS, "visits and warnings"


class ContactQuerySet(SiteScoped["Contact"]):
    def with_consent(self) -> Self:
        """Adds `consent_kind`: that of the latest consent event, or None where nobody was ever asked."""
        latest = ConsentEvent.objects.filter(contact=OuterRef("pk")).order_by("-pk")
        return self.annotate(consent_kind=Subquery(latest.values("kind")[:1]))

    def reachable(self) -> Self:
        """Contacts that may be sent to: in use, reachable, and consent was given and not withdrawn."""
        return self.with_consent().filter(ended_at=None, unusable_since=None, consent_kind=consent.ConsentKind.GIVEN)


class Contact(models.Model):
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")  # the patient's; for scoping and STOP
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="contacts")
    relationship = models.CharField(max_length=12, choices=Relationship.choices, default=Relationship.SELF)
    name = PersonNameField(max_length=120, blank=True, help_text="The caregiver's name.")
    phone = PhoneNumberField(blank=True)
    email = MailboxField(blank=True)
    language = models.CharField(max_length=16, validators=[validators.language], default="en")
    scope = models.CharField(max_length=12, choices=Scope.choices, default=Scope.ALL)
    is_trial_recipient = models.BooleanField(default=False, help_text="Gets messages while the site is in trial mode.")
    unusable_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when a carrier reports that it cannot be reached."
    )
    unusable_reason = models.CharField(max_length=120, blank=True)
    held_since = models.DateTimeField(
        null=True, blank=True, help_text="May be an opt-out: nothing is sent until somebody has decided."
    )
    held_reason = models.CharField(max_length=120, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    consent_kind: str | None  # only on rows that come from `with_consent`

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["site", "phone"], name="contact_by_phone"),
            models.Index(fields=["site", "email"], name="contact_by_email"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(Q(phone="") & ~Q(email="")) | (~Q(phone="") & Q(email="")),
                name="contact_is_phone_or_email",
                violation_error_message="Enter either a phone number or an e-mail address.",
            ),
            models.UniqueConstraint(
                fields=["patient", "phone"],
                condition=~Q(phone="") & Q(ended_at=None),
                name="one_contact_per_phone",
                violation_error_message="This patient already has this phone number. Change that contact instead.",
            ),
            models.UniqueConstraint(
                fields=["patient", "email"],
                condition=~Q(email="") & Q(ended_at=None),
                name="one_contact_per_email",
                violation_error_message="This patient already has this e-mail address. Change that contact instead.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_relationship_display()}, {self.get_channel_display()}"

    @property
    def channel(self) -> str:
        """`sms` for a phone, `email` for an e-mail address."""
        return Channel.SMS if self.phone else Channel.EMAIL

    def get_channel_display(self) -> str:
        return str(Channel(self.channel).label)

    @property
    def address(self) -> str:
        """E.164 or the e-mail address: what the provider is given."""
        return str(self.phone.as_e164) if self.phone else self.email


class ConsentSource(models.TextChoices):
    PAPER = "paper", "signed on paper"
    VERBAL = "verbal", "in person or by phone"
    SMS = "sms", "answered by text"
    LINK = "link", "by a link in a message"
    IMPORT = "import", "from an import"
    PROVIDER = "provider", "reported by the carrier"


class ConsentEvent(models.Model):
    """Append-only; the latest one counts, by order of writing and not by a clock that may be wrong.

    No row at all means: nobody asked, so nothing is sent.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="consent_events")
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in consent.ConsentKind])
    source = models.CharField(max_length=12, choices=ConsentSource.choices)
    wording = models.TextField(help_text="What was agreed to or said, word for word.")
    by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["contact", "-id"], name="latest_consent")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(consent.ConsentKind)), name="consent_kind_is_known"),
            models.CheckConstraint(condition=~Q(wording=""), name="consent_has_wording"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.get_source_display()}"
