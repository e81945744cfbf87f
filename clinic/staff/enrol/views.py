"""Enrol a patient: one page, with the plan that will follow beside the form."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from clinic.staff.access import StaffRequest, own_sites, page, staff_page
from clinic.staff.chain import chain_of
from clinic.staff.enrol.form_set import EnrolForms
from clinic.staff.enrol.plan import plan_for
from patients import clock
from patients.models import Contact, Patient, Site


@staff_page
@require_http_methods(["GET", "POST"])
def enrol(request: StaffRequest) -> HttpResponse:
    """The enrolment page. Without scripts “Show the plan” posts here too; only “Enrol” saves."""
    now = clock.now()
    forms = _forms(request)
    if forms is None:
        return page(request, "staff/enrol/site.html", title="Enrol a patient", sites=own_sites(request.user))
    if request.method == "POST" and "show_plan" not in request.POST:
        surgery = forms.enrol(by=request.user, now=now)
        if surgery:
            messages.success(request, f"{surgery.patient} is enrolled. The plan is laid out below.")
            for earlier in chain_of(surgery, staff=request.user, now=now).earlier:
                if earlier.booked:
                    stands = (
                        f"Still booked for {earlier.surgery}: {'; '.join(earlier.booked)}. Keep it, or free its time."
                    )
                    messages.warning(request, stands)
            return redirect("staff:record", pk=surgery.pk)
    plan = plan_for(forms, now=now) if request.method == "POST" else None
    if request.method == "POST" and not forms.known:
        forms.alike.look_up(forms.patient, forms.contacts)  # also where something else is wrong: a tick stays a tick
    status = 422 if request.method == "POST" and "show_plan" not in request.POST else 200
    return page(request, "staff/enrol/page.html", title="Enrol a patient", status=status, forms=forms, plan=plan)


@staff_page
@require_POST
def preview(request: StaffRequest) -> HttpResponse:
    """The preview, requested whenever the form changes. By POST, so that no name is ever in a URL."""
    forms = _forms(request)
    if forms is None:
        return HttpResponse(status=404)
    plan = plan_for(forms, now=clock.now())
    if not forms.known:
        forms.patient.is_valid()
        forms.alike.look_up(forms.patient, forms.contacts)
    return render(request, "staff/enrol/preview.html", {"forms": forms, "plan": plan})


def _forms(request: StaffRequest) -> EnrolForms | None:
    """None: they work at several sites and have not said at which one this is."""
    asked = request.POST if request.method == "POST" else request.GET
    known = _known(request, asked.get("patient", ""))
    site = known.site if known else _site(own_sites(request.user), asked.get("site"))
    if site is None:
        return None
    data = request.POST if request.method == "POST" else None
    return EnrolForms(data, site=site, staff=request.user, now=clock.now(), known=known)


def _known(request: StaffRequest, pk: str) -> Patient | None:
    if not pk.isdigit():
        return None
    contacts = Prefetch("contacts", Contact.objects.for_staff(request.user).with_consent().filter(ended_at=None))
    patients = Patient.objects.for_staff(request.user).select_related("site", "merged_into").prefetch_related(contacts)
    found = get_object_or_404(patients, pk=pk)
    return get_object_or_404(patients, pk=found.merged_into_id) if found.merged_into_id else found


def _site(sites: list[Site], chosen: str | None) -> Site | None:
    """The only one, or the one that was chosen among one's own; None: ask."""
    if len(sites) == 1:
        return sites[0]
    return next((site for site in sites if str(site.pk) == chosen), None)
