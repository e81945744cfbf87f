"""What may be decided on the record. Plain forms; the actions refuse what does not fit and say why."""

from typing import Any, TypedDict

from django import forms

from clinic.patient import page_texts as vocabulary
from clinic.patient.checkin import SCORES
from clinic.staff.enrol.contact_forms import SOURCES, CaregiverForm
from clinic.staff.enrol.forms import NOT_A_DAY, DayInput, FactsOfSurgery, HealthOfPatient, required
from patients.consent import WORDING_VERBAL
from patients.models import Contact, Site, Surgery
from patients.models.contact import ConsentSource, Relationship, Scope
from patients.models.surgery import Job, PhysicalTherapy
from patients.models.therapy import SessionState
from reminders.actions import OF_PATIENT, OF_SURGERY
from reminders.enrolment import NewContact
from reminders.replies.checkins import by_phone
from reminders.replies.parsing.questionnaire import ALL, Answers


def yes_or_no() -> forms.TypedChoiceField:
    choices = [("", "not answered"), ("yes", "yes"), ("no", "no")]
    return forms.TypedChoiceField(
        required=False,
        choices=choices,
        coerce=lambda said: said == "yes",
        empty_value=None,
        error_messages={"invalid_choice": "Choose yes or no, or leave it as not answered."},
    )


class FactsForm(HealthOfPatient, FactsOfSurgery):
    physical_therapy = forms.ChoiceField(choices=PhysicalTherapy.choices)
    job = forms.ChoiceField(label="Kind of job", choices=Job.choices)

    @classmethod
    def of(cls, surgery: Surgery) -> "FactsForm":
        of_surgery = {name: getattr(surgery, name) for name in OF_SURGERY}
        return cls(initial=of_surgery | {name: getattr(surgery.patient, name) for name in OF_PATIENT})


class SessionForm(forms.Form):
    """One session of physical therapy; the same day again changes what was written down for it."""

    day = forms.DateField(
        label="Day of the session", widget=DayInput(), error_messages=required("Choose the day.") | NOT_A_DAY
    )
    state = forms.ChoiceField(
        label="How it went", choices=SessionState.choices, error_messages=required("Choose the outcome.")
    )


class CheckInForm(forms.Form):
    """The patient's own four questions, to be read aloud; in the patient's language below, where that is another."""

    so_far = forms.IntegerField(widget=forms.HiddenInput())
    pain = forms.TypedChoiceField(
        required=False,
        choices=[("", "not answered"), *((n, f"{n}") for n in SCORES)],
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": "Pain is a number from 0 (none) to 10 (worst)."},
    )
    wound, legs, bladder = yes_or_no(), yes_or_no(), yes_or_no()

    def __init__(self, data: Any = None, *, surgery: Surgery) -> None:
        super().__init__(data, auto_id="check_in_%s", initial={"so_far": by_phone.told_so_far(surgery)})
        spoken = vocabulary.best(surgery.patient.language, surgery.site.language)
        for ask in ALL:
            self.fields[ask].label = vocabulary.EN[f"ask_{ask}"]
            self.fields[ask].help_text = "" if spoken == "en" else vocabulary.WORDS[spoken][f"ask_{ask}"]

    @property
    def answers(self) -> Answers:
        return Answers(**{ask.value: self.cleaned_data[ask] for ask in ALL})

    def reopen(self, surgery: Surgery) -> None:
        """After a refusal: with what was typed, as if the page had been opened now."""
        self.data = dict(self.data.items()) | {"so_far": f"{by_phone.told_so_far(surgery)}"}


class CancelForm(forms.Form):
    why = forms.CharField(
        label="Why is the operation cancelled?",
        max_length=200,
        error_messages=required("Give the reason for the cancellation in a few words."),
    )


class Said(TypedDict):
    source: str
    wording: str


class SaidForm(forms.Form):
    """What somebody said or signed about one contact, and how: without it nothing is written down."""

    source = forms.ChoiceField(choices=SOURCES)
    wording = forms.CharField(
        widget=forms.Textarea({"rows": 2}),
        error_messages=required("Record what the patient agreed to or asked for."),
    )

    who = "they"

    def __init__(self, data: Any = None, *, contact: Contact, **initial: str) -> None:
        self.contact = contact
        auto_id = f"{type(self).__name__.removesuffix('Form').lower()}_{contact.pk}_%s"
        super().__init__(data, auto_id=auto_id, initial={"source": ConsentSource.VERBAL, **initial})
        self.fields["source"].label = f"How {self.who} said it"
        self.fields["wording"].label = f"What {self.who} said or signed, word for word"

    @property
    def said(self) -> Said:
        return {"source": self.cleaned_data["source"], "wording": self.cleaned_data["wording"]}


class ConsentForm(SaidForm):
    """Give or withdraw: which of the two is the button that was pressed."""

    def __init__(self, data: Any = None, *, contact: Contact, given: bool) -> None:
        agree = WORDING_VERBAL.format(clinic=contact.site.name, channel=contact.get_channel_display())
        self.given = given
        wording = "Please do not send me messages here any more." if given else agree
        super().__init__(data, contact=contact, wording=wording)


class ScopeForm(SaidForm):
    """What the patient lets a caregiver hear, in the patient's words."""

    who = "the patient"
    scope = forms.ChoiceField(label="Hears about", choices=Scope.choices)
    field_order = ["scope", "source", "wording"]

    def __init__(self, data: Any = None, *, contact: Contact) -> None:
        super().__init__(data, contact=contact, scope=contact.scope)


class RevokeForm(SaidForm):
    who = "the patient"

    def __init__(self, data: Any = None, *, contact: Contact) -> None:
        who = contact.name or "my caregiver"
        super().__init__(data, contact=contact, wording=f"Please do not tell {who} anything any more.")


class AddContactForm(CaregiverForm):
    """Of the patient, who hears everything, or of a caregiver, who is called by a name."""

    relationship = forms.ChoiceField(label="Belongs to", choices=Relationship.choices)
    field_order = ["relationship", "name", "address", "scope", "language"]

    def __init__(self, data: Any = None, *, site: Site) -> None:
        super().__init__(data, site=site)
        self.fields["address"].required = True
        self.fields["address"].error_messages |= required("Enter a mobile number or an e-mail address.")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("relationship") == Relationship.CAREGIVER and not (data.get("name") or "").strip():
            self.add_error("name", "Enter the caregiver's name, so that staff can see who gets the messages.")
        if data.get("relationship") == Relationship.SELF and data.get("scope", Scope.ALL) not in ("", Scope.ALL):
            self.add_error("scope", "The patient gets every message. Choose “everything”, or a caregiver above.")
        return data

    def new(self, **facts: str) -> NewContact | None:
        return super().new(**facts | {"relationship": self.cleaned_data["relationship"]})
