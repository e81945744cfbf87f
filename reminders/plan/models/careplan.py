"""The plan of one surgery: which signed version it follows, and how far it is laid out."""

import secrets
from base64 import urlsafe_b64encode
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.crypto import salted_hmac

from patients.models import Contact, StaffMember, Surgery
from patients.models.contact import Relationship
from reminders.plan.models.protocol import ProtocolVersion


class CarePlanQuerySet(models.QuerySet["CarePlan"]):
    def for_staff(self, staff: StaffMember) -> Self:
        """Only plans of the staff member's own sites."""
        return self.filter(surgery__in=Surgery.objects.for_staff(staff))

    def active(self) -> Self:
        return self.filter(surgery__in=Surgery.objects.active(), surgery__patient__status="active")

    def of_other_channels(self) -> Self:
        """Since it was laid out the patient has come to be reached by other channels: its limits were for those."""
        own = Contact.objects.reachable().filter(patient=OuterRef("surgery__patient"), relationship=Relationship.SELF)
        found = self.annotate(by_text=Exists(own.exclude(phone="")), by_email=Exists(own.exclude(email="")))
        return found.exclude(
            Q(by_text=True, by_email=True, channels="email sms")
            | Q(by_text=True, by_email=False, channels="sms")
            | Q(by_text=False, by_email=True, channels="email")
            | Q(by_text=False, by_email=False, channels="")
        )


def new_link() -> str:
    """A new random link, 72 bits: short enough for a text, too long to guess. It replaces the old one."""
    return secrets.token_urlsafe(9)


def caregiver_link(link: str, contact: int) -> str:
    """Of a page of its own for a caregiver whose scope is narrow. Dead with the plan's link, as it is made from it."""
    mac = salted_hmac("reminders.caregiver", f"{contact} {link}", algorithm="sha256").digest()[:9]
    return f"c/{contact}-{urlsafe_b64encode(mac).decode()}"


class CarePlan(models.Model):
    surgery = models.OneToOneField(Surgery, on_delete=models.CASCADE, related_name="care_plan")
    version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="care_plans")
    laid_out_until = models.DateField(help_text="Endless repeats are planned up to this day; extended nightly.")

    channels = models.CharField(
        max_length=20, blank=True, default="", help_text="The patient's channels when the plan was last computed."
    )
    zone_data = models.CharField(
        max_length=8,
        blank=True,
        default="",
        help_text="Release of the time zones with which the plan was last computed.",
    )
    revision = models.PositiveIntegerField(
        default=0, help_text="Counts decisions, so that a decision on an outdated plan is refused."
    )
    link = models.CharField(max_length=24, unique=True, default=new_link, editable=False)

    objects = CarePlanQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["laid_out_until"], name="care_plan_horizon")]

    def __str__(self) -> str:
        return f"{self.version} for {self.surgery}"
