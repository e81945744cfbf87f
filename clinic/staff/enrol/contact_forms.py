"""Where the patient and a caregiver can be reached. An address and, apart from it, whether they agreed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clinic.staff.language_choices import language_choices
from patients import mailboxes, phones
from patients.consent import WORDING_VERBAL
from patients.models import Site
from patients.models.contact import ConsentSource, Relationship, Scope
from reminders.enrolment import NewContact

SOURCES = [(s.value, s.label) for s in (ConsentSource.PAPER, ConsentSource.VERBAL)]


class ContactForm(forms.Form):
    """An address and, apart from it, whether they agreed: an address alone is never written to."""

    address = forms.CharField(required=False, max_length=254)
    consent = forms.BooleanField(required=False, label="Agreed to get messages here")
    source = forms.ChoiceField(label="How they agreed", choices=SOURCES, required=False)
    wording = forms.CharField(
        label="What they agreed to, word for word", required=False, widget=forms.Textarea({"rows": 2})
    )
    asks = "an address"

    def __init__(self, data: Any = None, *, site: Site, prefix: str, channel: str) -> None:
        wording = WORDING_VERBAL.format(clinic=site.name, channel=channel)
        super().__init__(data, prefix=prefix, initial={"wording": wording, "source": ConsentSource.PAPER})
        self.agreed_to, self.site = wording, site

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("consent") and not data.get("address") and "address" not in self.errors:
            self.add_error("address", f"Consent is ticked, but there is no {self.asks}. Enter it, or untick consent.")
        if data.get("consent") and not (data.get("wording") or "").strip():
            self.add_error("wording", "Record what the patient agreed to.")
        return data

    def new(self, **facts: str) -> NewContact | None:
        """The new contact, or None if nothing was entered. Without consent it is saved, and nothing is sent to it."""
        data = self.cleaned_data
        address = data.get("address")
        if not address:
            return None
        facts |= {"email": address} if "@" in address else {"phone": address}
        if data.get("consent") and data.get("wording"):
            facts |= {"consent_source": data.get("source") or ConsentSource.PAPER, "consent_wording": data["wording"]}
        return NewContact(**facts)


def phone_number(typed: str, site: Site) -> str:
    """E.164, read with the site's country; raises ValidationError for what cannot be texted."""
    try:
        number = phones.e164(typed, region=site.country)
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
        return phone_number(typed, self.site) if typed else ""


class EmailForm(ContactForm):
    asks = "e-mail address"

    def __init__(self, data: Any = None, *, site: Site) -> None:
        super().__init__(data, site=site, prefix="email", channel="e-mail")
        self.fields["address"] = forms.EmailField(
            label="E-mail",
            required=False,
            error_messages={"invalid": "This is not an e-mail address: write it like name@example.org."},
        )

    def clean_address(self) -> str:
        return mailboxes.spelt(self.cleaned_data["address"])


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
            choices=[("", "as the patient"), *language_choices(site)],
        )

    def clean_address(self) -> str:
        typed = str(self.cleaned_data["address"]).strip()
        if "@" in typed:
            asked = forms.EmailField(error_messages={"invalid": "This is not an e-mail address."})
            return mailboxes.spelt(asked.clean(typed))
        return phone_number(typed, self.site) if typed else ""

    def new(self, **facts: str) -> NewContact | None:
        data = self.cleaned_data
        own = {name: data.get(name) or "" for name in ("name", "language")}
        own |= {"relationship": Relationship.CAREGIVER, "scope": data.get("scope") or Scope.ALL}
        return super().new(**own | facts)
