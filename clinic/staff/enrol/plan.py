"""Preview of the plan, from forms that may be half filled in. Writes nothing."""

from datetime import date, datetime

from clinic.staff.enrol.composer import PlanPreview, compose
from clinic.staff.enrol.expected_proposals import proposals_for
from clinic.staff.enrol.form_set import EnrolForms
from patients.models import Patient, StaffMember, Surgery
from reminders import enrolment
from reminders.further_operation import RunningPlan
from reminders.preview import Preview, known_recipients


def plan_for(forms: EnrolForms, *, now: datetime) -> PlanPreview | None:
    """None until procedure, day and protocol are known; everything else has a sensible stand-in."""
    if not forms.surgery.is_bound:
        return None
    forms.is_valid()
    facts = forms.surgery.cleaned_data
    if not (facts.get("procedure") and facts.get("date") and facts.get("version")):
        return None
    patient = forms.known or _patient(forms)
    surgery = Surgery(
        site=forms.site,
        patient=patient,
        procedure=facts["procedure"],
        surgeon=facts.get("surgeon") or StaffMember(last_name="the surgeon"),
        date=facts["date"],
        physical_therapy=facts.get("physical_therapy") or "undecided",
        job=facts.get("job") or "unknown",
    )
    new = [] if forms.known else forms.new_contacts()
    known = bool(forms.known)
    recipients = known_recipients(patient) if known else enrolment.recipients(new, patient.language, site=forms.site)
    choice = facts.get("running_plan") or RunningPlan.END
    plan = compose(Preview(surgery, facts["version"], recipients, now, running_plan=choice))
    plan.proposals = proposals_for(forms, surgery, facts["version"])
    return plan


def _patient(forms: EnrolForms) -> Patient:
    """Unsaved, from whatever is valid so far."""
    typed = forms.patient.cleaned_data
    return Patient(
        site=forms.site,
        given_name=typed.get("given_name") or ("" if typed.get("family_name") else "(name)"),
        family_name=typed.get("family_name") or "",
        birth_date=typed.get("birth_date") or date(1970, 1, 1),
        birth_known=typed.get("birth_known") or "day",
        language=typed.get("language") or forms.site.language,
        time_zone=typed.get("time_zone") or "",
    )
