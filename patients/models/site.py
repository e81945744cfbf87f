"""One clinic location: where it is, when it sends, when it is staffed."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from phonenumber_field.modelfields import PhoneNumberField

from patients import validators


class SiteMode(models.TextChoices):
    TEST = "test", "test: every message stays in the outbox"
    TRIAL = "trial", "trial: only contacts marked as trial recipients get messages"
    LIVE = "live", "live: patients get messages"


class UnknownPolicy(models.TextChoices):
    """What to do when nobody can say whether a text has left: no provider of texts can be asked to send only once."""

    NEVER = "never", "never send it again: reception calls"
    AGAIN = "again", "send it once more, when the provider's own list does not show it"
    EMAIL = "email", "send it by e-mail, even if both may arrive"


def english() -> list[str]:
    """The default of `Site.languages`."""
    return ["en"]


def monday_to_friday() -> list[int]:
    """The default of `Site.staffed_weekdays`; 0 is Monday."""
    return [0, 1, 2, 3, 4]


def public_only() -> list[str]:
    """The default of `Site.holiday_kinds`."""
    return ["public"]


class Site(models.Model):
    code = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=22, help_text="Every text starts with it; at most 22 characters.")
    time_zone = models.CharField(max_length=64, validators=[validators.time_zone], default="America/New_York")
    country = models.CharField(
        max_length=2,
        default="US",
        validators=[validators.country],
        help_text="ISO 3166; for phone numbers and holidays.",
    )
    region = models.CharField(
        max_length=40,
        blank=True,
        default="",
        help_text="State, province or part of the country, whose holidays are added to the country's own.",
    )
    holiday_kinds = models.JSONField(default=public_only, help_text="Which kinds of holidays close the site.")
    holidays_known = models.CharField(
        max_length=30, blank=True, default="", editable=False, help_text="By what its holidays were written last."
    )
    languages = models.JSONField(default=english, validators=[validators.languages])
    phone = PhoneNumberField(help_text="The number patients are told to call.")
    address = models.CharField(
        max_length=80,
        blank=True,
        help_text="Where visits take place, on one line. Every message about a visit says it; at most 80 characters.",
    )
    emergency_number = models.CharField(max_length=16, default="911")
    send_from = models.TimeField(
        default=time(9), help_text="End of the quiet hours: no message is sent before this time."
    )
    send_until = models.TimeField(
        default=time(20), help_text="Start of the quiet hours: no message is sent from this time on."
    )
    staffed_from = models.TimeField(default=time(8))
    staffed_until = models.TimeField(default=time(17))
    staffed_weekdays = models.JSONField(default=monday_to_friday, validators=[validators.weekdays])
    visits_open = models.TimeField("visits from", default=time(9), help_text="The first visit of a day begins then.")
    visits_close = models.TimeField("visits until", default=time(17), help_text="The last visit of a day ends by then.")
    visit_minutes = models.PositiveSmallIntegerField(
        "minutes of a visit",
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(480)],
        help_text="How long a visit takes. A free time is proposed every so many minutes.",
    )
    visits_at_once = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1)],
        help_text="How many patients can be seen at the same time: one for each surgeon or room. What is more is "
        "booked with a warning.",
    )
    mode = models.CharField(max_length=8, choices=SiteMode.choices, default=SiteMode.TEST)
    treats_minors = models.BooleanField(default=False)
    when_unknown = models.CharField(
        "when it is not known whether a text was sent",
        max_length=8,
        choices=UnknownPolicy.choices,
        default=UnknownPolicy.AGAIN,
    )
    texts_a_day = models.PositiveSmallIntegerField(
        default=6, help_text="To one phone number, within 24 hours, counting every text. Any more wait."
    )
    texts_a_week = models.PositiveSmallIntegerField(default=14, help_text="To one phone number, within 7 days.")
    messages_a_day = models.PositiveSmallIntegerField(
        default=1,
        help_text="What all plans send to one phone or mailbox, whoever shares it. Visits and warnings always keep "
        "their day and count; then come check-ins, other questions, and the rest. What is too much moves to the next "
        "free day, is merged with one that says the same, or is left out.",
    )
    messages_a_week = models.PositiveSmallIntegerField(
        default=5,
        help_text="The same, within any 7 days. Check-ins, and words about therapy that was ordered, go even in a full "
        "week.",
    )
    part_price = models.DecimalField(
        "price of one text part",
        max_digits=7,
        decimal_places=5,
        null=True,
        blank=True,
        help_text="What the provider charges for one part, for the editor's estimate. Empty: no price is shown.",
    )
    price_currency = models.CharField(max_length=3, default="USD", validators=[validators.currency])
    daily_cap = models.PositiveIntegerField(
        null=True, blank=True, help_text="Texts of the whole site within 24 hours. Empty: no limit."
    )
    text_countries = models.JSONField(
        default=list,
        blank=True,
        validators=[validators.countries],
        help_text="Countries texts may be sent to, such as US, CA. Empty: the site's own.",
    )
    stop_covers_all = models.BooleanField(
        "STOP ends e-mail too", default=False, help_text="A STOP by text also ends the same person's e-mails."
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(send_from__lt=F("send_until")),
                name="sends_from_before_until",
                violation_error_message="Sending must start before it stops, such as from 09:00 until 20:00.",
            ),
            models.CheckConstraint(
                condition=Q(staffed_from__lt=F("staffed_until")),
                name="staffed_from_before_until",
                violation_error_message="Staffed hours must start before they end, such as from 08:00 until 17:00.",
            ),
            models.CheckConstraint(
                condition=Q(visits_open__lt=F("visits_close")),
                name="visits_open_before_close",
                violation_error_message="Visits must begin before they end, such as from 09:00 until 17:00.",
            ),
            models.CheckConstraint(
                condition=Q(visit_minutes__gte=5) & Q(visits_at_once__gte=1),
                name="visits_take_time_and_room",
                violation_error_message="A visit takes at least 5 minutes, and at least one patient is seen at once.",
            ),
            models.CheckConstraint(condition=Q(mode__in=SiteMode.values), name="site_mode_is_known"),
            models.CheckConstraint(
                condition=Q(when_unknown__in=UnknownPolicy.values), name="site_unknown_policy_is_known"
            ),
            models.CheckConstraint(
                condition=Q(messages_a_day__gte=1) & Q(messages_a_week__gte=F("messages_a_day")),
                name="message_budget_makes_sense",
                violation_error_message="At least 1 message a day, and a week allows at least as many as a day.",
            ),
            models.CheckConstraint(
                condition=Q(texts_a_day__gte=1) & Q(texts_a_week__gte=F("texts_a_day")),
                name="text_limits_make_sense",
                violation_error_message="At least 1 text a day, and a week allows at least as many as a day.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """The region must be one of the country's."""
        validators.region(self.region, self.country)
        validators.holiday_kinds(self.holiday_kinds, self.country)

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def language(self) -> str:
        """The clinic's own language: the one everything falls back to."""
        return str(self.languages[0])

    def today(self, now: datetime) -> date:
        """The date at the site at that moment."""
        return now.astimezone(self.zone).date()


class ClosedDay(models.Model):
    """A day on which nobody answers the phone; weekends are not listed here."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="closed_days")
    date = models.DateField()
    name = models.CharField(max_length=80, blank=True)
    by_hand = models.BooleanField(
        default=True, editable=False, help_text="Set or changed by staff: public holidays come and go without it."
    )

    class Meta:
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["site", "date"], name="one_closed_day_per_date")]

    def __str__(self) -> str:
        return f"{self.date} {self.name}".strip()


class OpenHoliday(models.Model):
    """A day that staff took out of the closed days: the site works then, whatever the calendar says."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="open_holidays")
    date = models.DateField()

    class Meta:
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["site", "date"], name="one_open_holiday_per_date")]

    def __str__(self) -> str:
        return f"open on {self.date}"
