"""Words in the protocol editor: weighed as they will be sent and paid, saved per language, refused in words."""

import pytest
from django.urls import reverse

from tests.staff.admin_pages import change, form_of, text
from tests.staff.editing import draft, step
from tests.staff.people import a_manager, people, signed_in

__all__ = ["draft", "people", "step"]
pytestmark = pytest.mark.django_db


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
    assert "reading level: grade" in page
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


def test_a_manager_sets_what_a_text_costs(people):
    client = signed_in(a_manager(people.site))

    wrong = client.post(change(people.site), form_of(client, change(people.site)) | {"price_currency": "dollars"})
    client.post(change(people.site), form_of(client, change(people.site)) | {"part_price": "0.0079"})

    people.site.refresh_from_db()
    assert wrong.status_code == 200
    assert f"{people.site.part_price:f}" == "0.00790"
