"""What the enrolment page asks. Plain forms: they check what was typed; `reminders.enrolment` does the deed."""

from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from clinic.staff import words
from patients import phones, validators
from patients.consent import WORDING_VERBAL
from patients.models import Patient, Procedure, Site, StaffMember
from patients.models.contact import ConsentSource, Relationship, Scope
from patients.models.staff import Role
from patients.models.surgery import Job, PhysicalTherapy
from reminders.enrolment import NewContact, default_version
from reminders.plan.models import ProtocolVersion

SOURCES = [(s.value, s.label) for s in (ConsentSource.PAPER, ConsentSource.VERBAL)]


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def required(sentence: str) -> dict[str, str]:
    return {"required": sentence}


NOT_A_DAY = {"invalid": "This is not a day: write it like 2026-03-02."}


class PatientForm(forms.Form):
    number = forms.CharField(
        label="Patient number", max_length=64, error_messages=required("Enter the clinic's number for this patient.")
    )
    birth_date = forms.DateField(
        label="Date of birth",
        widget=DayInput(),
        error_messages=required("Enter the date of birth.") | NOT_A_DAY,
    )
    given_name = forms.CharField(max_length=80, error_messages=required("Enter the given name."))
    family_name = forms.CharField(max_length=80, error_messages=required("Enter the family name."))
    language = forms.ChoiceField(label="Language of the messages")
    time_zone = forms.CharField(
        required=False,
        validators=[validators.time_zone],
        help_text="Only when the patient recovers somewhere else, such as America/Denver.",
    )

    def __init__(self, data: Any = None, *, site: Site) -> None:
        super().__init__(data)
        self.site = site
        self.known: Patient | None = None
        self.fields["language"] = forms.ChoiceField(
            label="Language of the messages", choices=[(tag, words.language(tag)) for tag in site.languages]
        )
        self.fields["time_zone"].widget.attrs["placeholder"] = site.time_zone

    def clean_number(self) -> str:
        number = str(self.cleaned_data["number"]).strip()
        self.known = Patient.objects.for_site(self.site).filter(number=number).first()
        if self.known:
            raise ValidationError(
                f"{self.known} already has this number here. Choose “Enrol again”, or check the number."
            )
        return number


class ContactForm(forms.Form):
    """An address and, apart from it, whether they agreed: an address alone is never written to."""

    address = forms.CharField(required=False, max_length=254)
    consent = forms.BooleanField(required=False, label="Agreed to get care messages here")
    source = forms.ChoiceField(label="How they agreed", choices=SOURCES, required=False)
    wording = forms.CharField(
        label="What they agreed to, word for word", required=False, widget=forms.Textarea({"rows": 2})
    )
    asks = "an address"

    def __init__(self, data: Any = None, *, site: Site, prefix: str, channel: str) -> None:
        wording = WORDING_VERBAL.format(clinic=site.name, channel=channel)
        super().__init__(data, prefix=prefix, initial={"wording": wording, "source": ConsentSource.PAPER})
        self.agreed_to = wording

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("consent") and not data.get("address") and "address" not in self.errors:
            self.add_error("address", f"Consent is ticked, but there is no {self.asks}. Enter it, or untick consent.")
        if data.get("consent") and not (data.get("wording") or "").strip():
            self.add_error("wording", "Write down what the patient agreed to.")
        return data

    def new(self, **facts: str) -> NewContact | None:
        """None where nothing was entered. Without consent it is kept, and stays silent."""
        data = self.cleaned_data
        address = data.get("address")
        if not address:
            return None
        facts |= {"email": address} if "@" in address else {"phone": address}
        if data.get("consent") and data.get("wording"):
            facts |= {"consent_source": data.get("source") or ConsentSource.PAPER, "consent_wording": data["wording"]}
        return NewContact(**facts)


def phone_number(typed: str) -> str:
    try:
        number = phones.e164(typed)
    except phones.InvalidPhone as error:
        raise ValidationError(str(error)) from None
    if not phones.can_be_texted(number):
        raise ValidationError("This line cannot receive texts. Enter a mobile number, or use e-mail.")
    return number


class PhoneForm(ContactForm):
    asks = "phone number"

    def __init__(self, data: Any = None, *, site: Site) -> None:
        super().__init__(data, site=site, prefix="phone", channel="text")
        self.fields["address"].label = "Mobile phone"
        self.fields["address"].widget.input_type = "tel"

    def clean_address(self) -> str:
        typed = self.cleaned_data["address"]
        return phone_number(typed) if typed else ""


class EmailForm(ContactForm):
    asks = "e-mail address"

    def __init__(self, data: Any = None, *, site: Site) -> None:
        super().__init__(data, site=site, prefix="email", channel="e-mail")
        self.fields["address"] = forms.EmailField(
            label="E-mail",
            required=False,
            error_messages={"invalid": "This is not an e-mail address: write it like name@example.org."},
        )


class CaregiverForm(ContactForm):
    """One more person, if the patient wants that: by text or by e-mail, with a scope of their own."""

    name = forms.CharField(required=False, max_length=120)
    scope = forms.ChoiceField(label="Hears about", choices=Scope.choices, required=False)
    language = forms.ChoiceField(required=False)
    asks = "phone number or e-mail address"

    def __init__(self, data: Any = None, *, site: Site) -> None:
        super().__init__(data, site=site, prefix="caregiver", channel="text or e-mail")
        self.fields["address"].label = "Mobile phone or e-mail"
        self.fields["language"] = forms.ChoiceField(
            required=False,
            choices=[("", "as the patient"), *((tag, words.language(tag)) for tag in site.languages)],
        )

    def clean_address(self) -> str:
        typed = str(self.cleaned_data["address"]).strip()
        if "@" in typed:
            return str(forms.EmailField(error_messages={"invalid": "This is not an e-mail address."}).clean(typed))
        return phone_number(typed) if typed else ""

    def new(self, **facts: str) -> NewContact | None:
        data = self.cleaned_data
        own = {name: data.get(name) or "" for name in ("name", "language")}
        own |= {"relationship": Relationship.CAREGIVER, "scope": data.get("scope") or Scope.ALL}
        return super().new(**own | facts)


class SurgeryForm(forms.Form):
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
        error_messages={"invalid_choice": "This version is not signed here. Choose one from the list."},
    )

    def __init__(self, data: Any = None, *, site: Site, staff: StaffMember, today: Any) -> None:
        super().__init__(data, initial={"key": uuid4().hex, "date": today})
        self.site = site
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
