"""What the simulator asks: an invented patient, so nothing in its address is personal."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from clinic.simulation import LONGEST, SimulationCase
from clinic.staff.enrol.forms import NOT_A_DAY, DayInput, required
from clinic.staff.language_choices import language_choices
from patients import validators
from patients.models import Site
from patients.models.contact import Channel
from patients.models.surgery import Job, PhysicalTherapy
from reminders.plan.models import ProtocolVersion


class SimulatorForm(forms.Form):
    version = forms.ModelChoiceField(
        ProtocolVersion.objects.none(),
        label="Protocol",
        empty_label="Choose",
        error_messages=required("Choose the protocol.")
        | {"invalid_choice": "This version does not belong to the site. Choose one from the list."},
    )
    date = forms.DateField(
        label="Day of surgery",
        widget=DayInput(),
        validators=[validators.year],
        error_messages=required("Enter the day of surgery.") | NOT_A_DAY,
    )
    zone = forms.CharField(
        label="Time zone", required=False, validators=[validators.time_zone], help_text="Empty: the clinic's own."
    )
    language = forms.ChoiceField(label="Language of messages")
    channels = forms.MultipleChoiceField(
        label="Consent for",
        choices=Channel.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages=required("Choose at least one channel: without consent, nothing is sent."),
    )
    physical_therapy = forms.ChoiceField(choices=PhysicalTherapy.choices, initial=PhysicalTherapy.UNDECIDED)
    job = forms.ChoiceField(label="Kind of job", choices=Job.choices, initial=Job.UNKNOWN)
    books = forms.BooleanField(label="Visits are booked at once for their target day, 10:00", required=False)
    days = forms.IntegerField(label="Days", min_value=1, max_value=LONGEST, initial=100)

    def __init__(self, data: Any = None, *, site: Site, today: Any) -> None:
        super().__init__(data, initial={"date": today, "channels": list(Channel.values)})
        self.site = site
        versions = self.fields["version"]
        assert isinstance(versions, forms.ModelChoiceField)  # noqa: S101
        versions.queryset = ProtocolVersion.objects.filter(protocol__site=site).select_related("protocol")
        languages = language_choices(site)
        self.fields["language"] = forms.ChoiceField(label="Language of messages", choices=languages)

    @property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.cleaned_data["zone"] or self.site.time_zone)

    def case(self) -> SimulationCase:
        typed = self.cleaned_data
        return SimulationCase(
            site=self.site,
            version=typed["version"],
            day0=typed["date"],
            days=typed["days"],
            zone=typed["zone"],
            language=typed["language"],
            channels=tuple(typed["channels"]),
            physical_therapy=typed["physical_therapy"],
            job=typed["job"],
            books=typed["books"],
        )
