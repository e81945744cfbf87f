"""In which words a claimed message leaves: its contact's language, and no gap in them."""

import pytest

from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.plan.models import StepText
from tests import given
from tests.delivery.sending import a_promise, claimed, only, the_delivery
from tests.delivery.test_claiming import stopped


def test_a_text_that_cannot_be_filled_in_is_not_sent(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    version = given.a_signed_version(site, by=surgeon)
    with_a_hole(version, "Come on {visit_day}.")

    claimed(reminder)

    assert stopped(reminder) == ("suppressed", "no_text", "suppressed")


def with_a_hole(version, words: str) -> None:
    """Past every guard but the last one: as a restored backup or a hand in the database could."""
    from django.db import connection

    from reminders.plan import signed_guard

    signed_guard.lift(connection)
    StepText.objects.filter(step__version=version).update(sms=words)
    signed_guard.set_up(connection)


@pytest.mark.parametrize(
    ("language", "words", "kept_as"),
    [("es", "Camine un poco", "es"), ("es-MX", "Camine un poco", "es"), ("fr", "Walk a little", "en")],
)
def test_the_text_is_in_the_contacts_language_or_falls_back(site, surgeon, language, words, kept_as):
    reminder = a_promise(site, given.a_phone(language=language), by=surgeon)

    claimed(reminder)

    delivery = the_delivery(reminder)
    assert words in delivery.text
    assert delivery.language == kept_as


def test_a_patients_name_made_of_braces_is_only_a_name(site, surgeon):
    patient = given.a_patient(site, given.an_email(), by=surgeon, given_name="{link}")
    reminder = only(given.an_enrolment(site, by=surgeon, patient=patient), "walk-today")
    open_due(reminder.due_at)

    claim("email", reminder.due_at)

    assert the_delivery(reminder).text.startswith("Hello {link},")
