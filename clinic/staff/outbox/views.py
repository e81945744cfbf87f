"""The outbox page, and its way to answer as the patient. Only where messages stay in the outbox."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from clinic.staff.access import StaffRequest, page, staff_page
from clinic.staff.board.site import chosen
from clinic.staff.outbox import conversations as outbox
from patients import clock
from patients.models import Contact, Patient, Site
from patients.models.contact import Channel
from reminders.delivery.models import Sender
from reminders.replies import inbound

LONGEST = 1600  # what Twilio takes in one message


@never_cache
@staff_page
@require_GET
def show(request: StaffRequest, pk: int | None = None) -> HttpResponse:
    """`pk`: the patient whose messages are shown; without one, whoever was written to last."""
    site = chosen(request)
    if not outbox.is_open(site):
        return _closed(request, site)
    now = clock.now()
    people = outbox.people(site, staff=request.user, now=now)
    shown = _patient(request, site, pk or (people[0].pk if people else None))
    talks = outbox.conversations(shown, site=site, now=now) if shown else []
    context: dict[str, Any] = {"people": people, "chosen": shown, "talks": talks, "site": site}
    return page(request, "staff/outbox/page.html", title="Outbox", **context)


def _patient(request: StaffRequest, site: Site, pk: int | None) -> Patient | None:
    return get_object_or_404(Patient.objects.for_staff(request.user).for_site(site), pk=pk) if pk else None


def _closed(request: StaffRequest, site: Site) -> HttpResponse:
    return page(request, "staff/outbox/closed.html", title="Outbox", status=404, site=site)


@require_POST
@staff_page
def answer(request: StaffRequest, pk: int) -> HttpResponse:
    """Receive the answer as a real text would be: the same actions follow."""
    contact = get_object_or_404(Contact.objects.for_staff(request.user).select_related("site", "patient"), pk=pk)
    if not outbox.is_open(contact.site):
        return _closed(request, contact.site)
    sender = Sender.objects.filter(site=contact.site, channel=Channel.SMS).first()
    text = request.POST.get("text", "").strip()[:LONGEST]
    if contact.channel != Channel.SMS or sender is None:
        messages.error(request, "Only texts can be answered, and only where the site has a number to text to.")
    elif not text:
        messages.error(request, "Type what the patient answers, such as 1.")
    else:
        inbound.receive(
            provider_id=f"outbox-{uuid4().hex}",
            from_address=contact.address,
            to_address=sender.address,
            text=text,
            now=clock.now(),
        )
    return redirect("staff:outbox-person", pk=contact.patient_id)
