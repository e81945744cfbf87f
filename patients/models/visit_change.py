"""What was done to a visit, and how it stood before: the last of it can be undone."""

from typing import Self

from django.db import models

from patients.models.checkup import CheckUp, CheckUpState
from patients.models.staff import StaffMember


class VisitChangeKind(models.TextChoices):
    BOOKED = "booked"
    MOVED = "moved"
    CONFIRMED = "confirmed"
    ATTENDED = "attended"
    MISSED = "missed"
    FREED = "freed"
    NOT_NEEDED = "not_needed", "not needed"
    UNDONE = "undone"


class VisitChangeQuerySet(models.QuerySet["VisitChange"]):
    def latest_first(self) -> Self:
        return self.order_by("-pk").select_related("by")


class VisitChange(models.Model):
    """One change. `was_…`: the visit before it; what it became stands on the visit. `by`: None for the patient."""

    check_up = models.ForeignKey(CheckUp, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=VisitChangeKind.choices)
    by = models.ForeignKey(StaffMember, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    number = models.PositiveIntegerField(help_text="The visit's `revision` once this was done.")
    was_state = models.CharField(max_length=10, choices=CheckUpState.choices)
    was_booked_for = models.DateTimeField(null=True)
    was_offset = models.SmallIntegerField(null=True, help_text="The visit's `booked_offset` then.")
    was_bookings = models.PositiveSmallIntegerField()
    was_why = models.CharField(max_length=200, blank=True)
    bookings = models.PositiveSmallIntegerField(help_text="The visit's `bookings` once this was done.")

    objects = VisitChangeQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["check_up", "number"], name="one_visit_change_per_number"),
            models.CheckConstraint(
                condition=models.Q(kind__in=VisitChangeKind.values), name="visit_change_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
