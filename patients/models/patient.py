"""Who is cared for."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower, Replace

from patients import person_names, validators
from patients.birth_dates import BirthDate, Known, age
from patients.characters import BETWEEN_DIGITS
from patients.models import patient_search, search_index
from patients.models.identity import PatientNumberField, PersonNameField
from patients.models.scoped import SiteScoped
from patients.models.site import Site
from patients.models.staff import StaffMember

FIRST: dict[str, dict[str, int]] = {"day": {}, "month": {"day": 1}, "year": {"month": 1, "day": 1}}
NAMES = frozenset({"given_name", "family_name"})
NAMELESS = "Enter a name: who has only one has it as given name or as family name."


def compact(number: F) -> Func:
    """In lower case, without separators and zeros: near-equal numbers share it, and some others do too."""
    spelt: Func = Lower(number)
    for sign in BETWEEN_DIGITS:
        spelt = Replace(spelt, Value(sign))
    return spelt


class PatientStatus(models.TextChoices):
    ACTIVE = "active"
    TRANSFERRED = "transferred"
    DECEASED = "deceased"
    MERGED = "merged", "merged into another number"


RECORDED_BY_STAFF = [(status.value, status.label) for status in PatientStatus if status != PatientStatus.MERGED]


class HealthCondition(models.TextChoices):
    """Named conditions that slow healing; PROTOCOLS §2, "overall health"."""

    DIABETES = "diabetes"
    SMOKING = "smoking"
    OSTEOPOROSIS = "osteoporosis"


class BmiBand(models.TextChoices):
    """Body mass index in kg/m², in the bands of the World Health Organization."""

    UNKNOWN = "", "not known"
    UNDER = "under_18_5", "under 18.5"
    NORMAL = "18_5_to_25", "18.5 to under 25"
    OVER = "25_to_30", "25 to under 30"
    OBESE_1 = "30_to_35", "30 to under 35"
    OBESE_2 = "35_to_40", "35 to under 40"
    OBESE_3 = "40_or_more", "40 or more"


class PatientQuerySet(SiteScoped["Patient"]):
    """Whatever writes names here keeps the words that patients are found by; `patients.models.search_index`."""

    def matching(self, words: str) -> "PatientQuerySet":
        """By name, number, phone or date of birth, as reception types it; see `patients.models.patient_search`."""
        found: PatientQuerySet = patient_search.matching(self, words)
        return found

    def update(self, **values: Any) -> int:
        if not NAMES.intersection(values):
            return super().update(**values)
        keys = list(self.values_list("pk", flat=True))
        changed = super().update(**values)
        search_index.write_again(self.model.objects.filter(pk__in=keys))
        return changed

    def bulk_create(self, objs: Iterable["Patient"], *args: Any, **options: Any) -> list["Patient"]:
        made = super().bulk_create(objs, *args, **options)
        search_index.write([(one.pk, one.given_name, one.family_name) for one in made])
        return made


class Patient(models.Model):
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="patients")
    number = PatientNumberField("patient number", max_length=64, help_text="The clinic's own number (MRN).")
    compact_number = models.GeneratedField(
        expression=compact(F("number")), output_field=models.CharField(max_length=64), db_persist=True
    )
    given_name = PersonNameField(max_length=80, blank=True)
    family_name = PersonNameField(max_length=80, blank=True)
    birth_date = models.DateField(help_text="Where only month or year are known, the first day that it can be.")
    birth_known = models.CharField(
        "known of the date of birth",
        max_length=5,
        choices=[(one.value, one.value) for one in Known],
        default=Known.DAY.value,
        help_text="How much of the date of birth is known.",
    )
    language = models.CharField(max_length=16, validators=[validators.language], default="en")
    time_zone = models.CharField(
        max_length=64, blank=True, validators=[validators.time_zone], help_text="Only when not the site's own."
    )
    conditions = models.JSONField(
        default=list,
        blank=True,
        validators=[validators.conditions],
        help_text="Known conditions that may slow healing.",
    )
    bmi_band = models.CharField("BMI", max_length=12, choices=BmiBand.choices, blank=True, default=BmiBand.UNKNOWN)
    status = models.CharField(max_length=12, choices=PatientStatus.choices, default=PatientStatus.ACTIVE)
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged_numbers",
        help_text="The number that stayed; never one that was merged itself.",
    )
    merged_at = models.DateTimeField(null=True, blank=True)
    merged_by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = PatientQuerySet.as_manager()

    class Meta:
        ordering = ["family_name", "given_name", "pk"]
        indexes = [
            models.Index(fields=["site", "family_name", "given_name"], name="patient_by_name"),
            models.Index(fields=["site", "birth_date"], name="patient_by_birth_date"),
            models.Index(fields=["site", "compact_number"], name="patient_by_compact_number"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "number"],
                name="one_patient_per_number",
                violation_error_message="This site already has a patient with this number.",
            ),
            models.CheckConstraint(condition=~Q(number=""), name="patient_has_number"),
            models.CheckConstraint(
                condition=~Q(given_name="", family_name=""),
                name="patient_has_a_name",
                violation_error_message=NAMELESS,
            ),
            models.CheckConstraint(condition=Q(birth_known__in=list(FIRST)), name="birth_known_is_known"),
            models.CheckConstraint(condition=Q(status__in=PatientStatus.values), name="patient_status_is_known"),
            models.CheckConstraint(
                condition=Q(status="merged", merged_into__isnull=False, merged_at__isnull=False)
                | (~Q(status="merged") & Q(merged_into=None)),
                name="merged_patient_leads_to_another",
            ),
        ]

    def __str__(self) -> str:
        return person_names.whole(self.given_name, self.family_name)

    def save(self, *args: Any, **options: Any) -> None:
        new, only = self._state.adding, options.get("update_fields")
        super().save(*args, **options)
        if only is None or NAMES.intersection(only):
            search_index.write([(self.pk, self.given_name, self.family_name)], new=new)

    def clean(self) -> None:
        if not (self.given_name or self.family_name):
            raise ValidationError({"given_name": NAMELESS})
        if self.birth_date and self.birth_date.replace(**FIRST.get(self.birth_known, {})) != self.birth_date:
            says = f"Where only the {self.birth_known} of birth is known, give the first day of it."
            raise ValidationError({"birth_date": says})

    @property
    def greeting(self) -> str:
        """The name by which messages and pages greet them."""
        return person_names.greeting(self.given_name, self.family_name)

    @property
    def zone(self) -> ZoneInfo:
        """The patient's own time zone, else the site's."""
        return ZoneInfo(self.time_zone or self.site.time_zone)

    @property
    def born(self) -> BirthDate:
        """The date of birth as far as it is known."""
        return BirthDate(self.birth_date, self.birth_known)

    def age(self, today: date) -> int:
        """Age in whole years on that day; the highest that it can be where not the whole date of birth is known."""
        return age(self.birth_date, today)
