"""Whose rows one sees, and what one's role lets one do with them."""

import pytest

from patients.models import Membership, Patient, Surgery
from patients.models.staff import Role
from reminders.plan.models import Reminder
from tests.api.problems import problem, rows

LISTS = [
    "patients", "surgeries", "reminders", "check-ups", "check-ins", "therapy-sessions", "protocols", "sites",
]  # fmt: skip


def addresses(surgery):
    reminder, check_up = surgery.reminders.first(), surgery.check_ups.first()
    protocol = surgery.care_plan.version.protocol_id
    contact = surgery.patient.contacts.get()
    reading = [
        f"patients/{surgery.patient_id}/", f"patients/{surgery.patient_id}/contacts/", f"surgeries/{surgery.pk}/",
        f"surgeries/{surgery.pk}/schedule/", f"reminders/{reminder.pk}/", f"check-ups/{check_up.pk}/",
        f"check-ins/{surgery.check_ins.get().pk}/", f"surgeries/{surgery.pk}/adherence/",
        f"therapy-sessions/{surgery.therapy_sessions.get().pk}/",
        f"protocols/{protocol}/", f"protocols/{protocol}/versions/1/", f"sites/{surgery.site.code}/",
    ]  # fmt: skip
    changing = [
        f"patients/{surgery.patient_id}/status/", f"patients/{surgery.patient_id}/contacts/",
        f"patients/{surgery.patient_id}/contacts/{contact.pk}/consent/give/",
        f"patients/{surgery.patient_id}/contacts/{contact.pk}/consent/withdraw/",
        *(f"patients/{surgery.patient_id}/contacts/{contact.pk}/{verb}/" for verb in ("scope", "revoke")),
        f"surgeries/{surgery.pk}/move/", f"surgeries/{surgery.pk}/cancel/", f"surgeries/{surgery.pk}/facts/",
        f"reminders/{reminder.pk}/skip/", f"reminders/{reminder.pk}/resend/",
        *(f"check-ups/{check_up.pk}/{verb}/" for verb in ("book", "confirm", "attended", "missed")),
        *(f"check-ups/{check_up.pk}/{verb}/" for verb in ("free", "not-needed", "undo")),
    ]  # fmt: skip
    return reading, changing


@pytest.mark.parametrize("who", ["owner", "colleague"])
def test_people_of_the_site_see_everything_of_it(request, as_, surgery, who):
    staff = request.getfixturevalue(who)
    client = as_(staff)

    for path in addresses(surgery)[0]:
        assert client.get(f"/api/v1/{path}").status_code == 200, path
    for path in LISTS:
        assert rows(client.get(f"/api/v1/{path}/")), path


def test_for_a_stranger_nothing_of_the_site_exists(as_, surgery, stranger):
    client = as_(stranger)
    reading, changing = addresses(surgery)

    for path in reading:
        problem(client.get(f"/api/v1/{path}"), 404)
    for path in changing:
        problem(client.post(f"/api/v1/{path}", {}), 404)
    for path in LISTS:
        assert {row.get("site", row.get("code")) for row in rows(client.get(f"/api/v1/{path}/"))} <= {"lakeside"}
    assert rows(client.post("/api/v1/patients/search/", {"words": "Ruiz"})) == []


def test_a_stranger_is_answered_as_if_the_row_had_never_been(as_, surgery, stranger):
    client = as_(stranger)

    theirs = problem(client.get(f"/api/v1/patients/{surgery.patient_id}/"), 404)
    nobodys = problem(client.get("/api/v1/patients/999999/"), 404)

    assert theirs == nobodys


def test_being_a_superuser_opens_no_further_door(as_, surgery, stranger):
    stranger.is_superuser = True
    stranger.save()

    problem(as_(stranger).get(f"/api/v1/surgeries/{surgery.pk}/"), 404)


def test_a_stranger_cannot_reach_in_through_the_fields_of_a_body(as_, surgery, stranger, site, owner):
    body = {"patient": surgery.patient_id, "procedure": "miss", "surgeon": owner.pk, "date": "2026-03-02"}
    answer = problem(as_(stranger).post("/api/v1/surgeries/", body), 400)

    assert [e["pointer"] for e in answer["errors"]] == ["#/patient", "#/surgeon"]
    assert Surgery.objects.count() == 1


def test_reception_enrols_and_books_but_does_not_move_cancel_or_skip(as_, surgery, colleague):
    client = as_(colleague)
    reminder = Reminder.objects.planned().first()

    for path, body in [
        (f"surgeries/{surgery.pk}/move/", {"date": "2026-03-03"}),
        (f"surgeries/{surgery.pk}/cancel/", {"why": "postponed"}),
        (f"surgeries/{surgery.pk}/facts/", {"job": "desk"}),
        (f"reminders/{reminder.pk}/skip/", {}),
    ]:
        document = problem(client.post(f"/api/v1/{path}", body), 403)
        assert "Only a surgeon or a manager of Riverside Spine Clinic" in document["detail"]

    surgery.refresh_from_db()
    assert surgery.is_active


def test_a_surgeon_elsewhere_who_is_reception_here_decides_nothing_here(as_, surgery, stranger, site):
    Membership.objects.create(staff=stranger, site=site, role=Role.RECEPTION)

    problem(as_(stranger).post(f"/api/v1/surgeries/{surgery.pk}/cancel/", {"why": "postponed"}), 403)


def test_somebody_without_a_site_sees_nothing(as_, surgery, colleague):
    Membership.objects.filter(staff=colleague).delete()

    for path in LISTS:
        assert rows(as_(colleague).get(f"/api/v1/{path}/")) == []
    assert Patient.objects.exists()
