"""The admin: lists of one's own sites, rights by role there, and no back door beside the actions."""

import re

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from patients import clock
from patients.models import Membership, Patient, Procedure, Site, StaffMember
from reminders import actions
from reminders.plan.models import CarePlan, DefaultProtocol, Protocol, ProtocolVersion, Reminder, Step
from reminders.replies import alerting
from reminders.replies.models import Reply
from tests.given import NOW, PASSWORD, a_signed_version, a_site, a_staff_member, an_enrolment
from tests.staff.people import People, a_manager, also, signed_in, three_people

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


@pytest.fixture
def people() -> People:
    return three_people()


def change(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


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


def draft_of(site: Site, code: str = "miss-base") -> ProtocolVersion:
    return ProtocolVersion.objects.get(protocol__site=site, protocol__code=code, number=1)


def form_of(client: Client, url: str) -> dict[str, str]:
    """What a browser would send back unchanged."""
    context = client.get(url).context
    forms = [context["adminform"].form] + [f for s in context["inline_admin_formsets"] for f in s.formset.forms]
    forms += [s.formset.management_form for s in context["inline_admin_formsets"]]
    data: dict[str, str] = {}
    for form in forms:
        for field in form:
            for widget in _leaves(field):
                data |= widget
    return data


def _leaves(field):
    value = field.value()
    widgets = getattr(field.field.widget, "widgets", None)
    if widgets:
        names = field.field.widget.widgets_names
        parts = field.field.widget.decompress(value) if not isinstance(value, list) else value
        yield {f"{field.html_name}{name}": "" if v is None else v for name, v in zip(names, parts, strict=True)}
    elif isinstance(value, bool):
        yield {field.html_name: "on"} if value else {}
    else:
        yield {field.html_name: "" if value is None else value}


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
    alert = alerting.raise_alert(site=surgery.site, surgery=surgery, level="D", signs=["fever"], now=NOW, reply=reply)
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

    assert not shown & {"auth.Group", "auditlog.LogEntry", "knox.AuthToken"}


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


def test_a_surgeon_signs_and_reception_does_not(people):
    version = draft_of(people.site)
    url = reverse("admin:reminders_protocolversion_sign", args=[version.pk])

    assert signed_in(people.stranger).post(url).status_code == 404
    assert signed_in(people.colleague).post(url).status_code == 403
    surgeon = signed_in(people.owner)
    surgeon.post(url, {"seen": surgeon.get(url).context["seen"]})

    version.refresh_from_db()
    assert (version.state, version.signed_by) == ("signed", people.owner)


def test_what_keeps_a_version_from_being_signed_is_said_in_sentences(people):
    version = draft_of(people.site)
    version.steps.all()[0].texts.all().delete()

    page = signed_in(people.owner).post(reverse("admin:reminders_protocolversion_sign", args=[version.pk]), follow=True)

    assert "has no text in en." in text(page)
    version.refresh_from_db()
    assert version.state == "draft"


def test_a_signed_version_is_read_only_and_a_new_one_can_be_edited(people):
    version = a_signed_version(people.site, by=people.owner)
    client, step = signed_in(people.owner), version.steps.all()[0]

    assert client.post(change(version), {}).status_code == 403
    assert client.post(change(step), {"title": "x"}).status_code == 409
    client.post(reverse("admin:reminders_protocolversion_branch", args=[version.pk]))

    draft = version.protocol.versions.get(number=2)
    copy = draft.steps.get(code=step.code)
    response = client.post(change(copy), form_of(client, change(copy)) | {"title": "Walk, a little", "at": "10:30"})
    copy.refresh_from_db()
    assert response.status_code == 302
    assert (copy.title, f"{copy.at:%H:%M}") == ("Walk, a little", "10:30")
    step.refresh_from_db()
    assert step.title != "Walk, a little"


def test_a_drafts_phases_are_edited_per_language(people):
    phase, client = draft_of(people.site).phases.all()[1], signed_in(people.owner)

    response = client.post(change(phase), form_of(client, change(phase)) | {"title_en": "The first two weeks"})

    assert response.status_code == 302, response.context["errors"]
    phase.refresh_from_db()
    assert phase.title["en"] == "The first two weeks"
    assert phase.title["es"].startswith("Semanas")
    assert isinstance(phase.do["en"], list)


def test_reception_reads_protocols_and_changes_none(people):
    version = draft_of(people.site)
    client = signed_in(people.colleague)

    parts = [version.steps.all()[0], version.phases.all()[0], version.check_ups.all()[0]]
    for row in (version, version.protocol, *parts, people.site):
        assert client.get(change(row)).status_code == 200
        assert client.post(change(row), {}).status_code == 403, row


def test_a_new_step_goes_into_a_draft_of_ones_own_only(people):
    add = reverse("admin:reminders_step_add")
    own, foreign = draft_of(people.site), draft_of(people.stranger.sites.get())
    client = signed_in(people.owner)

    assert client.get(add, {"version": own.pk}).status_code == 200
    assert client.get(add, {"version": foreign.pk}).status_code == 302
    new = {"title": "Drink water", "code": "water", "kind": "pain_medicine", "phase": own.phases.all()[0].pk}
    new |= {"anchor": "surgery", "offset_days": 1, "at": "12:00", "useful_days": 1, "channels": "sms,email"}
    texts = {"sms_en": "{clinic}: Drink water."}
    response = client.post(f"{add}?version={own.pk}", form_of(client, f"{add}?version={own.pk}") | new | texts)

    assert response.status_code == 302, response.context["errors"]
    step = Step.objects.get(code="water")
    assert (step.version, step.channels, step.texts.get().language) == (own, ["sms", "email"], "en")


def test_the_first_superuser_opens_the_first_site_and_manages_it():
    root = StaffMember.objects.create_superuser("root", password=PASSWORD)
    client = signed_in(root)
    new = {"name": "Lakeside", "code": "lakeside", "short_name": "Lakeside", "phone": "+12025550100"}

    assert "Open the first site" in text(client.get(reverse("admin:index"), follow=True))
    url = reverse("admin:patients_site_add")
    response = client.post(url, form_of(client, url) | new | {"languages": "en, es"})

    assert response.status_code == 302, response.context["errors"]
    site = Site.objects.get()
    assert site.languages == ["en", "es"]
    assert Membership.objects.get().role == "manager"
    assert site.protocols.count() == 5


def test_only_managers_open_and_change_sites_and_plans_follow(people):
    an_enrolment(people.site, by=people.owner, now=clock.now())
    manager = signed_in(a_manager(people.site))

    assert signed_in(people.owner).get(reverse("admin:patients_site_add")).status_code == 403
    response = manager.post(
        change(people.site),
        form_of(manager, change(people.site)) | {"send_from": "10:00", "staffed_weekdays": ["0", "1"]},
    )

    people.site.refresh_from_db()
    assert response.status_code == 302, response.context["errors"]
    assert f"{people.site.send_from:%H:%M}" == "10:00"
    assert people.site.staffed_weekdays == [0, 1]
    assert CarePlan.objects.get().laid_out_until == people.site.today(clock.now())


def test_a_manager_adds_somebody_with_a_role_at_an_own_site(people):
    client = signed_in(a_manager(people.site))
    url = reverse("admin:patients_staffmember_add")
    who = {
        "username": "nora",
        "first_name": "Nora",
        "password1": "a long enough word",
        "password2": "a long enough word",
    }
    base = form_of(client, url) | who

    foreign = client.post(
        url, base | {"memberships-0-site": people.stranger.sites.get().pk, "memberships-0-role": "surgeon"}
    )
    nowhere = client.post(url, base)
    good = client.post(url, base | {"memberships-0-site": people.site.pk, "memberships-0-role": "reception"})

    assert foreign.status_code == nowhere.status_code == 200
    assert good.status_code == 302, good.context["errors"]
    nora = StaffMember.objects.get(username="nora")
    assert nora.is_at(people.site, "reception")
    assert (nora.is_staff, nora.is_superuser) == (True, False)
    assert Client().login(username="nora", password="a long enough word")


def test_a_manager_cannot_take_over_somebody_of_another_site_too(people):
    elsewhere = people.stranger.sites.get()
    both = also(a_staff_member(people.site, "reception"), elsewhere, "manager")
    client = signed_in(a_manager(people.site))
    password = reverse("admin:auth_user_password_change", args=[both.pk])

    assert client.post(password, {"password1": "x", "password2": "x"}).status_code == 403
    client.post(change(both), form_of(client, change(both)) | {"username": "mine", "is_superuser": "on"})

    both.refresh_from_db()
    assert both.username != "mine"
    assert not both.is_superuser
    assert both.is_at(elsewhere, "manager")


def test_staff_is_listed_for_managers_only_and_the_last_one_stays(people):
    manager = a_manager(people.site)
    client, url = signed_in(manager), reverse("admin:patients_staffmember_changelist")

    assert signed_in(people.colleague).get(url).status_code == 403
    assert people.colleague.username in text(client.get(url))
    assert people.stranger.username not in text(client.get(url))
    data = form_of(client, change(manager)) | {"memberships-0-role": "reception"}
    assert client.post(change(manager), data).status_code == 200
    assert manager.is_at(people.site, "manager")


def test_signing_in_leads_to_the_board():
    staff = a_staff_member(a_site())

    page = Client().get("/staff/login/")
    response = Client().post("/staff/login/", {"username": staff.username, "password": PASSWORD})

    assert page.status_code == 200
    assert response.headers["Location"] == reverse("staff:board")


def test_a_wrong_password_is_said_in_words_and_so_is_what_helps():
    staff = a_staff_member(a_site())

    wrong = text(Client().post("/staff/login/", {"username": staff.username, "password": "x"}))
    empty = text(Client().post("/staff/login/", {"username": "", "password": ""}))

    assert "do not belong together" in wrong
    assert "a manager of your clinic can give you a new password" in wrong
    assert "Enter your username." in empty


def test_who_belongs_to_no_site_reads_so_after_signing_in(people):
    people.colleague.memberships.all().delete()

    for door in ("/", "/staff/", reverse("staff:board")):
        response = signed_in(people.colleague).get(door, follow=True)
        assert response.status_code == 403, door
        assert "You do not belong to a site yet" in text(response), door


def test_every_page_has_an_icon_and_so_has_the_address_browsers_guess(people):
    assert "icon.svg" in text(signed_in(people.owner).get(reverse("staff:board")))
    assert "icon.svg" in text(Client().get("/staff/login/"))
    assert Client().get("/favicon.ico").headers["Location"] == "/static/icon.svg"


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


def test_cancelled_ones_can_be_filtered(people):
    surgery = an_enrolment(people.site, by=people.owner, now=clock.now())
    actions.cancel_surgery(surgery, why="Fever", by=people.owner, now=clock.now())
    client, url = signed_in(people.colleague), reverse("admin:patients_surgery_changelist")

    assert "Ana Ruiz" in text(client.get(url, {"standing": "cancelled"}))
    assert "Ana Ruiz" not in text(client.get(url, {"standing": "active"}))
    assert Patient.objects.count() == 1
    assert Reminder.objects.filter(reason="surgery_cancelled").exists()


def test_a_manager_sets_how_much_a_site_sends_and_what_to_do_in_doubt(people):
    client, url = signed_in(also(people.owner, people.site, "manager")), change(people.site)
    new = {"when_unknown": "email", "texts_a_day": "2", "texts_a_week": "5", "daily_cap": "300"}

    response = client.post(url, form_of(client, url) | new | {"text_countries": "US, CA", "stop_covers_all": "on"})

    assert response.status_code == 302, response.context["errors"]
    site = Site.objects.get(pk=people.site.pk)
    assert (site.when_unknown, site.texts_a_day, site.texts_a_week, site.daily_cap) == ("email", 2, 5, 300)
    assert (site.text_countries, site.stop_covers_all) == (["US", "CA"], True)


@pytest.mark.parametrize("wrong", [{"text_countries": "Utopia"}, {"texts_a_day": "0"}, {"texts_a_week": "1"}])
def test_limits_that_make_no_sense_are_refused_in_words(people, wrong):
    client, url = signed_in(also(people.owner, people.site, "manager")), change(people.site)

    response = client.post(url, form_of(client, url) | wrong)

    assert response.status_code == 200
    assert response.context["errors"]
