"""A text that comes in: kept whole, whatever it means, until somebody or something has dealt with it."""

from typing import Self

from django.db import models

from patients.models import Contact, Site, StaffMember
from patients.models.scoped import SiteScoped
from reminders.plan.models import Reminder
from reminders.replies.parsing.meaning import Intent


class ReplyQuerySet(SiteScoped["Reply"]):
    def to_read(self) -> Self:
        """What a person must still look at."""
        return self.filter(handled_at=None)


class Reply(models.Model):
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="replies")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="replies")
    provider_id = models.CharField(max_length=64, unique=True)
    from_address = models.CharField(max_length=64)
    to_address = models.CharField(max_length=64)
    text = models.TextField(blank=True)
    intent = models.CharField(max_length=16, choices=[(i.value, i.value.replace("_", " ")) for i in Intent])
    is_urgent = models.BooleanField(default=False, help_text="Shown first, until somebody has seen it.")
    question = models.ForeignKey(
        Reminder,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="answers",
        help_text="The reminder it answers.",
    )
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    effect = models.CharField(max_length=200, blank=True, help_text="What was done because of it.")
    answer = models.TextField(blank=True, help_text="The automatic answer, sent at once.")
    source = models.CharField(max_length=10, default="webhook")  # webhook, reconcile, page

    objects = ReplyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "replies"
        ordering = ["-received_at", "-pk"]
        indexes = [models.Index(fields=["site", "handled_at", "-received_at"], name="reply_to_read")]

    def __str__(self) -> str:
        return f"reply, {self.get_intent_display()}"
