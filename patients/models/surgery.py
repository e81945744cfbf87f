"""One operation of one patient: day 0 and the facts that shape the plan."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Q

from patients.models.patient import Patient
from patients.models.scoped import SiteScoped
from patients.models.site import Site
from patients.models.staff import StaffMember


class Family(models.TextChoices):
    BASE = "base", "minimally invasive spine surgery"
    DECOMPRESSION = "decompression", "decompression, discectomy, endoscopic, foraminotomy"
    FUSION = "fusion", "fusion: TLIF, PLIF, LLIF"
    VERTEBROPLASTY = "vertebroplasty", "kyphoplasty, vertebroplasty"
    SI_FUSION = "si_fusion", "SI joint fusion"


class Procedure(models.Model):
    """A kind of operation. Which protocol it starts with is each site's choice: reminders.DefaultProtocol."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    family = models.CharField(max_length=16, choices=Family.choices)

    class Meta:
        ordering = ["family", "name"]

    def __str__(self) -> str:
        return self.name


class PhysicalTherapy(models.TextChoices):
    UNDECIDED = "undecided", "not decided yet"
    ORDERED = "ordered", "ordered, at the protocol's time"
    ORDERED_EARLY = "ordered_early", "ordered early, may begin in weeks 1-2"
    DECLINED = "declined", "not for this patient"


class Job(models.TextChoices):
    UNKNOWN = "unknown", "not known"
    NONE = "none", "does not work"
    DESK = "desk", "desk work"
    PHYSICAL = "physical", "physical work"


ACTIVE, ENDED, CANCELLED = "active", "ended", "cancelled"  # of an operation's plan


class SurgeryQuerySet(SiteScoped["Surgery"]):
    def active(self) -> Self:
        """Neither cancelled nor ended by a later operation: its plan runs."""
        return self.filter(cancelled_at=None, ended_at=None)

    def standing(self, state: str) -> Self:
        """Those in that state; none for another word."""
        if state == ACTIVE:
            return self.active()
        if state == ENDED:
            return self.filter(cancelled_at=None, ended_at__isnull=False)
        return self.filter(cancelled_at__isnull=False) if state == CANCELLED else self.none()


class Surgery(models.Model):
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="surgeries")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="surgeries")
    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="+")
    surgeon = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="surgeries")
    date = models.DateField("day of surgery", help_text="Day 0 of the plan, in the site's time zone.")
    physical_therapy = models.CharField(
        max_length=14, choices=PhysicalTherapy.choices, default=PhysicalTherapy.UNDECIDED
    )
    job = models.CharField("kind of job", max_length=10, choices=Job.choices, default=Job.UNKNOWN)
    levels = models.PositiveSmallIntegerField(
        "levels treated", null=True, blank=True, help_text="How many levels of the spine. Empty: not recorded."
    )
    asa_class = models.PositiveSmallIntegerField(
        "ASA class",
        null=True,
        blank=True,
        help_text="Overall health before the operation, 1 (healthy) to 4. Empty: not recorded.",
    )
    enrolment_key = models.CharField(
        max_length=80, blank=True, help_text="Idempotency key: a repeated request changes nothing."
    )
    enrolled_at = models.DateTimeField()
    enrolled_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_why = models.CharField(max_length=200, blank=True)
    followed_by = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="earlier",
        help_text="The next operation of this patient, if there is one.",
    )
    ends_with_next = models.BooleanField(
        default=False, help_text="Its plan ends on the day of the operation that follows, which is still to come."
    )
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="The operation took place; its plan ended for the one that follows."
    )

    objects = SurgeryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "surgeries"
        ordering = ["-date", "pk"]
        indexes = [models.Index(fields=["site", "-date"], name="surgery_by_date")]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "date"],
                condition=Q(cancelled_at=None, ended_at=None),
                name="one_surgery_per_patient_and_day",
                violation_error_message="This patient already has an operation on that day. Open that one instead.",
            ),
            models.CheckConstraint(
                condition=Q(levels__isnull=True) | Q(levels__range=(1, 25)),
                name="levels_are_few",
                violation_error_message="Give the number of levels treated, 1 to 25, or leave it empty.",
            ),
            models.CheckConstraint(
                condition=Q(asa_class__isnull=True) | Q(asa_class__range=(1, 4)),
                name="asa_class_is_1_to_4",
                violation_error_message="Give the ASA class, 1 to 4, or leave it empty.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(cancelled_at=None), name="surgery_is_ended_or_cancelled_not_both"
            ),
            models.UniqueConstraint(
                fields=["site", "enrolment_key"], condition=~Q(enrolment_key=""), name="one_surgery_per_enrolment_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure}, {self.date:%-d %b %Y}"

    @property
    def ends_on(self) -> dt.date | None:
        """The day of the next operation, from which on the plan says nothing; None: it ends with none."""
        following = self.followed_by if self.ends_with_next else None
        return following.date if following and following.is_active else None

    @property
    def is_active(self) -> bool:
        """Its plan runs: neither cancelled nor ended by a later operation."""
        return self.state == ACTIVE

    @property
    def state(self) -> str:
        """ACTIVE, ENDED or CANCELLED."""
        if self.cancelled_at is not None:
            return CANCELLED
        return ACTIVE if self.ended_at is None else ENDED

    @property
    def why_not(self) -> str:
        """Why nothing can be decided about its plan any more, in a sentence; empty while it runs."""
        if self.state == ENDED:
            return f"The plan of this operation ended: {self.followed_by or 'a later operation'} follows it."
        return "" if self.is_active else "This operation was cancelled. Enrol the patient again for a new one."

    def day_number(self, today: dt.date) -> int:
        """Calendar days from the day of surgery, which is day 0."""
        return int((today - self.date).days)
