"""Which column of a site's files holds which field, as somebody there has said: kept for the next file."""

from django.db import models

from patients.models.site import Site


class FileKind(models.TextChoices):
    PATIENTS = "patients"
    OPERATIONS = "operations"


class ColumnMapping(models.Model):
    """`column` as `clinic.exchange.columns.spelt` writes it; `field` empty: the column is not read."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="column_mappings")
    kind = models.CharField(max_length=10, choices=FileKind.choices)
    column = models.CharField(max_length=120)
    field = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "kind", "column"], name="one_mapping_per_column"),
            models.CheckConstraint(condition=models.Q(kind__in=FileKind.values), name="column_mapping_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.column} as {self.field or 'nothing'}"
