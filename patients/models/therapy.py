"""A session of physical therapy: planned, then attended or missed. Part of how well a plan is kept."""

from django.db import models
from django.db.models import Q

from patients.models.scoped import SiteScoped
from patients.models.site import Site
from patients.models.staff import StaffMember
from patients.models.surgery import Surgery


class SessionState(models.TextChoices):
    PLANNED = "planned"
    ATTENDED = "attended"
    MISSED = "missed"


class SessionSource(models.TextChoices):
    STAFF = "staff", "recorded by staff"
    PATIENT = "patient", "reported by the patient"


class TherapySessionQuerySet(SiteScoped["TherapySession"]):
    pass


class TherapySession(models.Model):
    """One session for each day; `day` is the site's day."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    surgery = models.ForeignKey(Surgery, on_delete=models.CASCADE, related_name="therapy_sessions")
    day = models.DateField()
    state = models.CharField(max_length=8, choices=SessionState.choices, default=SessionState.PLANNED)
    source = models.CharField(max_length=8, choices=SessionSource.choices, default=SessionSource.STAFF)
    by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = TherapySessionQuerySet.as_manager()

    class Meta:
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["surgery", "day"],
                name="one_therapy_session_per_day",
                violation_error_message="A session is already recorded for that day. Change that one.",
            ),
            models.CheckConstraint(condition=Q(state__in=SessionState.values), name="therapy_session_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"session, {self.day}"
