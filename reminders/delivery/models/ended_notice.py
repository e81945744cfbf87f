"""A notice about a visit's time that ended without arriving: its plan is to be laid out again."""

from django.db import models

from reminders.plan.models import Reminder


class EndedNotice(models.Model):
    """Written with the end of the notice, removed once its plan has been laid out: no end is missed, whoever fails.

    A second row for the same notice does no harm.
    """

    reminder = models.ForeignKey(Reminder, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"reminder {self.reminder_id}"
