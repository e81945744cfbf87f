"""What a surgeon decided about one plan, kept for ever: the plan is the protocol, the facts and these, laid out."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from patients.models import Site, StaffMember, Surgery
from patients.models.scoped import SiteScoped
from reminders.plan.models.protocol import ProtocolVersion
from reminders.plan.values import ChangeKind


class PlanChangeQuerySet(SiteScoped["PlanChange"]):
    def in_force(self) -> Self:
        """Not taken back, in the order they were decided."""
        return self.filter(undone_at=None).order_by("pk")


class PlanChange(models.Model):
    """One decision. Which columns count for which kind: `reminders.plan.values.Decision`.

    Never edited: another decision, or taking this one back, is how a plan changes again.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    surgery = models.ForeignKey(Surgery, on_delete=models.CASCADE, related_name="plan_changes")
    kind = models.CharField(max_length=10, choices=[(k.value, k.value.replace("_", " ")) for k in ChangeKind])
    starts = models.DateField(help_text="From this day on, in the site's time zone.")
    ends = models.DateField(
        null=True, blank=True, help_text="For a hold: the day the plan continues. Empty: until it is released."
    )
    phase = models.SlugField(blank=True)
    step = models.SlugField(max_length=60, blank=True)
    check_up = models.SlugField(blank=True)
    occurrence = models.PositiveIntegerField(
        null=True, blank=True, help_text="Which repeat of the step or the check-up. Empty: all."
    )
    days = models.SmallIntegerField(default=0, help_text="Days later; a minus means earlier.")
    percent = models.PositiveSmallIntegerField(
        default=100, help_text="Length of the phases that have not started, in percent."
    )
    was = models.CharField(max_length=80, blank=True)
    to = models.CharField(max_length=80, blank=True)
    version = models.ForeignKey(
        ProtocolVersion,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The version the plan moves to.",
    )
    was_version = models.ForeignKey(ProtocolVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    move = models.ForeignKey(
        "reminders.VersionMove", null=True, blank=True, on_delete=models.SET_NULL, related_name="changes"
    )
    why = models.CharField(max_length=200)
    by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="For a hold: when it was released.")
    undone_by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = PlanChangeQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["surgery", "id"], condition=Q(undone_at=None), name="plan_change_in_force")]
        constraints = [
            models.UniqueConstraint(
                fields=["surgery"],
                condition=Q(kind="hold", ends=None, undone_at=None),
                name="one_open_hold",
                violation_error_message="This plan is already held. Release it before you hold it again.",
            ),
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                name="hold_ends_after_it_begins",
                violation_error_message="A hold is released on the day it begins or later.",
            ),
            models.CheckConstraint(
                condition=Q(percent__range=(50, 300)),
                name="pace_is_possible",
                violation_error_message="A pace is between 50 and 300 percent; 100 is the protocol's own.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[k.value for k in ChangeKind]), name="plan_change_kind_is_known"
            ),
            models.CheckConstraint(condition=~Q(why=""), name="plan_change_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.starts}"


class VersionMoveQuerySet(SiteScoped["VersionMove"]):
    pass


class VersionMove(models.Model):
    """Moving a protocol's patients to another version: one job, which may be stopped and taken up again.

    What is done already is read from the plans themselves, so that a lost count loses nothing.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="version_moves")
    version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=200)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    total = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    worked_at = models.DateTimeField(null=True, blank=True, help_text="When a worker last made progress.")
    stopped_at = models.DateTimeField(null=True, blank=True, help_text="When somebody stopped it; it can be continued.")
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = VersionMoveQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version"],
                condition=Q(finished_at=None),
                name="one_unfinished_move_per_version",
                violation_error_message="Patients are being moved to this version already. Continue that move.",
            ),
        ]

    def __str__(self) -> str:
        return f"to {self.version}"
