"""A protocol and its versions: draft, then signed by a surgeon, then retired. A signed version never changes."""

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from patients import validators
from patients.models import Procedure, Site, StaffMember
from patients.models.scoped import SiteScoped
from patients.models.surgery import Family

VISIT_NOTICES = "visit:notices"  # not a slug, so that no protocol of a clinic has this code


class ProtocolQuerySet(SiteScoped["Protocol"]):
    pass


class ShownProtocols(models.Manager["Protocol"]):
    """Without the one that holds Aftercare's own words about visits: nobody edits, signs or chooses that."""

    def get_queryset(self) -> ProtocolQuerySet:
        return ProtocolQuerySet(self.model, using=self._db).exclude(code=VISIT_NOTICES)


class Protocol(models.Model):
    """Each site has its own: what one clinic edits and signs, another does not see."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="protocols")
    code = models.SlugField()
    name = models.CharField(max_length=120)
    family = models.CharField(max_length=16, choices=Family.choices)
    summary = models.TextField(blank=True)

    objects = ShownProtocols.from_queryset(ProtocolQuerySet)()
    everything = models.Manager["Protocol"]()

    class Meta:
        ordering = ["site", "name"]
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="one_protocol_per_code")]

    def __str__(self) -> str:
        return self.name

    @property
    def signed_version(self) -> "ProtocolVersion | None":
        """The signed version, or None."""
        return self.versions.filter(state=VersionState.SIGNED).first()


class DefaultProtocol(models.Model):
    """Which protocol a procedure starts with at a site; the surgeon may choose another when enrolling."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="default_protocols")
    procedure = models.ForeignKey(Procedure, on_delete=models.CASCADE, related_name="default_protocols")
    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="default_for")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "procedure"], name="one_default_protocol_per_procedure")]

    def __str__(self) -> str:
        return f"{self.procedure}: {self.protocol}"


class VersionState(models.TextChoices):
    DRAFT = "draft"
    SIGNED = "signed"
    RETIRED = "retired"


class VersionQuerySet(models.QuerySet["ProtocolVersion"]):
    def for_staff(self, staff: StaffMember) -> Self:
        """Only versions of the staff member's own sites."""
        return self.filter(protocol__in=Protocol.objects.for_staff(staff))

    def signed(self) -> Self:
        """Signed and not retired."""
        return self.filter(state=VersionState.SIGNED)


class ShownVersions(models.Manager["ProtocolVersion"]):
    """As `ShownProtocols`."""

    def get_queryset(self) -> VersionQuerySet:
        return VersionQuerySet(self.model, using=self._db).exclude(protocol__code=VISIT_NOTICES)


class ProtocolVersion(models.Model):
    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=8, choices=VersionState.choices, default=VersionState.DRAFT)
    expected_pain = models.JSONField(
        default=list,
        blank=True,
        validators=[validators.expected_pain],
        help_text="The expected course, to draw a patient's answers beside: [[day, lowest, highest], …], pain 0 to 10.",
    )
    blanks = models.JSONField(
        default=dict,
        blank=True,
        help_text="What a surgeon fills in or strikes before signing: {name: {value, why}}; reminders.plan.blanks.",
    )
    advice = models.JSONField(
        "questions people ask",
        default=dict,
        blank=True,
        help_text="For the patient's page, per language: a line each, the question first and then its answer.",
    )
    signed_by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)

    objects = ShownVersions.from_queryset(VersionQuerySet)()
    everything = models.Manager["ProtocolVersion"]()

    class Meta:
        ordering = ["protocol", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["protocol", "number"], name="one_version_per_number"),
            models.UniqueConstraint(
                fields=["protocol"], condition=Q(state="signed"), name="one_signed_version_per_protocol"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(signed_by__isnull=False, signed_at__isnull=False),
                name="signed_version_has_signature",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.protocol}, version {self.number}"

    @property
    def site_id(self) -> int:
        return self.protocol.site_id

    def refuse_change(self) -> None:
        """Raises ValidationError unless this is a draft."""
        if self.state != VersionState.DRAFT:
            raise ValidationError(f"{self} is {self.state} and cannot change. Make a new version and edit that.")
