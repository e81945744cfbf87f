"""The audit table: who did what, where, to whom and when. Rows are added, never changed."""

from typing import Any, Never, Self

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, models
from django.db.models import Q

from patients.audit_guard import REFUSAL
from patients.models.patient import Patient
from patients.models.scoped import SiteScoped
from patients.models.site import Site
from patients.models.staff import StaffMember


class AuditQuerySet(SiteScoped["AuditEntry"]):
    """What would change or delete rows raises IntegrityError, as the database itself does; see patients.audit_guard."""

    def of(self, row: models.Model) -> Self:
        """Entries about this row."""
        return self.filter(content_type=ContentType.objects.get_for_model(row), object_id=row.pk)

    def in_order(self) -> Self:
        """Oldest first; at the same moment, in the order of writing."""
        return self.order_by("at", "pk")

    def update(self, **_kwargs: Any) -> Never:
        raise IntegrityError(REFUSAL)

    def delete(self) -> Never:
        raise IntegrityError(REFUSAL)


class AuditEntry(models.Model):
    """`by` None: the patient, the provider or the plan itself. `details` are shown to staff as they are.

    `site`: where it was done; what concerns every site stands there once for each. Empty only in rows from before sites
    were recorded. `patient`: whom it concerns, where it is one. `content_type` and `object_id`: the row it was done to.
    """

    at = models.DateTimeField()
    by = models.ForeignKey(
        StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    site = models.ForeignKey(
        Site, null=True, blank=True, on_delete=models.PROTECT, related_name="audit_entries", db_index=False
    )
    patient = models.ForeignKey(
        Patient, null=True, blank=True, on_delete=models.PROTECT, related_name="audit_entries", db_index=False
    )
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+", db_index=False)
    object_id = models.BigIntegerField()
    verb = models.CharField(max_length=80)
    details = models.JSONField(default=dict)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [  # each of them answers one question in the order of time, whichever end it is read from
            models.Index(fields=["site", "at", "id"], name="audit_by_site"),
            models.Index(fields=["patient", "at", "id"], name="audit_by_patient"),
            models.Index(fields=["content_type", "object_id", "at", "id"], name="audit_by_row"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(verb=""), name="audit_entry_has_a_verb"),
            models.CheckConstraint(
                condition=Q(patient__isnull=True) | Q(site__isnull=False), name="audit_of_a_patient_has_a_site"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb}, {self.at:%Y-%m-%d %H:%M} UTC"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise IntegrityError(REFUSAL)
        super().save(*args, **kwargs | {"force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> Never:
        raise IntegrityError(REFUSAL)
