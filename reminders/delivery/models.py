"""A delivery is the promise on one channel to one contact; an attempt is one call; a report is evidence of it."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from patients.models import Contact, Site
from patients.models.contact import Channel
from patients.models.scoped import SiteScoped
from reminders.delivery.state import OPEN, State
from reminders.plan.models import Reminder
from reminders.plan.reasons import SENTENCES, Reason

STATES = [(state.value, state.value.replace("_", " ")) for state in State]


class Sender(models.Model):
    """What a site writes from: a number, a messaging service (MG…) or an e-mail address."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="senders")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    address = models.CharField(max_length=254)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "channel"], name="one_sender_per_channel"),
            models.UniqueConstraint(
                fields=["address"],
                condition=Q(channel="sms"),
                name="one_site_per_sms_number",
                violation_error_message="Another site writes from this number. A reply to it could not be told apart.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} from {self.address}"


class DeliveryQuerySet(SiteScoped["Delivery"]):
    def claimable(self, now: datetime) -> Self:
        return self.filter(state=State.QUEUED, not_before__lte=now)

    def open(self) -> Self:
        return self.filter(state__in=OPEN)


class Delivery(models.Model):
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="deliveries")
    reminder = models.ForeignKey(Reminder, on_delete=models.CASCADE, related_name="deliveries")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    state = models.CharField(max_length=18, choices=STATES, default=State.QUEUED)
    reason = models.CharField(max_length=20, blank=True, help_text="A code; `why` says it in words.")
    not_before = models.DateTimeField()
    useful_until = models.DateTimeField()
    attempt_count = models.PositiveSmallIntegerField(default=0)
    language = models.CharField(max_length=16, blank=True)
    text = models.TextField(blank=True, help_text="As it was sent.")
    subject = models.CharField(max_length=200, blank=True)
    parts = models.PositiveSmallIntegerField(default=0, help_text="What the carrier counts and charges.")
    claimed_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["channel", "not_before", "id"], condition=Q(state="queued"), name="delivery_queued"),
            models.Index(fields=["state", "claimed_at"], condition=Q(state__in=list(OPEN)), name="delivery_open"),
            models.Index(fields=["site", "claimed_at"], name="delivery_by_site"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["reminder", "contact"], name="one_delivery_per_contact"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="delivery_state_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "suppressed", "cancelled", "expired"]) | Q(attempt_count__gte=1),
                name="started_delivery_has_attempt",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}, {self.get_state_display()}"

    @property
    def why(self) -> str:
        return SENTENCES[Reason(self.reason)]


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
        indexes = [models.Index(fields=["lease_until"], condition=Q(outcome=""), name="attempt_leased")]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="one_attempt_per_number"),
            models.UniqueConstraint(
                fields=["provider_id"], condition=~Q(provider_id=""), name="one_attempt_per_provider_id"
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

    class Meta:
        ordering = ["received_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["attempt_ref", "source", "provider_id", "status"], name="one_report_per_status"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.status}"
