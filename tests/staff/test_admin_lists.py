"""The admin's lists: patients of one's own sites, found and filtered, and no back door beside the actions."""

import pytest
from django.contrib import admin
from django.urls import reverse

from patients import clock
from patients.models import Patient, StaffMember
from reminders import actions
from reminders.plan.models import Reminder
from reminders.replies.alerts import raising
from reminders.replies.models import Reply
from tests.given import NOW, an_enrolment
from tests.staff.admin_pages import change, draft_of, form_of, text
from tests.staff.people import also, people, signed_in

__all__ = ["people"]
pytestmark = pytest.mark.django_db
LISTS = [
    "patients_patient",
    "patients_surgery",
    "patients_site",
    "reminders_protocol",
    "reminders_protocolversion",
    "reminders_reminder",
    "reminders_reply",
    "reminders_alert",
]


def a_reply(surgery) -> Reply:
    contact = surgery.patient.contacts.get()
    return Reply.objects.create(
        site=surgery.site,
        contact=contact,
        provider_id="SM1",
        from_address=contact.address,
        to_address="+12025550101",
        text="can I drive yet",
        intent="question",
        received_at=NOW,
    )


def test_every_list_and_page_is_seen_by_colleagues_and_by_no_stranger(people):
    surgery = an_enrolment(people.site, by=people.owner, now=clock.now())
    reply, version = a_reply(surgery), draft_of(people.site)
    rows = [surgery.patient, people.site, version.protocol, version, version.steps.all()[0], surgery.reminders.all()[0]]
    colleague, stranger = signed_in(people.colleague), signed_in(people.stranger)

    for name in LISTS:
        url = reverse(f"admin:{name}_changelist")
        assert colleague.get(url).status_code == 200, url
        page = text(stranger.get(url))
        assert "Riverside" not in page, url
        assert "Ana Ruiz" not in page, url
    alert = raising.raise_alert(site=surgery.site, surgery=surgery, level="D", signs=["fever"], now=NOW, reply=reply)
    for row in [*rows, reply, alert]:
        assert colleague.get(change(row)).status_code == 200, row
        for tail in ("", "../history/", "../delete/"):
            answer = stranger.get(change(row).replace("/change/", f"/{tail[3:] or 'change/'}"))
            assert answer.status_code in (302, 403), (row, tail)
            assert "Ana Ruiz" not in text(answer)
    assert colleague.get(change(surgery)).headers["Location"] == reverse("staff:record", args=[surgery.pk])
    assert stranger.get(change(surgery)).headers["Location"] != reverse("staff:record", args=[surgery.pk])


def test_being_a_superuser_opens_no_other_site(people):
    surgery = an_enrolment(people.site, by=people.owner, now=clock.now())
    StaffMember.objects.filter(pk=people.stranger.pk).update(is_superuser=True)
    root = signed_in(StaffMember.objects.get(pk=people.stranger.pk))

    assert "Ana Ruiz" not in text(root.get(reverse("admin:patients_patient_changelist")))
    assert root.get(change(surgery.patient)).status_code == 302
    assert root.get(reverse("admin:patients_staffmember_changelist")).status_code == 403


def test_nothing_planned_said_or_agreed_is_typed_or_deleted(people):
    surgery = an_enrolment(people.site, by=people.owner, now=clock.now())
    manager = signed_in(also(people.owner, people.site, "manager"))
    reminder, reply = surgery.reminders.all()[0], a_reply(surgery)
    due = reminder.due_at

    for row in (reminder, reply, surgery.patient, people.site, draft_of(people.site)):
        assert manager.post(change(row).replace("/change/", "/delete/"), {"post": "yes"}).status_code == 403, row
    assert manager.post(change(reminder), {"status": "done"}).status_code == 403
    assert manager.post(change(reply), {"text": "x"}).status_code == 403
    for name in ("reminder", "reply", "protocolversion"):
        assert manager.get(reverse(f"admin:reminders_{name}_add")).status_code == 403
    reminder.refresh_from_db()
    assert reminder.due_at == due


def test_adding_a_patient_or_a_surgery_leads_to_the_enrolment_page(people):
    client = signed_in(people.colleague)

    for name in ("patient", "surgery"):
        assert client.get(reverse(f"admin:patients_{name}_add")).headers["Location"] == "/staff/enrol/"


def test_screens_that_know_nothing_of_sites_are_gone():
    shown = {model._meta.label for model in admin.site._registry}

    assert not shown & {"auth.Group", "knox.AuthToken"}


def test_a_patient_is_found_by_name_number_and_phone(people):
    surgery = an_enrolment(people.site, by=people.owner, now=clock.now())
    number, digits = surgery.patient.number, surgery.patient.contacts.get().address[-4:]
    client = signed_in(people.colleague)

    for words in ("ruiz ana", number, digits):
        for name in ("patient", "surgery"):
            page = text(client.get(reverse(f"admin:patients_{name}_changelist"), {"q": words}))
            assert reverse("staff:record", args=[surgery.pk]) in page, (name, words)
    assert "Ana Ruiz" not in text(client.get(reverse("admin:patients_patient_changelist"), {"q": "nobody"}))


def test_editing_a_patient_goes_through_the_actions(people):
    surgery = an_enrolment(people.site, by=people.owner, now=clock.now())
    patient, client = surgery.patient, signed_in(people.colleague)
    due = surgery.reminders.filter(status="planned").first().due_at

    client.post(change(patient), form_of(client, change(patient)) | {"time_zone": "America/Los_Angeles"})
    moved = surgery.reminders.filter(status="planned").first().due_at
    client.post(change(patient), form_of(client, change(patient)) | {"status": "deceased"})

    patient.refresh_from_db()
    assert patient.time_zone == "America/Los_Angeles"
    assert moved != due
    assert not surgery.reminders.filter(status="planned").exists()
    assert "corrected (" in text(client.get(reverse("staff:record", args=[surgery.pk])))


def test_cancelled_ones_can_be_filtered(people):
    surgery = an_enrolment(people.site, by=people.owner, now=clock.now())
    actions.cancel_surgery(surgery, why="Fever", by=people.owner, now=clock.now())
    client, url = signed_in(people.colleague), reverse("admin:patients_surgery_changelist")

    assert "Ana Ruiz" in text(client.get(url, {"standing": "cancelled"}))
    assert "Ana Ruiz" not in text(client.get(url, {"standing": "active"}))
    assert Patient.objects.count() == 1
    assert Reminder.objects.filter(reason="surgery_cancelled").exists()
