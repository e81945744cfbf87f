"""The protocol editor: drafts of one's own site, two people at one text, signing with open eyes, files in and out."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from reminders.plan import library
from reminders.plan.files.documents import export
from reminders.plan.models import Phase, Protocol, ProtocolVersion, Step, StepText
from tests.given import NOW, a_signed_version, a_staff_member, an_enrolment
from tests.staff.people import People, a_manager, signed_in, three_people
from tests.staff.test_admin import change, draft_of, form_of, text

pytestmark = pytest.mark.django_db
SHIPPED = (library.HERE / "vertebroplasty.yaml").read_bytes()


@pytest.fixture
def people() -> People:
    return three_people()


@pytest.fixture
def draft(people: People) -> ProtocolVersion:
    return draft_of(people.site, "vertebroplasty")


@pytest.fixture
def step(draft: ProtocolVersion) -> Step:
    return draft.steps.get(code="walk-today")


def url(name: str, row) -> str:
    return reverse(f"admin:reminders_{name}", args=[row.pk])


def upload(data: bytes = SHIPPED) -> SimpleUploadedFile:
    return SimpleUploadedFile("ours.yaml", data, "application/yaml")


# Who may do what: owner (a surgeon), colleague (reception), stranger from another site -----------------------------


def test_pages_that_are_read_open_to_colleagues_and_to_no_stranger(people, draft, step):
    parts = [draft, step, draft.phases.all()[0], draft.check_ups.all()[0]]
    pages = [change(part) for part in parts] + [url(f"protocolversion_{w}", draft) for w in ("export", "compare")]

    for page in pages:
        assert signed_in(people.owner).get(page).status_code == 200, page
        assert signed_in(people.colleague).get(page).status_code == 200, page
        assert signed_in(people.stranger).get(page).status_code in (302, 404), page


@pytest.mark.parametrize("name", ["step_move", "step_remove", "phase_remove", "checkupdefinition_remove"])
def test_a_draft_is_changed_by_surgeons_and_managers_of_its_site_only(people, draft, step, name):
    row = {"step": step, "phase": draft.phases.all()[0]}.get(name.split("_")[0], draft.check_ups.all()[0])
    before = export(draft)

    assert signed_in(people.owner).get(url(name, row)).status_code == 405
    assert signed_in(people.colleague).post(url(name, row), {"to": 1, "was": 0}).status_code == 403
    assert signed_in(people.stranger).post(url(name, row), {"to": 1, "was": 0}).status_code == 404

    assert export(draft) == before


def test_the_signing_page_is_for_surgeons_of_the_site(people, draft):
    page = url("protocolversion_sign", draft)

    assert signed_in(people.owner).get(page).status_code == 200
    for nobody in (people.colleague, a_manager(people.site)):
        assert signed_in(nobody).get(page).status_code == 403
    assert signed_in(people.stranger).get(page).status_code == 404


def test_a_version_is_retired_by_surgeons_and_managers_of_the_site(people):
    version = a_signed_version(people.site, by=people.owner)
    page = url("protocolversion_retire", version)

    assert signed_in(people.stranger).post(page).status_code == 404
    assert signed_in(people.colleague).post(page).status_code == 403
    version.refresh_from_db()
    assert version.state == "signed"
    signed_in(a_manager(people.site)).post(page)
    version.refresh_from_db()
    assert version.state == "retired"


def test_a_file_is_imported_by_surgeons_and_managers_into_their_own_site(people):
    page, elsewhere = reverse("admin:reminders_protocol_import"), people.stranger.sites.get()
    before = ProtocolVersion.objects.count()

    assert signed_in(people.colleague).get(page).status_code == 403
    refused = signed_in(people.owner).post(page, {"site": elsewhere.pk, "taken_as": "version", "file": upload()})
    assert refused.status_code == 200
    assert "Select a valid choice" in text(refused)
    assert ProtocolVersion.objects.count() == before
    assert "Import a protocol" in text(signed_in(people.owner).get(reverse("admin:reminders_protocol_changelist")))
    assert "Import a protocol" not in text(
        signed_in(people.colleague).get(reverse("admin:reminders_protocol_changelist"))
    )


def test_texts_are_weighed_for_who_may_edit_them(people, draft):
    page, typed = (
        reverse("admin:reminders_step_weigh"),
        {"version": draft.pk, "weigh": "sms_en", "sms_en": "{clinic}: Hi"},
    )

    assert signed_in(people.owner).post(page, typed).status_code == 200
    for nobody in (people.colleague, people.stranger):
        assert signed_in(nobody).post(page, typed).status_code == 404


# The plan day by day ----------------------------------------------------------------------------------------------


def test_steps_stand_in_the_order_of_their_days_and_move_with_them(people, draft):
    client = signed_in(people.owner)
    lifting = draft.steps.get(code="avoid-heavy-lifting-1")

    def order() -> list[str]:
        page = text(client.get(change(draft)))
        return re.findall(r"/reminders/step/(\d+)/change/", page)

    first = order()
    client.post(url("step_move", lifting), {"to": 13, "was": lifting.offset_days})
    lifting.refresh_from_db()

    assert lifting.offset_days == 13
    assert order().index(str(lifting.pk)) > first.index(str(lifting.pk))
    assert sorted(order()) == sorted(first)


def test_a_step_somebody_else_moved_meanwhile_is_not_moved_again(people, draft, step):
    client = signed_in(people.owner)
    client.post(url("step_move", step), {"to": 1, "was": 0})

    page = text(client.post(url("step_move", step), {"to": 2, "was": 0}, follow=True))
    nonsense = text(client.post(url("step_move", step), {"to": "soon", "was": 1}, follow=True))

    step.refresh_from_db()
    assert step.offset_days == 1
    assert "was moved by somebody else in the meantime" in page
    assert "A day is a whole number" in nonsense


@pytest.mark.parametrize("name", ["step", "phase", "checkupdefinition"])
def test_a_code_that_is_taken_is_said_at_the_form(people, draft, name):
    client, add = signed_in(people.owner), f"{reverse(f'admin:reminders_{name}_add')}?version={draft.pk}"
    taken = {"step": draft.steps, "phase": draft.phases, "checkupdefinition": draft.check_ups}[name].all()[0]
    new = {"code": taken.code, "title": "Again", "title_en": "Again", "phase": draft.phases.all()[0].pk, "at": "9:00"}
    new |= {"kind": "pain_medicine", "anchor": "surgery", "channels": "sms"}
    new |= {"first_day": 1, "target_day": 1, "last_day": 1}

    response = client.post(add, form_of(client, add) | new)

    assert response.status_code == 200
    assert "with this Version and Code already exists." in text(response)


def test_a_phase_goes_only_when_nothing_is_said_in_it(people, draft):
    client, phase = signed_in(people.owner), draft.phases.all()[0]

    kept = text(client.post(url("phase_remove", phase), follow=True))
    for one in phase.steps.all():
        client.post(url("step_remove", one))
    client.post(url("phase_remove", phase))

    assert "Move or remove its steps first" in kept
    assert not Phase.objects.filter(pk=phase.pk).exists()


def test_a_signed_version_is_moved_and_emptied_by_nobody(people):
    version = a_signed_version(people.site, by=people.owner)
    client, step = signed_in(people.owner), version.steps.all()[0]
    before = export(version)

    assert "cannot change" in text(client.post(url("step_move", step), {"to": 9, "was": step.offset_days}, follow=True))
    assert "cannot change" in text(client.post(url("step_remove", step), follow=True))

    assert export(version) == before


def test_the_course_of_pain_and_the_late_rule_are_edited(people, draft, step):
    client = signed_in(people.owner)

    wrong = client.post(change(draft), form_of(client, change(draft)) | {"expected_pain": "14 9 2"})
    odd = client.post(change(draft), form_of(client, change(draft)) | {"expected_pain": "soon"})
    client.post(change(draft), form_of(client, change(draft)) | {"expected_pain": "1 4 8\n14 2 5"})
    client.post(change(step), form_of(client, change(step)) | {"late_rule": "skip"})

    draft.refresh_from_db()
    step.refresh_from_db()
    assert "Give rows of day, lowest and highest" in text(wrong)
    assert "A line each: the day, then the lowest" in text(odd)
    assert (draft.expected_pain, step.late_rule) == ([[1, 4, 8], [14, 2, 5]], "skip")


# Words ------------------------------------------------------------------------------------------------------------


def weighed(people, draft, **typed: str) -> str:
    page = reverse("admin:reminders_step_weigh")
    return text(signed_in(people.owner).post(page, {"version": draft.pk, "anchor": "surgery"} | typed))


def test_a_text_is_weighed_as_it_will_be_sent_and_paid(people, draft):
    people.site.part_price = "0.0079"
    people.site.save()

    page = weighed(people, draft, weigh="sms_en", sms_en="{clinic}: " + "Walk a bit. " * 13)

    assert "2 parts" in page
    assert '<b class="num">180</b> characters, GSM-7' in page
    assert "0.0158 USD" in page
    assert "reads at grade" in page
    assert "Springfield Clinic Ctr: Walk a bit." in page


def test_what_a_text_must_not_say_is_said_while_it_is_typed(people, draft):
    assert "says “surgeon”" in weighed(people, draft, weigh="sms_en", sms_en="{clinic}: Your surgeon calls.")
    assert "must carry {emergency_number}" in weighed(
        people, draft, weigh="sms_es", sms_es="{clinic}: Hola.", kind="check_in"
    )
    assert "Unknown placeholder: {nurse}" in weighed(people, draft, weigh="body_en", body_en="{clinic} {nurse}")
    assert "because of “á”" in weighed(people, draft, weigh="sms_es", sms_es="{clinic}: Mañana será.")
    assert weighed(people, draft, weigh="sms_en", sms_en="  ").strip() == ""


def test_words_are_saved_per_language_with_the_line_ends_of_files(people, draft, step):
    client = signed_in(people.owner)
    typed = {"sms_en": "{clinic}: Walk.", "body_es": "{clinic}\r\n\r\nCamine.", "subject_es": "Hoy"}

    response = client.post(change(step), form_of(client, change(step)) | typed)

    assert response.status_code == 302, response.context["errors"]
    assert step.texts.get(language="en").sms == "{clinic}: Walk."
    assert step.texts.get(language="es").body == "{clinic}\n\nCamine."


def test_what_cannot_be_filled_in_is_not_saved_and_an_emptied_language_goes(people, draft, step):
    client = signed_in(people.owner)
    data = form_of(client, change(step))

    wrong = client.post(change(step), data | {"sms_en": "{nurse}: hello"})
    client.post(change(step), data | {"sms_es": "", "subject_es": "", "body_es": " "})

    assert "Unknown placeholder: {nurse}" in text(wrong)
    assert list(step.texts.values_list("language", flat=True)) == ["en"]


# Two people at one text -------------------------------------------------------------------------------------------


def test_the_second_one_is_told_and_keeps_what_both_wrote(people, draft, step):
    colleague = a_staff_member(people.site, "manager", username="nora")
    first, second = signed_in(colleague), signed_in(people.owner)
    theirs, mine = form_of(first, change(step)), form_of(second, change(step))
    first.post(change(step), theirs | {"title": "Walk!", "sms_en": "{clinic}: Walk, theirs.", "warning": ""})

    response = second.post(change(step), mine | {"sms_en": "{clinic}: Walk, mine.", "subject_es": "Camine"})

    page = text(response)
    assert response.status_code == 200
    assert f"{colleague} (" in page
    assert "changed this while you were writing" in page
    assert "You both changed Text message, English. Yours is in its box; theirs: “{clinic}: Walk, theirs.”" in page
    assert "What they changed and you did not is in the form now: Title" in page
    assert StepText.objects.get(step=step, language="en").sms == "{clinic}: Walk, theirs."

    again = form_of(second, change(step)) | {
        field.html_name: field.value() or "" for field in response.context["adminform"].form if field.name != "warning"
    }
    assert (again["title"], again["sms_en"], again["subject_es"]) == ("Walk!", "{clinic}: Walk, mine.", "Camine")
    saved = second.post(change(step), again)

    step.refresh_from_db()
    assert saved.status_code == 302
    assert (step.title, step.texts.get(language="es").subject) == ("Walk!", "Camine")
    assert step.texts.get(language="en").sms == "{clinic}: Walk, mine."


def test_two_people_at_one_phase_keep_both_languages(people, draft):
    phase = draft.phases.all()[1]
    first, second = signed_in(a_staff_member(people.site, "manager")), signed_in(people.owner)
    theirs, mine = form_of(first, change(phase)), form_of(second, change(phase))
    first.post(change(phase), theirs | {"do_es": "Camine."})

    response = second.post(change(phase), mine | {"title_en": "Two gentle weeks"})
    shown = response.context["adminform"].form["do"].value()
    again = mine | {"title_en": "Two gentle weeks", "do_es": shown[1]}
    again["opened"] = response.context["adminform"].form["opened"].value()
    second.post(change(phase), again)

    assert "What they changed and you did not is in the form now: Do" in text(response)
    phase.refresh_from_db()
    assert (phase.title["en"], phase.do["es"]) == ("Two gentle weeks", ["Camine."])


def test_two_people_at_the_course_of_pain_are_told_too(people, draft):
    client = signed_in(people.owner)
    stale = form_of(client, change(draft))
    client.post(change(draft), stale | {"expected_pain": "1 4 8"})

    page = text(client.post(change(draft), stale | {"expected_pain": "1 0 2"}))

    draft.refresh_from_db()
    assert "You both changed Expected course of pain. Yours is in its box; theirs: “1 4 8”" in page
    assert draft.expected_pain == [[1, 4, 8]]


def test_a_manager_sets_what_a_text_costs(people):
    client = signed_in(a_manager(people.site))

    wrong = client.post(change(people.site), form_of(client, change(people.site)) | {"price_currency": "dollars"})
    client.post(change(people.site), form_of(client, change(people.site)) | {"part_price": "0.0079"})

    people.site.refresh_from_db()
    assert wrong.status_code == 200
    assert f"{people.site.part_price:f}" == "0.00790"


def test_who_saves_the_same_words_as_the_other_is_not_held_up(people, draft, step):
    client = signed_in(people.owner)
    data = form_of(client, change(step)) | {"title": "Walk!"}

    assert client.post(change(step), data).status_code == 302
    assert client.post(change(step), data).status_code == 302


def test_a_page_that_forgot_what_it_showed_still_saves(people, draft, step):
    client = signed_in(people.owner)

    for opened in ("", "{", "[]", json.dumps({"title": 1})):
        assert client.post(change(step), form_of(client, change(step)) | {"opened": opened}).status_code in (200, 302)


def test_words_for_a_step_that_is_gone_or_signed_are_handed_back(people, draft, step):
    client, data = signed_in(people.owner), form_of(signed_in(people.owner), change(step))
    words = {"sms_en": "{clinic}: Long thought about."}
    Step.objects.filter(pk=step.pk).delete()
    gone = client.post(change(step), data | words)
    other = draft.steps.get(code="check-in-1")
    data = form_of(client, change(other))
    ProtocolVersion.objects.filter(pk=draft.pk).update(state="retired", signed_by=people.owner, signed_at=NOW)
    signed = client.post(change(other), data | words)

    for response in (gone, signed):
        assert response.status_code == 409
        assert "Long thought about." in text(response)
        assert "Nothing was saved" in text(response)


# Signing, comparing, retiring -------------------------------------------------------------------------------------


@pytest.fixture
def dear(draft: ProtocolVersion) -> ProtocolVersion:
    long = "{clinic}: " + "Walk a little. " * 11 + "{emergency_number}"
    StepText.objects.filter(step__version=draft, step__code="check-in-1", language="en").update(sms=long)
    return draft


def test_a_warning_is_ticked_before_the_signature_counts(people, dear):
    client, page = signed_in(people.owner), url("protocolversion_sign", dear)

    asked = client.get(page)
    seen, sentence = asked.context["seen"], asked.context["verdict"].warnings[0]
    unread = text(client.post(page, {"seen": seen}))
    dear.refresh_from_db()
    assert dear.state == "draft"
    client.post(page, {"seen": seen, "read": [sentence]})

    assert "1 warning: tick each as read" in text(asked)
    assert "not read yet" in unread
    dear.refresh_from_db()
    assert (dear.state, dear.signed_by) == ("signed", people.owner)


def test_what_a_colleague_changed_while_the_surgeon_was_reading_is_not_signed(people, draft):
    client, page = signed_in(people.owner), url("protocolversion_sign", draft)
    seen = client.get(page).context["seen"]
    StepText.objects.filter(step__version=draft, step__code="walk-today", language="en").update(sms="{clinic}: Run.")

    told = client.post(page, {"seen": seen})
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert "was changed while you were reading it. Look at it again, then sign." in text(told)

    for forgotten in ({}, {"seen": ""}):
        client.post(page, forgotten)
    draft.refresh_from_db()
    assert draft.state == "draft"
    client.post(page, {"seen": told.context["seen"]})
    draft.refresh_from_db()
    assert draft.state == "signed"


def test_all_faults_stand_on_the_signing_page_at_once(people, dear):
    StepText.objects.filter(step__version=dear, language="es", step__code__in=["walk-today", "check-in-2"]).delete()

    page = text(signed_in(people.owner).get(url("protocolversion_sign", dear)))

    assert "2 faults to mend first" in page
    assert "walk-today has no text in es." in page
    assert "check-in-2 has no text in es." in page
    assert "1 warning: tick each as read" in page


def test_what_changes_is_said_in_sentences_against_any_other_version(people):
    version = a_signed_version(people.site, by=people.owner)
    client = signed_in(people.owner)
    client.post(url("protocolversion_branch", version))
    second = version.protocol.versions.get(number=2)
    second.steps.filter(code="avoid-heavy-lifting-2").update(offset_days=10)
    foreign = ProtocolVersion.objects.exclude(protocol=version.protocol).filter(protocol__site=people.site)[0]

    for asked in ({}, {"with": version.pk}, {"with": foreign.pk}, {"with": "x"}):
        page = text(client.get(url("protocolversion_compare", second), asked))
        assert "“Still avoid heavy lifting” moves from day 7 to day 10." in page, asked
    assert "moves from day 10 to day 7" in text(
        client.get(url("protocolversion_compare", version), {"with": second.pk})
    )


def test_a_retired_version_says_how_many_patients_stay_on_it(people):
    version = a_signed_version(people.site, by=people.owner)
    surgery = an_enrolment(people.site, by=people.owner, version=version)
    client = signed_in(people.owner)

    asked = text(client.get(change(version)))
    done = text(client.post(url("protocolversion_retire", version), follow=True))
    twice = text(client.post(url("protocolversion_retire", version), follow=True))

    assert "1 patient is on this version and stays on it to the end of the plan." in asked
    assert "is retired. Its patients stay on it" in done
    assert "1 patient is on this version, 1 of them with a plan that goes on." in done
    assert "Only a signed version can be retired" in twice
    assert surgery.care_plan.version == version


# Files ------------------------------------------------------------------------------------------------------------


def test_a_version_leaves_as_a_file_and_comes_back_as_a_draft(people, draft):
    client = signed_in(people.owner)
    file = client.get(url("protocolversion_export", draft))
    assert file.headers["Content-Disposition"] == 'attachment; filename="vertebroplasty-version-1.yaml"'

    page = reverse("admin:reminders_protocol_import")
    back = client.post(page, {"site": people.site.pk, "taken_as": "version", "file": upload(file.content)})

    new = draft.protocol.versions.get(number=2)
    assert back.headers["Location"] == change(new)
    assert client.get(url("protocolversion_export", new)).content == file.content


def test_a_bad_file_is_answered_in_sentences_and_nothing_is_kept(people):
    client, page = signed_in(people.owner), reverse("admin:reminders_protocol_import")
    before = (Protocol.objects.count(), ProtocolVersion.objects.count())
    files = {
        b"a: &a [x]\nb: *a": "names with &amp; and * are not taken",
        SHIPPED.replace(b"    kind: check_in\n", b"    kind: chat\n", 1): "step check-in-1: “kind” must be one of",
        b"": "The file is not a protocol.",
    }

    for data, said in files.items():
        response = client.post(page, {"site": people.site.pk, "taken_as": "version", "file": upload(data)})
        assert response.status_code == 422, data[:20]
        assert said in text(response)
        assert "Nothing was imported." in text(response)
    known = client.post(page, {"site": people.site.pk, "taken_as": "new", "file": upload()})

    assert "is the code of" in text(known)
    assert (Protocol.objects.count(), ProtocolVersion.objects.count()) == before
