"""The promise to tell one patient one step once: the ledger row."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from patients.models import CheckUp, Site, StaffMember, Surgery
from patients.models.checkup import CheckUpQuerySet
from patients.models.scoped import SiteScoped
from reminders.plan.models.step import Step
from reminders.plan.reasons import SENTENCES, Reason
from reminders.plan.values import Anchor
from reminders.plan.visit_keys import BLOCK, IN_A_ROW
from reminders.plan.visit_notices import MARK


class ReminderStatus(models.TextChoices):
    PLANNED = "planned"
    SKIPPED = "skipped"  # laid out, not to be sent: past, held, not for this patient
    IN_PROGRESS = "in_progress", "on its way"
    DONE = "done", "delivered"
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"
    CANCELLED = "cancelled"  # the plan changed before anything left
    SUPPRESSED = "suppressed", "not allowed"
    EXPIRED = "expired"


CHANGEABLE = [
    ReminderStatus.PLANNED,
    ReminderStatus.SKIPPED,
    ReminderStatus.CANCELLED,
    ReminderStatus.SUPPRESSED,
    ReminderStatus.EXPIRED,
]
NEEDS_CALL = [
    ReminderStatus.FAILED,
    ReminderStatus.SUPPRESSED,
    ReminderStatus.EXPIRED,
    ReminderStatus.UNCONFIRMED,
]


def _its_visit_stands() -> CheckUpQuerySet:
    """The visit that a reminder leads up to, while the booking it speaks of is in force."""
    number = F("bookings") / IN_A_ROW * BLOCK + F("occurrence") * IN_A_ROW + F("bookings") % IN_A_ROW  # `key_of`
    own = {"surgery": OuterRef("surgery"), "code": OuterRef("step__check_up__code"), "number": OuterRef("occurrence")}
    return CheckUp.objects.upcoming().alias(number=number).filter(**own)


class ReminderQuerySet(SiteScoped["Reminder"]):
    def with_patient(self) -> Self:
        """With patient, phase and site in the same query."""
        return self.select_related("surgery__patient", "step__phase", "site")

    def planned(self) -> Self:
        """Not opened yet."""
        return self.filter(status=ReminderStatus.PLANNED)

    def due(self, now: datetime) -> Self:
        """Planned, and their time has come."""
        return self.planned().filter(due_at__lte=now)

    def late(self, now: datetime, *, by: timedelta) -> Self:
        """Still planned although it should have begun its way."""
        return self.due(now - by)

    def changeable(self) -> Self:
        """The plan may still move these: nothing was ever on its way for them."""
        return self.filter(status__in=CHANGEABLE).exclude(deliveries__attempt_count__gt=0)

    def to_call(self) -> Self:
        """What no message could carry and nobody has dealt with yet; never for a patient who has died or moved.

        Of an operation that was cancelled or followed by another only what concerns the times of announced visits, and
        of one that was followed by another the reminders of a visit that still stands.
        """
        runs = Q(surgery__cancelled_at=None, surgery__ended_at=None)
        about_times = Q(reason=Reason.SURGERY_CANCELLED) | Q(surgery__cancelled_at=None, step_code__contains=MARK)
        of_a_visit = Q(surgery__cancelled_at=None, step__anchor=Anchor.VISIT) & Exists(_its_visit_stands())
        open_ones = self.filter(runs | about_times | of_a_visit, status__in=NEEDS_CALL, handled_at=None)
        return open_ones.filter(surgery__patient__status="active")


class Reminder(models.Model):
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="reminders")
    surgery = models.ForeignKey(Surgery, on_delete=models.CASCADE, related_name="reminders")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="reminders")
    step_code = models.SlugField(max_length=70, help_text="Stays the same from version to version.")
    occurrence = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    useful_until = models.DateTimeField()
    status = models.CharField(max_length=12, choices=ReminderStatus.choices, default=ReminderStatus.PLANNED)
    reason = models.CharField(max_length=20, blank=True, help_text="A code; `why` says it in words.")
    shifts = models.JSONField(
        default=list, blank=True, help_text="Codes: why it is not on the day and time of the protocol."
    )
    moved_from = models.DateField(
        null=True, blank=True, help_text="The day it would have without the site's limit of messages."
    )
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    handled_note = models.CharField(max_length=200, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(status="planned"), name="reminder_due"),
            models.Index(fields=["site", "due_at", "id"], condition=Q(status="planned"), name="reminder_due_by_site"),
            models.Index(fields=["site", "due_at"], name="reminder_by_site"),
            models.Index(
                fields=["site", "due_at"],
                condition=Q(status__in=NEEDS_CALL, handled_at=None),
                name="reminder_to_call",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["surgery", "step_code", "occurrence"], name="one_reminder_per_step_and_occurrence"
            ),
            models.CheckConstraint(condition=Q(useful_until__gt=F("due_at")), name="reminder_is_useful_when_due"),
            models.CheckConstraint(condition=Q(status__in=ReminderStatus.values), name="reminder_status_is_known"),
            models.CheckConstraint(
                condition=~Q(status__in=["skipped", "cancelled", "suppressed", "expired", "failed"]) | ~Q(reason=""),
                name="nothing_is_silent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step}, {self.get_status_display()}"

    @property
    def title(self) -> str:
        """The step's, with the day on which it comes by the patient's clock. Read surgery, patient and site before."""
        day = self.due_at.astimezone(self.surgery.patient.zone).date()
        return self.step.title_on(self.surgery.day_number(day))

    @property
    def why(self) -> str:
        """The reason in words; empty where there is none."""
        return SENTENCES[Reason(self.reason)]
