"""The state of the system itself: breakers, the freeze after a restore, alarms, heartbeats."""

from django.db import models
from django.db.models import Q

from patients.models import Site
from patients.models.contact import Channel


class Breaker(models.Model):
    """Open: nothing leaves by this channel of this site (or of every site, where `site` is empty).

    It is probed with one message at `probe_at`; a probe that is accepted closes it (`closed_at`).
    """

    channel = models.CharField(max_length=8, choices=Channel.choices)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.CASCADE, related_name="breakers")
    code = models.PositiveIntegerField(default=0)
    why = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField()
    probe_at = models.DateTimeField()
    probes = models.PositiveSmallIntegerField(default=0, help_text="Test messages sent since it opened.")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "site"],
                condition=Q(closed_at=None, site__isnull=False),
                name="one_open_breaker_per_sender",
            ),
            models.UniqueConstraint(
                fields=["channel"],
                condition=Q(closed_at=None, site__isnull=True),
                name="one_open_breaker_per_channel",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}, {self.site or 'every site'}"


class Freeze(models.Model):
    """While one is in force nothing leaves at all: a restored back-up does not know what has gone out since."""

    since = models.DateTimeField()
    why = models.CharField(max_length=200)
    blind_from = models.DateTimeField(
        null=True, blank=True, help_text="Messages sent or received after this time may be unknown here."
    )
    reconciled_from = models.DateTimeField(null=True, blank=True, help_text="How far back the provider was asked.")
    reconciled_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    in_force = models.BooleanField(default=True)

    class Meta:
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(fields=["in_force"], condition=Q(in_force=True), name="one_freeze_at_a_time")
        ]

    def __str__(self) -> str:
        return f"held since {self.since:%Y-%m-%d %H:%M} UTC"


class Alarm(models.Model):
    """Something the administrator must look at; raised again while open, it only counts up."""

    kind = models.SlugField(max_length=30)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.CASCADE, related_name="alarms")
    subject = models.CharField(max_length=60, blank=True, help_text="Tells two alarms of a kind apart, such as a code.")
    detail = models.CharField(max_length=200, blank=True, help_text="For people; never a name, a number or a text.")
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-last_at"]
        indexes = [models.Index(fields=["kind", "subject"], condition=Q(cleared_at=None), name="alarm_open")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()


class Heartbeat(models.Model):
    """When a part of the system last ran."""

    name = models.SlugField(max_length=30, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%H:%M:%S} UTC"


class RoundCounter(models.Model):
    """One row: how many rounds and claims this database has seen. It only rises, and is noted outside the database."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_round_counter")]

    def __str__(self) -> str:
        return f"round {self.number}"


class ProviderClock(models.Model):
    """How far our clock was ahead of a provider's (its route) when it last answered; `apart_since`: while too far."""

    provider = models.SlugField(max_length=30, unique=True)
    ahead = models.FloatField(help_text="Seconds that our clock is ahead of the provider's.")
    measured_at = models.DateTimeField()
    apart_since = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.provider}: {self.ahead:+.0f} s"


class Notice(models.Model):
    """One event of the provider's own error log, kept so that the same one again does nothing. Not its payload: that
    quotes texts and numbers.
    """

    sid = models.CharField(max_length=64, unique=True)
    code = models.PositiveIntegerField()
    level = models.CharField(max_length=16)
    message_id = models.CharField(max_length=64, blank=True, help_text="Of the message it is about, if it is.")
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["-received_at"]

    def __str__(self) -> str:
        return f"{self.level} {self.code}"
