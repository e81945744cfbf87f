"""An attempt to reach somebody by phone whom no message could reach: who tried, when, and what came of it."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q

from patients.models import Site, StaffMember, Surgery
from patients.models.patient import PatientStatus
from patients.models.scoped import SiteScoped


class CallListOutcome(models.TextChoices):
    REACHED = "reached"
    NO_ANSWER = "no_answer", "no answer"
    CALL_BACK = "call_back", "call back"
    NOT_NEEDED = "not_needed", "not needed"


CLOSES = [CallListOutcome.REACHED, CallListOutcome.NOT_NEEDED]
RECENT = timedelta(days=30)


class CallAttemptQuerySet(SiteScoped["CallAttempt"]):
    def still_open(self, now: datetime) -> Self:
        """Those that no later call has closed. 30 days after the attempt, or after the time to call back, it is past:
        it was about messages that have found their way since.
        """
        recent = Q(at__gt=now - RECENT) | Q(call_back_at__gt=now - RECENT)
        return self.filter(recent, closed_by=None).exclude(outcome__in=CLOSES)

    def promised(self, now: datetime) -> Self:
        """Of these the ones after which somebody waits to be called back, whatever became of the messages."""
        return self.still_open(now).filter(call_back_at__isnull=False, surgery__patient__status=PatientStatus.ACTIVE)

    def with_caller(self) -> Self:
        return self.select_related("by")


class CallAttempt(models.Model):
    """Append-only but for `closed_by`. `call_back_at`: when to try again, of an attempt that closes nothing.

    A call is to a patient, whichever of their operations it is noted at. `closed_by`: the later attempt that ended the
    call. `messages`: how many it settled; 0 for one that closes nothing.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="call_attempts")
    surgery = models.ForeignKey(Surgery, on_delete=models.CASCADE, related_name="call_attempts")
    outcome = models.CharField(max_length=10, choices=CallListOutcome.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    call_back_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    messages = models.PositiveSmallIntegerField(default=0)
    closed_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="closed")

    objects = CallAttemptQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["surgery", "-id"], name="latest_call_attempt")]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=CallListOutcome.values), name="call_outcome_is_known"),
            models.CheckConstraint(
                condition=Q(call_back_at=None) | ~Q(outcome__in=CLOSES), name="closed_call_has_no_call_back"
            ),
            models.CheckConstraint(
                condition=~Q(outcome=CallListOutcome.CALL_BACK) | Q(call_back_at__isnull=False),
                name="call_back_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"call, {self.get_outcome_display()}"

    @property
    def closes(self) -> bool:
        return self.outcome in CLOSES
