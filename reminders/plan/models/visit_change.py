"""The times a visit has had: what a patient was told is held against the last of them."""

from django.db import models

from patients.models import CheckUp


class VisitTimeChange(models.Model):
    """Written whenever a plan is laid out and finds the visit at another time than before."""

    check_up = models.ForeignKey(CheckUp, on_delete=models.CASCADE, related_name="time_changes")
    number = models.PositiveIntegerField(help_text="Counts from 1; 0: as it was before changes were kept.")
    at = models.DateTimeField(help_text="When it was changed.")
    starts = models.DateTimeField(null=True, blank=True, help_text="Empty: it does not take place.")
    bookings = models.PositiveSmallIntegerField(help_text="The number of the booking then.")
    offset = models.PositiveSmallIntegerField(
        default=0, help_text="Added to the number in calendar entries, which counted bookings before."
    )
    was = models.DateTimeField(null=True, blank=True, help_text="The time the patient may have been told before.")

    class Meta:
        ordering = ["check_up", "number"]
        constraints = [models.UniqueConstraint(fields=["check_up", "number"], name="one_time_change_per_number")]

    def __str__(self) -> str:
        return f"{self.check_up}, change {self.number}"
