"""Something a person must look at: who owns it, by when, and what came of it. And the rules a clinic sets for that."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from patients import validators
from patients.models import Contact, Site, StaffMember, Surgery
from patients.models.scoped import SiteScoped
from patients.models.staff import Role
from reminders.replies.models.checkin import CheckIn
from reminders.replies.models.reply import Reply
from reminders.replies.parsing.redflags import Added


class Level(models.TextChoices):
    """PROTOCOLS §4. The lower the word in this list, the longer it may wait."""

    E = "E", "emergency: told to seek help at once"
    D = "D", "same-day call by the team"
    R = "R", "reception's list"


class Outcome(models.TextChoices):
    REACHED = "reached", "spoke with the patient, nothing more needed"
    SEEN = "seen", "to be seen at the clinic"
    SENT_ON = "sent_on", "sent to emergency care"
    NOT_REACHED = "not_reached", "could not be reached"
    FALSE_ALARM = "false_alarm", "nothing was wrong"


class AlertQuerySet(SiteScoped["Alert"]):
    def open(self) -> Self:
        """Not closed yet."""
        return self.filter(closed_at=None)

    def late(self, now: datetime) -> Self:
        """Nobody has closed it by the moment it had to be answered by."""
        return self.open().filter(answer_by__lte=now)


class Alert(models.Model):
    """`signs`: codes of all that was seen, such as `cauda_equina`; `answer_by`: when somebody must have dealt with it.

    `reply` and `check_in`: what raised it; all that was heard since stands in its `causes`.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="alerts")
    surgery = models.ForeignKey(Surgery, null=True, blank=True, on_delete=models.CASCADE, related_name="alerts")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reply = models.ForeignKey(Reply, null=True, blank=True, on_delete=models.PROTECT, related_name="alerts")
    check_in = models.ForeignKey(CheckIn, null=True, blank=True, on_delete=models.PROTECT, related_name="alerts")
    level = models.CharField(max_length=1, choices=Level.choices)
    signs = models.JSONField(default=list)
    raised_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    owner_role = models.CharField(max_length=16, choices=Role.choices)
    owner = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)
    tell_at = models.DateTimeField(
        null=True, blank=True, help_text="When to e-mail the staff responsible, or try again. Empty: done."
    )
    told_at = models.DateTimeField(null=True, blank=True, help_text="When staff were last e-mailed.")
    tellings = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often staff had to be told: when raised, and when raised to class E."
    )
    escalated_at = models.DateTimeField(
        null=True, blank=True, help_text="When staff were last reminded because it was late."
    )
    escalations = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    outcome_note = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["answer_by", "pk"]
        indexes = [
            models.Index(fields=["site", "answer_by"], condition=Q(closed_at=None), name="alert_open"),
            models.Index(fields=["surgery", "raised_at"], name="alert_by_surgery"),
            models.Index(fields=["tell_at"], condition=Q(tell_at__isnull=False), name="alert_to_tell"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["reply"], condition=Q(reply__isnull=False), name="one_alert_per_reply"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="alert_level_is_known"),
            models.CheckConstraint(
                condition=Q(closed_at=None) | ~Q(outcome=""),
                name="closed_alert_has_an_outcome",
                violation_error_message="Give the outcome before you close it.",
            ),
        ]

    def __str__(self) -> str:
        return f"alert {self.level}"


class Cause(models.Model):
    """One thing heard of an alert, with the class it has by itself: a text, or answers that no text brought."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="causes")
    reply = models.OneToOneField(Reply, null=True, blank=True, on_delete=models.CASCADE, related_name="cause")
    check_in = models.ForeignKey(CheckIn, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    level = models.CharField(max_length=1, choices=Level.choices)
    signs = models.JSONField(default=list)
    heard_at = models.DateTimeField()

    class Meta:
        ordering = ["heard_at", "pk"]

    def __str__(self) -> str:
        return f"cause of {self.alert}"


class AlertRuleQuerySet(SiteScoped["AlertRule"]):
    pass


class AlertRule(models.Model):
    """Who owns a level at a site and how long it may take; a level without a rule has the defaults of the program.

    A clinic edits wording and owner, never whether class E exists.
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="alert_rules")
    level = models.CharField(max_length=1, choices=Level.choices)
    owner_role = models.CharField(max_length=16, choices=Role.choices)
    minutes = models.PositiveSmallIntegerField(help_text="Minutes until somebody must have answered it.")
    staffed_only = models.BooleanField(default=True, help_text="Count only staffed minutes.")
    wording = models.JSONField(
        default=dict,
        blank=True,
        help_text="What the patient is told at once, by language. Empty: the built-in text.",
    )

    objects = AlertRuleQuerySet.as_manager()

    class Meta:
        ordering = ["site", "level"]
        constraints = [
            models.UniqueConstraint(fields=["site", "level"], name="one_alert_rule_per_level"),
            models.CheckConstraint(
                condition=Q(minutes__gte=1),
                name="alert_has_time",
                violation_error_message="Give at least one minute.",
            ),
        ]

    def __str__(self) -> str:
        return f"class {self.level}"


class SiteSignQuerySet(SiteScoped["SiteSign"]):
    def as_added(self) -> list[Added]:
        """The phrases as the parser takes them."""
        return [Added(level, phrase) for level, phrase in self.values_list("level", "phrase")]


class SiteSign(models.Model):
    """A phrase a clinic adds to the signs that ship; written as those in replies/words/en.yaml are."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="signs")
    language = models.CharField(max_length=16, validators=[validators.language], default="en")
    level = models.CharField(max_length=1, choices=[(Level.E, Level.E.label), (Level.D, Level.D.label)])
    phrase = models.CharField(max_length=120)
    added_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    objects = SiteSignQuerySet.as_manager()

    class Meta:
        ordering = ["site", "level", "phrase"]
        constraints = [models.UniqueConstraint(fields=["site", "level", "phrase"], name="one_sign_per_phrase")]

    def __str__(self) -> str:
        return self.phrase
