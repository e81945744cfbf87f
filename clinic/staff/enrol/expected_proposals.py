"""What the record will propose for a patient who is about to be enrolled, from forms that may be half filled in."""

from clinic.staff.enrol.form_set import EnrolForms
from clinic.staff.offers import Offer, offer
from patients.models import Surgery
from reminders import pace_proposals
from reminders.plan.models import ProtocolVersion


def proposals_for(forms: EnrolForms, surgery: Surgery, version: ProtocolVersion) -> list[Offer]:
    """`surgery`: unsaved, with its patient. An age counts only once a day of birth was entered."""
    patient, typed = surgery.patient, forms.surgery.cleaned_data
    surgery.levels, surgery.asa_class = typed.get("levels"), typed.get("asa_class")
    is_born = True
    if not forms.known:
        health = forms.patient.cleaned_data
        patient.conditions, patient.bmi_band = list(health.get("conditions") or []), health.get("bmi_band") or ""
        is_born = bool(health.get("birth_date"))
    return [offer(one) for one in pace_proposals.expected(surgery, version, with_age=is_born)]
