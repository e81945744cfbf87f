"""A sign in a text raises an alert, whoever wrote it, whatever else it says, in the transaction that keeps the text."""

from datetime import timedelta

import pytest

from patients.models import Contact
from reminders import actions
from reminders.replies import inbound
from reminders.replies.models import Alert, Reply, SiteSign
from reminders.replies.parsing import redflags
from tests import given
from tests.delivery.sending import a_promise, the_contact
from tests.replies.reading import meaning
from tests.replies.test_inbound import PHONE, text_in
from tests.replies.test_scores import MINUTE, asked


@pytest.fixture
def contact(site, surgeon) -> Contact:
    return the_contact(a_promise(site, given.a_phone(PHONE), by=surgeon))


@pytest.mark.parametrize(
    ("text", "level", "sign"),
    [
        ("numb between my legs", "E", "cauda_equina"),
        ("no puedo orinar", "E", "cauda_equina"),
        ("I lost control of my bowels", "E", "cauda_equina"),
        ("suddenly can't lift my foot", "E", "weakness"),
        ("chest pain", "E", "chest"),
        ("me falta el aire", "E", "chest"),
        ("coughing up blood", "E", "chest"),
        ("my leg gets slowly weaker", "D", "slow_weakness"),
        ("my calf is hot and swollen", "D", "calf"),
        ("38.5", "D", "fever"),
        ("101", "D", "fever"),
        ("the wound is leaking", "D", "wound"),
        ("headache when I sit up", "D", "spinal_fluid"),
        ("headache when I sit up and a fever of 101", "E", "headache_with_fever"),
        ("líquido claro de la herida y está confundido", "E", "headache_with_fever"),
        ("pain is suddenly far worse", "D", "pain"),
    ],
)
def test_each_sign_of_the_list_raises_its_class(site, contact, text, level, sign):
    reply = text_in(site, text)

    alert = Alert.objects.get(reply=reply)
    assert (alert.level, alert.contact, alert.surgery) == (level, contact, contact.patient.surgeries.get())
    assert sign in alert.signs
    assert (reply.is_urgent, reply.handled_at) == (True, None)
    assert reply.answer


@pytest.mark.parametrize("sign", [*redflags.lexicon.known().urgency, *redflags.ADDED.values()])
def test_every_sign_has_a_name_for_staff_and_a_class(sign):
    assert sign in {**redflags.lexicon.known().names, **redflags.UNNAMED}
    assert redflags.level([sign]) in ("E", "D")


def test_the_sign_that_weighs_most_makes_the_class_and_all_are_told(site, contact):
    alert = Alert.objects.get(reply=text_in(site, "fever and chest pain"))

    assert (alert.level, alert.signs) == ("E", ["chest", "fever"])


def test_it_is_raised_while_the_contact_is_held(site, surgeon, contact):
    text_in(site, "no thanks")

    text_in(site, "I can't breathe")

    assert Alert.objects.get().level == "E"


def test_it_is_raised_after_stop_and_in_the_middle_of_a_refusal(site, contact):
    both = text_in(site, "Stop texting me. I can't breathe")
    text_in(site, "STOP")

    later = text_in(site, "my leg is paralyzed", now=given.NOW + timedelta(hours=2))

    assert [cause.reply for cause in Alert.objects.get().causes.all()] == [both, later]
    assert "911" in both.answer
    assert "911" in later.answer


def test_it_is_raised_where_no_plan_runs_any_more(site, surgeon, contact):
    surgery = contact.patient.surgeries.get()
    actions.cancel_surgery(surgery, why="Not operated.", by=surgeon, now=given.NOW)

    text_in(site, "chest pain")

    assert Alert.objects.get().surgery == surgery


def test_it_is_raised_for_a_number_nobody_knows(site):
    text_in(site, "chest pain", sender=given.phone(99))

    alert = Alert.objects.get()
    assert (alert.site, alert.contact, alert.surgery) == (site, None, None)


def test_two_patients_on_one_phone_are_one_alert_and_nobody_is_guessed(site, surgeon):
    for _ in range(2):
        a_promise(site, given.a_phone(PHONE), by=surgeon)

    text_in(site, "chest pain")

    alert = Alert.objects.get()
    assert (alert.contact, alert.surgery) == (None, None)


