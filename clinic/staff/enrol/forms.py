"""What the enrolment page asks. Plain forms: they check what was typed; `reminders.enrolment` saves them."""

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from clinic.staff.language_choices import language_choices
from patients import characters, validators
from patients.actions import refuse_far_day
from patients.birth_dates import Known
from patients.models import Patient, Procedure, Site, StaffMember
from patients.models.patient import BmiBand, HealthCondition
from patients.models.staff import Role
from patients.models.surgery import Job, PhysicalTherapy
from reminders.enrolment import default_version
from reminders.further_operation import RunningPlan
from reminders.plan.models import ProtocolVersion


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def required(sentence: str) -> dict[str, str]:
    return {"required": sentence}


NOT_A_DAY = {"invalid": "This is not a day: write it like 2026-03-02."}


class HealthOfPatient(forms.Form):
    """What may slow healing, as far as it is known; it only ever proposes."""

    conditions = forms.MultipleChoiceField(
        label="Known conditions",
        required=False,
        choices=HealthCondition.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    bmi_band = forms.ChoiceField(label="BMI", required=False, choices=BmiBand.choices)


class FactsOfSurgery(forms.Form):
    """The clinical facts of the operation."""

    levels = forms.IntegerField(
        label="Levels treated",
        required=False,
        min_value=1,
        max_value=25,
        error_messages=dict.fromkeys(["invalid", "min_value", "max_value"], "Write a number from 1 to 25, such as 2."),
    )
    asa_class = forms.TypedChoiceField(
        label="ASA class",
        required=False,
        choices=[("", "not recorded"), *((number, str(number)) for number in range(1, 5))],
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": "Choose 1 to 4, or leave it as not recorded."},
    )


class PatientForm(HealthOfPatient):
    number = forms.CharField(
        label="Patient number", max_length=64, error_messages=required("Enter the clinic's number for this patient.")
    )
    birth_date = forms.DateField(
        label="Date of birth",
        widget=DayInput(),
        required=False,
        error_messages=NOT_A_DAY,
    )
    birth_year = forms.IntegerField(
        label="Or only the year of birth",
        required=False,
        min_value=1900,
        max_value=2199,
        help_text="Where nobody knows the day. The age counts as the highest it can be.",
        error_messages=dict.fromkeys(["invalid", "min_value", "max_value"], "Write a year such as 1965."),
    )
    given_name = forms.CharField(max_length=80, required=False)
    family_name = forms.CharField(
        max_length=80, required=False, help_text="Who has only one name: enter it in either field."
    )
    language = forms.ChoiceField(label="Language of messages")
    time_zone = forms.CharField(
        required=False,
        validators=[validators.time_zone],
        help_text="Only if the patient recovers in another time zone, such as America/Denver.",
    )

    def __init__(self, data: Any = None, *, site: Site) -> None:
        super().__init__(data)
        self.site = site
        self.known: Patient | None = None
        self.fields["language"] = forms.ChoiceField(label="Language of messages", choices=language_choices(site))
        self.fields["time_zone"].widget.attrs["placeholder"] = site.time_zone

    def clean_given_name(self) -> str:
        return characters.person_name(self.cleaned_data["given_name"])

    def clean_family_name(self) -> str:
        """The last of the two: here it is known that there is none."""
        family = characters.person_name(self.cleaned_data["family_name"])
        if not family and not self.cleaned_data.get("given_name") and "given_name" not in self.errors:
            self.add_error("given_name", "Enter the name. Who has only one name has it here or as family name.")
        return family

    def clean(self) -> dict[str, Any]:
        """`birth_date` and `birth_known`, from the day or else from the year."""
        data = self.cleaned_data
        year, day = data.pop("birth_year", None), data.get("birth_date")
        if year and day and day.year != year:
            self.add_error("birth_year", "This is another year than that of the date of birth. Leave one of them out.")
        data["birth_known"] = Known.YEAR if year and not day else Known.DAY
        if year and not day:
            data["birth_date"] = date(year, 1, 1)
        elif not day and not {"birth_date", "birth_year"} & self.errors.keys():
            self.add_error("birth_date", "Enter the date of birth.")
        return data

    def clean_number(self) -> str:
        number = characters.patient_number(self.cleaned_data["number"])
        if not number:
            raise ValidationError("Enter the clinic's number for this patient.")
        found = Patient.objects.for_site(self.site).filter(number=number).select_related("merged_into").first()
        self.known = (found.merged_into or found) if found else None
        if self.known:
            raise ValidationError(
                f"{self.known} already has this number here. Choose “Enrol again”, or check the number."
            )
        return number


class SurgeryForm(FactsOfSurgery):
    key = forms.CharField(widget=forms.HiddenInput, max_length=80)
    procedure = forms.ModelChoiceField(
        Procedure.objects.all(), empty_label="Choose", error_messages=required("Choose the procedure.")
    )
    surgeon = forms.ModelChoiceField(
        StaffMember.objects.none(), empty_label="Choose", error_messages=required("Choose the surgeon.")
    )
    date = forms.DateField(
        label="Day of surgery", widget=DayInput(), error_messages=required("Enter the day of surgery.") | NOT_A_DAY
    )
    physical_therapy = forms.ChoiceField(choices=PhysicalTherapy.choices, initial=PhysicalTherapy.UNDECIDED)
    job = forms.ChoiceField(label="Kind of job", choices=Job.choices, initial=Job.UNKNOWN)
    version = forms.ModelChoiceField(
        ProtocolVersion.objects.none(),
        label="Protocol",
        required=False,
        empty_label="signed default",
        error_messages={"invalid_choice": "This version is not signed at this site. Choose one from the list."},
    )

    running_plan = forms.ChoiceField(
        label="What becomes of the plan that runs?",
        required=False,
        choices=RunningPlan.choices,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose what becomes of the plan that runs: end it, hold it or keep both."},
    )

    def __init__(self, data: Any = None, *, site: Site, staff: StaffMember, today: Any) -> None:
        initial = {"key": uuid4().hex, "date": today, "running_plan": RunningPlan.END}
        super().__init__(data, initial=initial)
        self.site, self.today = site, today
        surgeons = StaffMember.objects.filter(
            is_active=True, memberships__site=site, memberships__role=Role.SURGEON
        ).distinct()
        self._offer("surgeon", surgeons)
        if default := _likely_surgeon(list(surgeons), staff):
            self.initial["surgeon"] = default.pk
        self._offer("version", ProtocolVersion.objects.signed().filter(protocol__site=site).select_related("protocol"))

    def _offer(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = rows

    def clean_date(self) -> Any:
        """Said while the plan is only looked at, too."""
        try:
            refuse_far_day(self.cleaned_data["date"], self.today)
        except ValidationError as error:
            raise ValidationError(error.messages) from None
        return self.cleaned_data["date"]

    def clean(self) -> dict[str, Any]:
        """No version chosen: the signed one of the protocol this procedure starts with here."""
        data = self.cleaned_data
        if data.get("procedure") and not data.get("version") and "version" not in self.errors:
            data["version"] = default_version(self.site, data["procedure"])
            if data["version"] is None:
                self.add_error(
                    "version",
                    f"No signed protocol belongs to {data['procedure']} here. Choose one, or ask a surgeon to sign it.",
                )
        return data


def _likely_surgeon(surgeons: list[StaffMember], staff: StaffMember) -> StaffMember | None:
    if staff in surgeons:
        return staff
    return surgeons[0] if len(surgeons) == 1 else None
