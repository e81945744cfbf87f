"""A calendar that other programs subscribe to, behind a secret address of its own."""

import secrets

from django.db import models
from django.db.models import Q

from patients.models.patient import Patient
from patients.models.scoped import SiteScoped
from patients.models.site import Site
from patients.models.staff import StaffMember


def new_key() -> str:
    """192 random bits: who has it sees the calendar, and nobody else can guess it."""
    return secrets.token_urlsafe(24)


class CalendarFeedQuerySet(SiteScoped["CalendarFeed"]):
    pass


class CalendarFeed(models.Model):
    """Of a patient, of a surgeon at one site, or (neither is set) of the whole site. A revoked one stays as a trace."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="calendar_feeds")
    patient = models.ForeignKey(Patient, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    surgeon = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=40, unique=True, default=new_key, editable=False)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(patient=None) | Q(surgeon=None), name="calendar_feed_of_one"),
            models.UniqueConstraint(
                fields=["site", "patient"],
                condition=Q(revoked_at=None, patient__isnull=False),
                name="one_calendar_feed_of_a_patient",
            ),
            models.UniqueConstraint(
                fields=["site", "surgeon"],
                condition=Q(revoked_at=None, surgeon__isnull=False),
                name="one_calendar_feed_of_a_surgeon",
            ),
            models.UniqueConstraint(
                fields=["site"],
                condition=Q(revoked_at=None, patient=None, surgeon=None),
                name="one_calendar_feed_of_a_site",
            ),
        ]

    def __str__(self) -> str:
        return f"calendar {self.pk}"