def test_the_same_text_twice_raises_one(site, contact):
    for _ in range(2):
        text_in(site, "chest pain", provider_id="SM-9")

    assert Alert.objects.count() == 1


def test_a_text_found_late_has_its_whole_time_from_then_on(site, contact):
    text_in(site, "chest pain", source="reconcile", said_at=given.NOW - timedelta(hours=3))

    assert Alert.objects.get().answer_by == given.NOW + timedelta(minutes=15)


def test_no_alert_without_its_text_and_no_text_without_its_alert(site, contact, monkeypatch):
    def no_more(*_: object, **__: object) -> None:
        raise RuntimeError("the machine stops here")

    monkeypatch.setattr(inbound.autoreply, "answer", no_more)

    with pytest.raises(RuntimeError):
        text_in(site, "chest pain")

    assert not Alert.objects.exists()
    assert not Reply.objects.exists()


def test_a_high_score_raises_one_of_the_same_day(site, surgeon):
    question = asked(site, surgeon)

    text_in(site, "9", now=question.due_at + MINUTE)

    assert [(alert.level, alert.signs) for alert in Alert.objects.all()] == [("D", ["pain"])]


@pytest.mark.parametrize("text", ["hello", "no fever", "My calf muscle feels strong again", "can I drive yet?", "STOP"])
def test_other_texts_raise_nothing_and_free_ones_wait_in_the_inbox(site, contact, text):
    reply = text_in(site, text)

    assert not Alert.objects.exists()
    assert (reply.handled_at is None) == (text != "STOP")


# What a clinic adds


def a_sign(site, by, phrase: str, level: str = "E") -> None:
    SiteSign.objects.create(site=site, language="en", level=level, phrase=phrase, added_by=by, added_at=given.NOW)


def test_a_clinics_own_phrase_is_heard_at_that_clinic_only(site, surgeon, contact):
    other = given.a_site("hillside")
    a_sign(site, surgeon, "my/the pump beeps/beeping")

    here, there = text_in(site, "The pump beeps!"), text_in(other, "The pump beeps!")

    assert Alert.objects.get().reply == here
    assert Alert.objects.get().signs == ["added_emergency"]
    assert "911" in here.answer
    assert not there.is_urgent


def test_a_clinics_own_phrase_adds_and_takes_nothing_away(site, surgeon, contact):
    a_sign(site, surgeon, "chest pain", level="D")
    a_sign(site, surgeon, "stop", level="D")

    assert text_in(site, "chest pain").cause.level == "E"
    assert text_in(site, "STOP").intent == "stop"


@pytest.mark.parametrize(
    ("phrase", "usable"), [("pump beeps", True), ("..", False), ("(pump)", False), ("", False), ("[a/b]", False)]
)
def test_a_phrase_that_fits_every_text_is_not_usable(phrase, usable):
    assert redflags.is_usable(phrase) is usable


ALONE = [
    "fever", "fiebre", "chest pain", "bleeding", "the wound is red", "my bandage is wet", "herida abierta",
    "tengo fiebre", "dolor de pecho", "pus", "no puedo orinar", "cant pee", "not well bleeding",
    "no fever but chest pain",
    "sin fiebre pero no puedo respirar", "No I have chest pain",
]  # fmt: skip


@pytest.mark.parametrize("text", ALONE)
def test_no_calm_words_calm_a_sign_that_stands_alone(text):
    assert meaning(text).urgent


@pytest.mark.parametrize(
    "text",
    ["chest pain", "8, and chest pain", "chest pain 8", "8 can't breathe", "no. I can't pee", "20 chest pain", "??"],
)
def test_a_question_that_is_open_does_not_come_before_an_emergency(site, surgeon, text):
    question = asked(site, surgeon)

    reply = text_in(site, text, now=question.due_at + MINUTE)

    assert (redflags.level(meaning(text).signs) == "E") == (text != "??")
    assert ("911 or go to an emergency room" in reply.answer) == (text != "??")
