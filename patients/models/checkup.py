"""A visit the plan calls for: due, booked, confirmed, attended; or missed, not needed, or cancelled."""

from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q

from patients.models.scoped import SiteScoped
from patients.models.site import Site
from patients.models.surgery import Surgery

LEAD = timedelta(days=14)  # how long before its window opens a visit should be on the list


class CheckUpState(models.TextChoices):
    DUE = "due", "not booked"
    BOOKED = "booked"
    CONFIRMED = "confirmed"
    ATTENDED = "attended"
    MISSED = "missed"
    NOT_NEEDED = "not_needed", "not needed"
    CANCELLED = "cancelled"  # with its operation, or because the patient has died or moved


class CheckUpQuerySet(SiteScoped["CheckUp"]):
    def with_patient(self) -> Self:
        """With patient, procedure, surgeon and site in the same query."""
        return self.select_related("surgery__patient", "surgery__procedure", "surgery__surgeon", "site")

    def upcoming(self) -> Self:
        """Booked or confirmed, also those whose time has passed."""
        return self.filter(state__in=[CheckUpState.BOOKED, CheckUpState.CONFIRMED])

    def due(self, today: date) -> Self:
        """Not booked, and time to: the window is open or opens within LEAD, and has not closed."""
        return self.filter(state=CheckUpState.DUE, window_opens__lte=today + LEAD, window_closes__gte=today)

    def overdue(self, today: date) -> Self:
        """Not booked, and the window has closed. `today`: the site's day."""
        return self.filter(state=CheckUpState.DUE, window_closes__lt=today)

    def missed(self) -> Self:
        """Booked, and the patient did not come."""
        return self.filter(state=CheckUpState.MISSED)


class CheckUp(models.Model):
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="check_ups")
    surgery = models.ForeignKey(Surgery, on_delete=models.CASCADE, related_name="check_ups")
    code = models.SlugField(help_text="The check-up's code in the protocol, such as six-weeks.")
    occurrence = models.PositiveSmallIntegerField(default=0, help_text="Counts from 0; a yearly visit has many.")
    title = models.CharField(max_length=80)
    window_opens = models.DateField()
    target_day = models.DateField()
    window_closes = models.DateField()
    state = models.CharField(max_length=10, choices=CheckUpState.choices, default=CheckUpState.DUE)
    booked_for = models.DateTimeField(null=True, blank=True)
    booked_offset = models.SmallIntegerField(
        null=True,
        editable=False,
        help_text="Minutes from UTC at the site, as they were when it was booked: the hour that was agreed on.",
    )
    zone_data = models.CharField(
        max_length=8,
        blank=True,
        default="",
        editable=False,
        help_text="Release of the time zones by which `booked_for` is that hour. Empty: not checked.",
    )
    bookings = models.PositiveSmallIntegerField(
        default=0, help_text="Number of the booking in force; each has its own."
    )
    revision = models.PositiveIntegerField(
        default=0, help_text="Rises with every change, also with one that is undone."
    )
    not_needed_why = models.CharField(max_length=200, blank=True)

    objects = CheckUpQuerySet.as_manager()

    class Meta:
        ordering = ["window_opens", "pk"]
        indexes = [
            models.Index(fields=["site", "state", "window_closes"], name="check_up_by_window"),
            models.Index(fields=["site", "state", "booked_for"], name="check_up_by_booking"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["surgery", "code", "occurrence"], name="one_check_up_per_occurrence"),
            models.CheckConstraint(
                condition=~Q(state__in=[CheckUpState.BOOKED, CheckUpState.CONFIRMED]) | Q(booked_for__isnull=False),
                name="booked_check_up_has_time",
            ),
            models.CheckConstraint(
                condition=Q(window_opens__lte=F("target_day")) & Q(target_day__lte=F("window_closes")),
                name="check_up_target_in_window",
            ),
            models.CheckConstraint(condition=Q(state__in=CheckUpState.values), name="check_up_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state=CheckUpState.NOT_NEEDED) | ~Q(not_needed_why=""), name="not_needed_check_up_says_why"
            ),
        ]

    def __str__(self) -> str:
        return self.title
