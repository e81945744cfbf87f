"""A site offers a language without texts: said before it is saved, at enrolment, and beside each text of a preview."""

from html import unescape

import pytest

from clinic.staff.enrol.composer import compose
from clinic.staff.language_choices import language_choices
from patients.models import Patient, Surgery
from reminders import enrolment
from reminders.plan import language_gaps
from reminders.plan.models import StepText
from reminders.preview import Preview
from tests.given import NOW, a_new_patient, a_phone, a_signed_version, an_enrolment
from tests.staff.admin_pages import change, form_of, text
from tests.staff.people import a_manager, people, signed_in

__all__ = ["people"]
pytestmark = pytest.mark.django_db


def test_what_a_new_language_lacks_is_said_before_it_is_saved(people):
    an_enrolment(people.site, by=people.owner, patient=a_new_patient(language="fr"))
    client, page = signed_in(a_manager(people.site)), change(people.site)
    form = form_of(client, page) | {"languages": "en, es, fr"}

    told = unescape(text(client.post(page, form)))
    people.site.refresh_from_db()
    assert people.site.languages == ["en", "es"]
    client.post(page, form | {"languages_anyway": "on"})
    people.site.refresh_from_db()

    assert people.site.languages == ["en", "es", "fr"]
    assert "French (fr): no text in " in told
    steps = people.site.protocols.get(code="miss-base").signed_version.steps.count()
    assert f"MISS, base timeline ({steps} of {steps} steps)" in told
    assert "Aftercare's own words (answers to replies, the patient's page) are not in it." in told
    assert "1 patient has this language; their texts would go in English." in told


def test_taking_out_a_language_that_patients_have_is_said_and_nothing_else_is_asked(people):
    an_enrolment(people.site, by=people.owner, patient=a_new_patient(language="es"))
    client, page = signed_in(a_manager(people.site)), change(people.site)

    told = text(client.post(page, form_of(client, page) | {"languages": "en"}))
    same = client.post(page, form_of(client, page) | {"languages": "es, en"})

    assert "Spanish (es): 1 patient has this language and would keep it; nobody new is offered it." in told
    assert same.status_code == 302
    people.site.refresh_from_db()
    assert people.site.languages == ["es", "en"]


def test_enrolment_and_preview_say_in_which_language_texts_would_go(people):
    people.site.languages = ["en", "es", "fr"]
    people.site.save()
    version = a_signed_version_in_two(people)
    facts = {"birth_date": "1965-04-02", "given_name": "Ana", "site": people.site, "language": "fr"}
    patient = Patient(**facts)
    procedure = version.protocol.default_for.first().procedure
    surgery = Surgery(
        site=people.site, patient=patient, procedure=procedure, surgeon=people.owner, date=people.site.today(NOW)
    )
    plan = compose(Preview(surgery, version, enrolment.recipients([a_phone()], "fr", site=people.site), NOW))

    copies = [copy for block in plan.phases for row in block.rows for copy in row.copies if "phone" not in copy.to]
    assert dict(language_choices(people.site))["fr"] == "French: texts would go in English"
    assert dict(language_choices(people.site))["es"] == "Spanish"
    assert copies
    assert all(copy.to.endswith("to the patient, in English: there is no text in French") for copy in copies)


def test_a_language_with_a_single_text_is_not_called_without(people):
    people.site.languages = ["en", "fr-CA"]
    draft = people.site.protocols.get(code="miss-base").versions.get()
    StepText.objects.create(step=draft.steps.all()[0], language="fr", sms="{clinic}: Bonjour. {emergency_number}")

    assert language_gaps.unspoken(people.site) == []
    (said,) = language_gaps.missing(people.site, ["fr-CA"], {"en", "es", "fr"})
    assert "MISS, base timeline (" in said
    assert "Aftercare's own words" not in said


def a_signed_version_in_two(people):
    """Signed while the site still spoke what it speaks."""
    people.site.languages = ["en", "es"]
    people.site.save()
    version = a_signed_version(people.site, by=people.owner)
    people.site.languages = ["en", "es", "fr"]
    people.site.save()
    return version
