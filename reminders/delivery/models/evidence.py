"""What tells of a delivery: attempts (one call each), reports (evidence of them), transitions (its story)."""

import uuid

from django.db import models
from django.db.models import F, Q

from reminders.delivery.models.delivery import STATES, Delivery


class Attempt(models.Model):
    """One call to the provider. Its id rides in the callback address, so the first callback settles a lost answer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField(default=1)
    route = models.CharField(max_length=8)  # outbox, twilio, smtp: by which door it left
    started_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, blank=True)  # accepted, refused, not_processed, unknown
    provider_id = models.CharField(max_length=254, blank=True)
    code = models.PositiveIntegerField(default=0)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["delivery", "number"]
        indexes = [
            models.Index(fields=["lease_until"], condition=Q(outcome=""), name="attempt_leased"),
            models.Index(fields=["started_at"], name="attempt_by_start"),
            models.Index(fields=["provider_id"], condition=Q(route="smtp"), name="attempt_by_mail_id"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="one_attempt_per_number"),
            models.UniqueConstraint(  # a mail keeps its Message-ID when it is sent again
                fields=["provider_id"],
                condition=~Q(provider_id="") & ~Q(route="smtp"),
                name="one_attempt_per_provider_id",
            ),
            models.CheckConstraint(condition=Q(lease_until__gt=F("started_at")), name="attempt_lease_lasts"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number}, {self.outcome or 'running'}"


class Report(models.Model):
    """Evidence, kept as it came. `attempt_ref` is what the callback named; an unknown one is kept as an orphan."""

    attempt = models.ForeignKey(Attempt, null=True, blank=True, on_delete=models.CASCADE, related_name="reports")
    attempt_ref = models.UUIDField()
    source = models.CharField(max_length=10)  # answer, callback
    provider_id = models.CharField(max_length=254, blank=True)
    status = models.CharField(max_length=24)
    code = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField()
    is_against = models.BooleanField(  # the database's default: a worker of the release before knows no such column
        default=False, db_default=False, help_text="It came after the message had another final result (T19)."
    )

    class Meta:
        ordering = ["received_at", "pk"]
        indexes = [models.Index(fields=["received_at"], condition=Q(is_against=True), name="report_against")]
        constraints = [
            models.UniqueConstraint(
                fields=["attempt_ref", "source", "provider_id", "status"], name="one_report_per_status"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.status}"


GIVEN_UP = ["undelivered_perm", "rejected", "suppressed", "cancelled", "expired", "unconfirmed"]


class Transition(models.Model):
    """One step in the life of a delivery, with when and why: read in order, they are the story of one message."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="transitions")
    at = models.DateTimeField()
    was = models.CharField(max_length=18, choices=STATES, blank=True)  # empty: it was opened
    state = models.CharField(max_length=18, choices=STATES)
    reason = models.CharField(max_length=20, blank=True)
    code = models.PositiveIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=0, help_text="How many attempts had started.")
    until = models.DateTimeField(null=True, blank=True, help_text="Held: not before then.")

    class Meta:
        ordering = ["pk"]
        indexes = [  # rare rows: what is counted of them costs nothing
            models.Index(fields=["at"], condition=Q(state="delivered", was__in=GIVEN_UP), name="transition_late"),
        ]

    def __str__(self) -> str:
        return f"{self.was or 'opened'} to {self.state}"
