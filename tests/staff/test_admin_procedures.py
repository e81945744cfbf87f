"""Procedures in the admin: managers add and rename them, and each site chooses the protocol one starts with."""

import re

import pytest
from django.urls import reverse

from patients import clock
from patients.models import AuditEntry, Procedure
from reminders.plan.models import DefaultProtocol, Protocol
from tests.given import a_signed_version, an_enrolment
from tests.staff.admin_pages import change, form_of
from tests.staff.people import a_manager, people, signed_in

__all__ = ["people"]
pytestmark = pytest.mark.django_db
NEW_PROCEDURE = {"name": "Microdiscectomy, two levels", "code": "micro-2", "family": "decompression"}


def test_a_manager_adds_a_procedure_and_every_site_can_enrol_with_it(people):
    elsewhere = people.stranger.sites.get()
    manager, url = signed_in(a_manager(people.site)), reverse("admin:patients_procedure_add")

    for nosy in (people.owner, people.colleague, people.stranger):
        assert signed_in(nosy).post(url, NEW_PROCEDURE).status_code == 403
    response = manager.post(url, NEW_PROCEDURE)

    assert response.status_code == 302, response.context["errors"]
    started = DefaultProtocol.objects.filter(procedure__code="micro-2")
    assert {(d.site, d.protocol.code) for d in started} == {
        (people.site, "decompression"), (elsewhere, "decompression"),
    }  # fmt: skip


def test_a_new_procedure_starts_with_a_signed_protocol_before_a_draft(people):
    a_signed_version(people.site, "decompression", by=people.owner)
    draft = Protocol.objects.create(site=people.site, code="own", name="Our own", family="decompression")
    assert draft.pk

    signed_in(a_manager(people.site)).post(reverse("admin:patients_procedure_add"), NEW_PROCEDURE)

    started = DefaultProtocol.objects.get(procedure__code="micro-2", site=people.site)
    assert started.protocol.code == "decompression"


def test_a_used_procedure_is_renamed_but_not_deleted(people):
    used = an_enrolment(people.site, by=people.owner, now=clock.now()).procedure
    unused = Procedure.objects.get(code="plif")
    manager = signed_in(a_manager(people.site))

    manager.post(change(used), {"name": "Spine surgery"})
    for procedure, status in ((used, 403), (unused, 302)):
        url = change(procedure).replace("/change/", "/delete/")
        assert manager.post(url, {"post": "yes"}).status_code == status

    assert list(Procedure.objects.filter(pk__in=[used.pk, unused.pk]).values_list("name", flat=True)) == [
        "Spine surgery"
    ]


def test_the_audit_of_every_site_tells_of_a_new_procedure_and_of_its_new_name(people):
    manager = a_manager(people.site)
    client = signed_in(manager)

    client.post(reverse("admin:patients_procedure_add"), NEW_PROCEDURE)
    client.post(change(Procedure.objects.get(code="micro-2")), {"name": "Two levels"})

    for site in (people.site, people.stranger.sites.get()):
        told = AuditEntry.objects.for_site(site).filter(content_type__model="procedure").in_order()
        assert [(entry.verb, entry.by, entry.details) for entry in told] == [
            ("procedure added", manager, {"name": "Microdiscectomy, two levels"}),
            ("procedure renamed", manager, {"name": "Two levels"}),
        ]


def test_a_site_chooses_which_of_its_own_protocols_a_procedure_starts_with(people):
    manager, url = signed_in(a_manager(people.site)), change(people.site)
    own = Protocol.objects.get(site=people.site, code="fusion")
    foreign = Protocol.objects.get(site=people.stranger.sites.get(), code="fusion")
    default = DefaultProtocol.objects.get(site=people.site, procedure__code="miss")
    data = form_of(manager, url)
    ids = {value: name for name, value in data.items() if re.fullmatch(r"default_protocols-\d+-id", name)}
    field = ids[default.pk].replace("-id", "-protocol")

    refused = manager.post(url, data | {field: foreign.pk})
    taken = manager.post(url, data | {field: own.pk})

    default.refresh_from_db()
    assert (refused.status_code, taken.status_code) == (200, 302)
    assert default.protocol == own
