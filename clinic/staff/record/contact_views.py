"""Contacts on the record: add one, end one, write down consent; and a new address for the patient's page."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from clinic.staff.access import StaffRequest, staff_page
from clinic.staff.record.forms import AddContactForm, ConsentForm, RevokeForm, ScopeForm
from clinic.staff.record.views import decide, own_surgery
from patients import actions as care
from patients import clock
from patients.models import Contact, Patient, StaffMember, Surgery
from patients.patient_matching import shares_address
from reminders import actions, caregivers
from reminders.enrolment import NewContact
from reminders.replies import actions as reply_actions


@staff_page
@require_POST
def add_contact(request: StaffRequest, pk: int) -> HttpResponse:
    surgery = own_surgery(request.user, pk)
    form = AddContactForm(request.POST, site=surgery.site)
    added: list[NewContact] = []
    answer = decide(
        request,
        surgery,
        "contact_form",
        form,
        lambda: added.extend(_add(surgery.patient, form.new(), by=request.user)),
        "The contact is added.",
    )
    if added:
        _warn_of_others(request, surgery.patient, added[0])
    return answer


def _warn_of_others(request: StaffRequest, patient: Patient, new: NewContact) -> None:
    """Another patient of the same date of birth has it too: perhaps one person under two numbers."""
    for one in shares_address(patient, new.phone or new.email):
        number, why = one.patient.number, one.in_words
        messages.warning(request, f"Patient number {number}: {why}. If it is one person, merge the two numbers.")


@transaction.atomic
def _add(patient: Patient, new: NewContact | None, *, by: StaffMember) -> list[NewContact]:
    """What was added: nothing, where the form was left empty."""
    if new is None:
        return []
    now = clock.now()
    facts = {name: getattr(new, name) for name in ("phone", "email", "relationship", "name", "scope")}
    contact = care.add_contact(patient, by=by, now=now, **facts, language=new.language or patient.language)
    if new.consent_wording:
        care.give_consent(contact, source=new.consent_source, wording=new.consent_wording, by=by, now=now)
    return [new]


def _own(staff: StaffMember, surgery: Surgery, pk: int) -> Contact:
    contacts = Contact.objects.for_staff(staff).select_related("site", "patient")
    return get_object_or_404(contacts, pk=pk, patient=surgery.patient)


@staff_page
@require_POST
def end(request: StaffRequest, pk: int, contact_pk: int) -> HttpResponse:
    surgery = own_surgery(request.user, pk)
    actions.end_contact(_own(request.user, surgery, contact_pk), by=request.user, now=clock.now())
    messages.success(request, "The contact is ended. Nothing more is sent there.")
    return redirect("staff:record", pk=surgery.pk)


@staff_page
@require_POST
def refusal(request: StaffRequest, pk: int, contact_pk: int) -> HttpResponse:
    """Of a held contact: `refused=yes` stops, anything else keeps writing to every contact with that number."""
    surgery = own_surgery(request.user, pk)
    refused = request.POST.get("refused") == "yes"
    contact = _own(request.user, surgery, contact_pk)
    reply_actions.decide_refusal(contact, refused=refused, by=request.user, now=clock.now())
    said = "Stopped: nothing more is sent there." if refused else "What waited is sent now, if it is still useful."
    messages.success(request, said)
    return redirect("staff:record", pk=surgery.pk)


@staff_page
@require_POST
def consent(request: StaffRequest, pk: int, contact_pk: int) -> HttpResponse:
    """`given=yes` in the form gives, anything else withdraws: silence is the safer mistake."""
    surgery = own_surgery(request.user, pk)
    contact = _own(request.user, surgery, contact_pk)
    gives = request.POST.get("given") == "yes"
    form = ConsentForm(request.POST, contact=contact, given=not gives)

    def write_down() -> None:
        if gives:
            care.give_consent(contact, **form.said, by=request.user, now=clock.now())
        else:  # said of a number, it is about everybody who is reached there
            reply_actions.record_refusal(contact, **form.said, by=request.user, now=clock.now())

    done = "Consent is recorded." if gives else f"Withdrawn. Nothing more is sent to {contact.address}."
    return decide(request, surgery, "consent_form", form, write_down, done)


@staff_page
@require_POST
def scope(request: StaffRequest, pk: int, contact_pk: int) -> HttpResponse:
    surgery = own_surgery(request.user, pk)
    contact = _own(request.user, surgery, contact_pk)
    form = ScopeForm(request.POST, contact=contact)

    def change() -> None:
        to = form.cleaned_data["scope"]
        caregivers.change_scope(contact, scope=to, **form.said, by=request.user, now=clock.now())

    return decide(
        request,
        surgery,
        "scope_form",
        form,
        change,
        "Saved. What they no longer get is not sent.",
    )


@staff_page
@require_POST
def revoke(request: StaffRequest, pk: int, contact_pk: int) -> HttpResponse:
    """About this patient only: what they hear of another one goes on."""
    surgery = own_surgery(request.user, pk)
    contact = _own(request.user, surgery, contact_pk)
    form = RevokeForm(request.POST, contact=contact)
    return decide(
        request,
        surgery,
        "revoke_form",
        form,
        lambda: caregivers.revoke(contact, **form.said, by=request.user, now=clock.now()),
        f"Revoked. Nothing more about {surgery.patient} is sent to {contact.address}.",
    )


@staff_page
@require_POST
def renew_link(request: StaffRequest, pk: int) -> HttpResponse:
    """Give the patient's page a new link, when the wrong person has the old one."""
    surgery = own_surgery(request.user, pk)
    actions.renew_link(surgery, by=request.user, now=clock.now())
    messages.success(request, "The old link no longer works. The next message carries the new one.")
    return redirect("staff:record", pk=pk)
