"""How a patient does: the questions of one check-in, and what was answered, by text or on the patient's page."""

from typing import Self

from django.db import models
from django.db.models import Q

from patients.models import Contact, Site, StaffMember, Surgery
from patients.models.scoped import SiteScoped
from reminders.plan.models import Reminder


class Answered(models.TextChoices):
    SMS = "sms", "by text"
    PAGE = "page", "on the patient's page"
    PHONE = "phone", "told by phone"


class CheckInQuerySet(SiteScoped["CheckIn"]):
    def open(self) -> Self:
        """Not closed yet."""
        return self.filter(closed_at=None)


class CheckIn(models.Model):
    """Begins when its reminder leaves, or when a patient is asked by phone.

    `pain` is 0 (none) to 10 (worst); the others are yes (trouble) or no. Empty: not answered.
    `closed_at`: fully answered, or too late to answer; what comes later goes to a person.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="check_ins")
    surgery = models.ForeignKey(Surgery, on_delete=models.CASCADE, related_name="check_ins")
    reminder = models.OneToOneField(
        Reminder,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="check_in",
        help_text="The reminder that asked.",
    )
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    pain = models.PositiveSmallIntegerField(null=True, blank=True)
    wound = models.BooleanField(null=True, blank=True, help_text="Red, hot, opening or leaking.")
    legs = models.BooleanField(null=True, blank=True, help_text="New weakness or numbness in a leg or foot.")
    bladder = models.BooleanField(
        null=True, blank=True, help_text="Trouble with bladder or bowel, or numb between the legs."
    )
    via = models.CharField(max_length=5, choices=Answered.choices, blank=True)
    entered_by = models.ForeignKey(
        StaffMember,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who took the answers.",
    )
    answered_at = models.DateTimeField(null=True, blank=True, help_text="When the first answer came.")
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        indexes = [
            models.Index(fields=["surgery", "asked_at"], name="check_in_by_surgery"),
            models.Index(fields=["asked_at"], condition=Q(closed_at=None), name="check_in_open"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(pain__isnull=True) | Q(pain__range=(0, 10)),
                name="pain_is_0_to_10",
                violation_error_message="Pain is a number from 0 (none) to 10 (worst).",
            ),
        ]

    def __str__(self) -> str:
        return f"check-in, {self.asked_at:%-d %b %Y}"
