"""A delivery: the promise on one channel to one contact."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from patients.models import Contact, Site
from patients.models.contact import Channel
from patients.models.scoped import SiteScoped
from reminders.delivery.state import OPEN, State
from reminders.plan.models import Reminder
from reminders.plan.reasons import SENTENCES, Reason

STATES = [(state.value, state.value.replace("_", " ")) for state in State]


class Priority(models.IntegerChoices):
    """The clinical order in which a backlog is sent: warnings, then visits, then everything else."""

    WARNING = 0
    VISIT = 1
    OTHER = 2


class DeliveryQuerySet(SiteScoped["Delivery"]):
    def claimable(self, now: datetime) -> Self:
        """Queued, and their time has come."""
        return self.filter(state=State.QUEUED, not_before__lte=now)

    def open(self) -> Self:
        """Not ended yet."""
        return self.filter(state__in=OPEN)


class Delivery(models.Model):
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="deliveries")
    reminder = models.ForeignKey(Reminder, on_delete=models.CASCADE, related_name="deliveries")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    state = models.CharField(max_length=18, choices=STATES, default=State.QUEUED)
    reason = models.CharField(max_length=20, blank=True, help_text="A code; `why` says it in words.")
    code = models.PositiveIntegerField(default=0, help_text="The provider's code behind the state, if it gave one.")
    priority = models.PositiveSmallIntegerField(default=Priority.OTHER, choices=Priority.choices)
    is_fallback = models.BooleanField(default=False, help_text="Sent because another channel did not work.")
    not_before = models.DateTimeField()
    useful_until = models.DateTimeField()
    attempt_count = models.PositiveSmallIntegerField(default=0)
    temporary_failures = models.PositiveSmallIntegerField(default=0)  # T13: how many more tries are left
    after_unknown = models.PositiveSmallIntegerField(default=0)  # T8: sent again without knowing; the possible doubles
    lost_leases = models.PositiveSmallIntegerField(default=0)  # T21: a third one is quarantined
    look_at = models.DateTimeField(null=True, blank=True)  # when the provider is asked what became of it
    looks = models.PositiveSmallIntegerField(default=0)  # empty look-ups in a row, or polls so far
    looked_at = models.DateTimeField(null=True, blank=True)
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
            models.Index(
                fields=["channel", "site", "priority", "not_before", "id"],
                condition=Q(state="queued"),
                name="delivery_queued",
            ),
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="delivery_to_look_up"),
            models.Index(fields=["contact", "claimed_at"], name="delivery_by_contact"),
            models.Index(fields=["state", "claimed_at"], condition=Q(state__in=list(OPEN)), name="delivery_open"),
            models.Index(fields=["site", "claimed_at"], name="delivery_by_site"),
            models.Index(fields=["claimed_at"], condition=Q(after_unknown__gt=0), name="delivery_perhaps_twice"),
            models.Index(fields=["settled_at"], condition=Q(state="unconfirmed"), name="delivery_unconfirmed"),
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
        """The reason in words; empty where there is none."""
        return SENTENCES[Reason(self.reason)]
