"""The plan of one surgery: which signed version it follows, and how far it is laid out."""

import secrets
from typing import Self

from django.db import models

from patients.models import StaffMember, Surgery
from reminders.plan.models.protocol import ProtocolVersion


class CarePlanQuerySet(models.QuerySet["CarePlan"]):
    def for_staff(self, staff: StaffMember) -> Self:
        return self.filter(surgery__in=Surgery.objects.for_staff(staff))

    def active(self) -> Self:
        return self.filter(surgery__cancelled_at=None, surgery__patient__status="active")


def new_link() -> str:
    """72 random bits: short enough for a text, beyond guessing; a new one makes the old link dead."""
    return secrets.token_urlsafe(9)


class CarePlan(models.Model):
    surgery = models.OneToOneField(Surgery, on_delete=models.CASCADE, related_name="care_plan")
    version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="care_plans")
    laid_out_until = models.DateField(help_text="Repeats without end reach this day; extended nightly.")

    revision = models.PositiveIntegerField(
        default=0, help_text="Counts decisions: whoever decides on an older picture of the plan is told."
    )
    link = models.CharField(max_length=24, unique=True, default=new_link, editable=False)

    objects = CarePlanQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["laid_out_until"], name="care_plan_horizon")]

    def __str__(self) -> str:
        return f"{self.version} for {self.surgery}"
