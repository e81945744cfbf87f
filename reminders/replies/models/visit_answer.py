"""What a text says about a visit: which booking it answers, so that a visit that moves starts afresh."""

from typing import Self

from django.db import models

from patients.models import CheckUp, Site
from patients.models.scoped import SiteScoped
from reminders.replies.models.reply import Reply
from reminders.replies.parsing.meaning import Intent


class VisitAnswerQuerySet(SiteScoped["VisitAnswer"]):
    def of_booking(self, check_up: CheckUp) -> Self:
        """About the time the visit is booked for now; in the order they were written."""
        rows = self.filter(check_up=check_up, booking=check_up.bookings).select_related("reply")
        return rows.order_by("reply__received_at", "reply__pk")

    def to_ask(self) -> Self:
        """An opt-out that may have been meant for the visit, and that nobody has asked about yet."""
        return self.filter(reply__intent=Intent.STOP, reply__handled_at=None)


class VisitAnswer(models.Model):
    """Append-only. The reply's intent says what was answered: yes, cannot come, new time, call me; or an opt-out."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="visit_answers")
    check_up = models.ForeignKey(CheckUp, on_delete=models.CASCADE, related_name="answers")
    booking = models.PositiveSmallIntegerField(help_text="Which of the visit's bookings: counts from 1.")

    objects = VisitAnswerQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["reply", "check_up"], name="one_answer_per_reply_and_visit"),
        ]

    def __str__(self) -> str:
        return f"{self.reply.get_intent_display()}, booking {self.booking}"
