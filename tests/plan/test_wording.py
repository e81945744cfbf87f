"""What a text weighs, how it reads, and which words give a patient away."""

from decimal import Decimal

import pytest

from reminders.plan.placeholders import PlaceholderError
from reminders.plan.wording.carrier_keywords import forbidden_reply_words
from reminders.plan.wording.discretion import telling_words
from reminders.plan.wording.measure import examples, measure
from reminders.plan.wording.readability import english_syllables, grade, spanish_syllables


@pytest.mark.parametrize(
    ("sms", "language", "found"),
    [
        ("After your SURGERY, walk", "en", ["SURGERY"]),
        ("Your back pain; a  low   back", "en", ["Your back", "low   back"]),
        ("Discuss it. Do not miss your visit. Back to normal, no discomfort", "en", []),
        ("TLIF day 3", "es", ["TLIF"]),
        ("Después de la operación y la cirugía", "es", ["operación", "cirugía"]),
        ("Despues de la operacion", "es-MX", ["operacion"]),
        ("Camine un poco. Esperamos su visita", "es", []),
        ("{surgeon} {clinic}", "en", []),
        ("Your spine surgeon", "fr", ["spine", "surgeon"]),
    ],
)
def test_words_that_give_a_patient_away_are_found_as_they_are_written(sms, language, found):
    assert telling_words(sms, language) == tuple(found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Responda SÍ para confirmar.", ["SÍ"]),
        ("Responda sí para confirmar.", ["SÍ"]),
        ("Responda si tiene dolor.", []),
        ("Escriba CANCELAR.", ["CANCELAR"]),
        ("Llame para cancelar su cita. Responda 2.", []),
        ("Envíe la palabra baja.", ["BAJA"]),
        ("STOP para no recibir", []),
        ("Reply 1 to confirm, 2 to cancel.", []),
    ],
)
def test_spanish_words_for_in_and_out_are_not_offered_either(text, found):
    assert list(forbidden_reply_words(text)) == found


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("walk", 1), ("walked", 1), ("wanted", 2), ("medicine", 3), ("little", 2), ("people", 2), ("exercises", 4),
        ("times", 1), ("area", 3), ("quiet", 2), ("being", 2), ("emergency", 4), ("operation", 4), ("physical", 3),
        ("create", 2), ("clinic", 2), ("changes", 2), ("the", 1), ("patient's", 2),
    ],
)  # fmt: skip
def test_english_syllables(word, count):
    assert english_syllables(word) == count


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("cirugía", 4), ("cuidado", 3), ("bien", 1), ("leer", 2), ("operación", 4), ("que", 1), ("guía", 2), ("muy", 1),
        ("vehículo", 4), ("ahora", 3), ("pingüino", 3), ("y", 1), ("antigua", 3), ("guerra", 2), ("días", 2),
    ],
)  # fmt: skip
def test_spanish_syllables(word, count):
    assert spanish_syllables(word) == count


def test_flesch_kincaid_is_computed_as_published():
    """Six words of one syllable in one sentence: 0.39 * 6 + 11.8 - 15.59 is below zero; a long one is as it comes."""
    assert grade("The cat sat on the mat.", "en") == 0.0
    assert grade("The operation regarding rehabilitation.", "en") == round(0.39 * 4 + 11.8 * 14 / 4 - 15.59, 1)


def test_fernandez_huerta_is_read_as_a_grade_through_its_table():
    assert grade("El sol sale ya.", "es") == 4.0
    assert grade("La rehabilitación postoperatoria requiere considerable perseverancia.", "es-MX") == 16.0


def test_names_links_and_the_carriers_words_do_not_make_a_text_hard():
    bare = grade("Walk a little today.", "en")

    assert grade("{clinic}: Walk a little today. {link} STOP to opt out", "en") == bare
    assert grade("Walk a little today.\n\n{clinic}, {clinic_phone}", "en") == bare


def test_what_cannot_be_graded_has_no_grade():
    assert grade("Marchez un peu.", "fr") is None
    assert grade("{link}", "en") is None
    assert grade("", "es") is None


def test_a_text_is_measured_with_the_longest_values_it_can_meet():
    one = measure("{clinic}: Walk. {link}", "en", examples("en"))

    assert len(examples("en")["clinic"]) == 22
    assert (one.encoding, one.parts, one.outside) == ("GSM-7", 1, "")
    assert one.characters == len(one.filled) == 22 + len(": Walk. ") + len(examples("en")["link"])
    assert (one.price(Decimal("0.0079")), one.price(None)) == (Decimal("0.0079"), None)


def test_what_is_typed_with_curly_quotes_is_measured_as_it_will_leave():
    assert measure("Don’t lift…", "en", {}).filled == "Don't lift..."


def test_letters_outside_the_phones_alphabet_are_named_once():
    one = measure("Mañana a las cinco, aquí y allí", "es", {})

    assert (one.encoding, one.outside) == ("UCS-2", "í")


def test_the_houses_own_value_counts_where_it_is_longer_than_the_example():
    known = {"link": "https://long.hospital.example.org/aftercare/p/AbC123456789/", "clinic_phone": "1"}

    assert examples("es", known)["link"] == known["link"]
    assert examples("es", known)["clinic_phone"] == "+1 202 555 0100"


def test_a_text_that_cannot_be_filled_is_not_measured():
    with pytest.raises(PlaceholderError):
        measure("{nobody}", "en", examples("en"))
