"""The record of one surgery, and what staff may decide there. Every change is a POST that calls one action."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from clinic.staff.access import StaffRequest, page, staff_page
from clinic.staff.record.contact_rows import contact_rows
from clinic.staff.record.forms import AddContactForm, CancelForm, CheckInForm, FactsForm, SessionForm
from clinic.staff.record.page import record_of
from clinic.staff.record.surgeon_form import SurgeonForm
from patients import clock
from patients.models import StaffMember, Surgery
from reminders import actions
from reminders.plan.models import Reminder


def own_surgery(staff: StaffMember, pk: int) -> Surgery:
    """One of the staff member's own surgeries; 404 for anybody else's, as if it did not exist."""
    surgeries = Surgery.objects.for_staff(staff).select_related(
        "site", "patient__site", "procedure", "surgeon", "care_plan__version__protocol", "care_plan__version__signed_by"
    )
    return get_object_or_404(surgeries.prefetch_related("care_plan__version__phases"), pk=pk)


def show(request: StaffRequest, surgery: Surgery, *, status: int = 200, **bound: Any) -> HttpResponse:
    """`bound`: what was refused, with what was typed (a form, or the `problem` of a visit); the rest begins afresh."""
    fresh: dict[str, Any] = {
        "facts_form": FactsForm.of(surgery),
        "cancel_form": CancelForm(),
        "surgeon_form": SurgeonForm.of(surgery),
        "contact_form": AddContactForm(site=surgery.site),
        "session_form": SessionForm(initial={"day": surgery.site.today(clock.now())}),
        "check_in_form": CheckInForm(surgery=surgery),
        "problem": None,
    }
    record = record_of(surgery, staff=request.user, now=clock.now())
    refused = next((bound.pop(name) for name in ABOUT_A_CONTACT if name in bound), None)
    fresh["contact_rows"] = contact_rows(record.contacts, staff=request.user, refused=refused)
    fresh["ended"] = [contact for contact in record.contacts if contact.ended_at]
    return page(
        request, "staff/record/page.html", title=str(surgery.patient), status=status, record=record, **(fresh | bound)
    )


ABOUT_A_CONTACT = ("consent_form", "scope_form", "revoke_form")


@staff_page
@require_safe
def record(request: StaffRequest, pk: int) -> HttpResponse:
    return show(request, own_surgery(request.user, pk))


def decide(
    request: StaffRequest, surgery: Surgery, name: str, form: forms.Form, action: Callable[[], object], done: str
) -> HttpResponse:
    """Do it and say so; or show the record again with what was typed and the reason at its field."""
    if form.is_valid():
        try:
            action()
        except ValidationError as error:
            refuse(form, error)
        except PermissionDenied as denied:
            messages.error(request, str(denied))
            return show(request, own_surgery(request.user, surgery.pk), status=403)
        else:
            messages.success(request, done)
            return redirect("staff:record", pk=surgery.pk)
    return show(request, own_surgery(request.user, surgery.pk), status=422, **{name: form})


def refuse(form: forms.Form, error: ValidationError) -> None:
    named = error.message_dict if hasattr(error, "error_dict") else {}
    for field, sentences in named.items():
        form.add_error(field if field in form.fields else None, sentences)
    if not named:
        form.add_error(None, error.messages)


@staff_page
@require_POST
def facts(request: StaffRequest, pk: int) -> HttpResponse:
    surgery, form = own_surgery(request.user, pk), FactsForm(request.POST)
    return decide(
        request,
        surgery,
        "facts_form",
        form,
        lambda: actions.change_facts(surgery, by=request.user, now=clock.now(), **form.cleaned_data),
        "Saved. The plan is updated.",
    )


@staff_page
@require_POST
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    surgery, form = own_surgery(request.user, pk), CancelForm(request.POST)
    return decide(
        request,
        surgery,
        "cancel_form",
        form,
        lambda: actions.cancel_surgery(surgery, why=form.cleaned_data["why"], by=request.user, now=clock.now()),
        "The operation is cancelled. Nothing more is sent.",
    )


@staff_page
@require_POST
def resend(request: StaffRequest, pk: int) -> HttpResponse:
    reminder = get_object_or_404(Reminder.objects.for_staff(request.user), pk=pk)
    try:
        actions.resend(reminder, by=request.user, now=clock.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "The message is sent again as soon as sending is allowed.")
    return redirect("staff:record", pk=reminder.surgery_id)
