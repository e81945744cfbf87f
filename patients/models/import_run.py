"""A file somebody uploaded to import patients, how far its import has come, and what became of each row."""

from django.db import models
from django.db.models import Q

from patients.models.scoped import SiteScoped
from patients.models.site import Site
from patients.models.staff import StaffMember


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", "Uploaded"
    RUNNING = "running", "Running"
    STOPPED = "stopped", "Stopped"
    FINISHED = "finished", "Finished"
    FAILED = "failed", "Not possible"


class ImportRunQuerySet(SiteScoped["ImportRun"]):
    """Runs of a site."""


class ImportRun(models.Model):
    """`content` is the file itself, personal data: emptied as soon as the import has finished, or after a week.

    `settings`: what somebody said about the file (columns, encoding, order of dates, consent). `done`: rows that are
    done, from the beginning of the file. `worked_at`: the last sign of life of whoever works at it.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="import_runs")
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    suffix = models.CharField(max_length=12, help_text="The end of the file's name; the name itself is not kept.")
    content = models.BinaryField(null=True)
    settings = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.UPLOADED)
    is_trial = models.BooleanField(default=False, help_text="A dry run: everything is done, and nothing is kept.")
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    says = models.CharField(max_length=500, blank=True, help_text="Why it was not possible.")
    worked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["site", "-at"], name="import_run_by_site")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="import_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state="finished", is_trial=False) | Q(content=None), name="imported_file_is_deleted"
            ),
        ]

    def __str__(self) -> str:
        return f"Import of {self.at:%Y-%m-%d %H:%M} UTC"


class ImportedRows(models.Model):
    """What became of some rows, in the order of the file: refusals and warnings, never a name or an address."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="parts")
    first = models.PositiveIntegerField(help_text="How many rows come before these.")
    lines = models.JSONField(default=list, help_text="Place, number, outcome, kind, why and sentence of each.")

    class Meta:
        ordering = ["first"]
        constraints = [models.UniqueConstraint(fields=["run", "first"], name="rows_are_reported_once")]

    def __str__(self) -> str:
        return f"Rows from {self.first + 1} of {self.run}"
