"""The patient's page says where they are, what now, what not yet, when the next visit is and when not to wait."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from clinic.patient import page_texts
from reminders import actions, visit_actions
from reminders.plan.models import CarePlan
from reminders.plan.values import ChangeKind
from reminders.plan_changes import Wish, decide
from reminders.replies.inbound import receive
from reminders.replies.models import Reply
from tests.given import NOW, a_phone, a_site, a_staff_member, an_email, an_enrolment, phone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def surgeon(site):
    return a_staff_member(site)


@pytest.fixture
def surgery(site, surgeon):
    return an_enrolment(site, a_phone(phone(14)), by=surgeon, day=19, procedure="miss")


@pytest.fixture
def visit(surgery, surgeon):
    """Thursday 5 March, 10:40 in New York."""
    at = datetime(2026, 3, 5, 15, 40, tzinfo=UTC)
    return visit_actions.book_visit(surgery.check_ups.get(code="six-weeks"), at=at, by=surgeon, now=NOW)


def address(surgery, name: str = "page") -> str:
    return reverse(f"patient:{name}", args=[CarePlan.objects.get(surgery=surgery).link])


def page(surgery, **query: str) -> str:
    return Client().get(address(surgery), query).content.decode()


def answer(surgery, visit, said: str, **more: str):
    key = f"{visit.pk}-{visit.bookings}"
    return Client(enforce_csrf_checks=True).post(address(surgery, "answer"), {"visit": key, "answer": said} | more)


def test_it_says_where_the_patient_is_and_what_to_do_and_to_avoid(surgery):
    shown = page(surgery)

    assert "Hello Ana. This is day 19 of your recovery." in shown
    assert "Now: Weeks 3 to 6: back to normal, step by step" in shown
    assert "<li>Do a little more each day, step by step.</li>" in shown
    assert "<li>Heavy lifting. Lift no more than 10 lb.</li>" in shown
    assert "You are here: Weeks 3 to 6" in shown  # read aloud in place of the drawing


def test_a_held_plan_stays_in_the_phase_it_stopped_in(surgery, surgeon):
    decide(surgery, Wish(ChangeKind.HOLD, starts=surgery.date + timedelta(days=10)), why="fever", by=surgeon, now=NOW)

    shown = page(surgery)

    assert "This is day 19 of your recovery." in shown
    assert "Now: Weeks 1 and 2" in shown
    assert "You are here: Weeks 1 and 2" in shown


def test_a_phase_that_was_put_off_has_not_begun(surgery, surgeon):
    before = NOW - timedelta(days=10)
    decide(surgery, Wish(ChangeKind.SHIFT, phase="weeks-3-6", days=9), why="slow healing", by=surgeon, now=before)

    assert "Now: Weeks 1 and 2" in page(surgery)


def test_it_speaks_the_patients_language_and_either_one_on_request(site, surgeon):
    surgery = an_enrolment(site, by=surgeon, day=19)
    surgery.patient.language = "es-MX"
    surgery.patient.save()

    assert "Hola, Ana. Hoy es el día 19 de su recuperación." in page(surgery)
    assert "Ahora: Semanas 3 a 6: de vuelta a lo normal, paso a paso" in page(surgery)
    assert "This is day 19 of your recovery." in page(surgery, lang="en")
    assert "Hola, Ana." in page(surgery, lang="xx")


def test_every_word_is_there_in_every_language():
    english = page_texts.WORDS["en"]
    for language, spoken in page_texts.WORDS.items():
        assert spoken.keys() == english.keys()
        assert all(spoken.values())
        assert len(page_texts.EMERGENCY[language]) == len(page_texts.EMERGENCY["en"])
        assert len(page_texts.SAME_DAY[language]) == len(page_texts.SAME_DAY["en"])


def test_it_names_no_diagnosis_no_operation_no_surname_and_no_specialty(surgery):
    shown = page(surgery).lower()

    for private in ("ruiz", surgery.patient.number.lower(), surgery.procedure.name.lower(), "spine", "surgeon:"):
        assert private not in shown, private


@pytest.mark.parametrize(
    ("language", "when"),
    [("en", "Thursday, March 5, 10:40 AM"), ("es", "Jueves 5 de marzo, 10:40")],
)
def test_the_next_visit_is_said_in_the_clinics_own_hour(surgery, visit, language, when):
    assert when in page(surgery, lang=language)


def test_a_visit_a_year_ahead_is_said_with_its_year(surgery, surgeon):
    at = datetime(2027, 3, 4, 15, 40, tzinfo=UTC)
    visit_actions.book_visit(surgery.check_ups.get(code="one-year"), at=at, by=surgeon, now=NOW)

    assert "Thursday, March 4, 2027, 10:40 AM" in page(surgery)
    assert "Jueves 4 de marzo de 2027, 10:40" in page(surgery, lang="es")


def test_before_the_operation_it_counts_down(site, surgeon):
    shown = page(an_enrolment(site, by=surgeon, date=site.today(NOW) + timedelta(days=5)))

    assert "Your operation is in 5 days." in shown
    assert "Your plan begins on the day of your operation." in shown


def test_a_visit_that_is_due_says_how_to_book_it(site, surgeon):
    shown = page(an_enrolment(site, by=surgeon, day=9))

    assert "A good time is from Tuesday, March 3 to Saturday, March 7." in shown
    assert f'href="tel:{phone(0)}"' in shown


def test_i_will_come_confirms_the_visit_without_a_cookie(surgery, visit):
    said = answer(surgery, visit, "will_come")

    visit.refresh_from_db()
    assert said.status_code == 303
    assert not said.cookies
    assert visit.state == "confirmed"
    assert "You told us that you will come." in page(surgery)


def test_i_cannot_come_waits_for_reception_once(surgery, visit):
    answer(surgery, visit, "cannot_come")
    answer(surgery, visit, "cannot_come")

    reply = Reply.objects.to_read().get()
    visit.refresh_from_db()
    assert (reply.site, reply.contact.patient, reply.intent) == (surgery.site, surgery.patient, "cannot_come")
    assert visit.state == "booked"
    assert "We will call you about a new time." in page(surgery)


def test_what_was_answered_by_text_stands_on_the_page_until_it_is_answered_again(site, surgery, visit):
    shown, spanish = [], []
    for number, text in enumerate(("3", "9", "2", "1")):
        to = str(site.senders.get(channel="sms").address)
        receive(provider_id=f"SM{number}", from_address=phone(14), to_address=to,
                text=text, now=NOW + timedelta(minutes=number))  # fmt: skip
        shown.append(page(surgery))
        spanish.append(page(surgery, lang="es"))

    said = ["You asked for another time.", "You asked us to call you.", "you cannot come", "that you will come"]
    assert [words in html for words, html in zip(said, shown, strict=True)] == [True] * 4
    assert 'value="will_come"' not in shown[0]
    assert "Usted pidió otra hora." in spanish[0]


def test_a_page_from_before_the_visit_moved_answers_nothing(surgery, surgeon, visit):
    was = visit.bookings
    visit_actions.book_visit(visit, at=NOW + timedelta(days=4), by=surgeon, now=NOW)
    visit.bookings = was

    said = answer(surgery, visit, "will_come")

    visit.refresh_from_db()
    assert said.status_code == 409
    assert "This visit has changed" in said.content.decode()
    assert visit.state == "booked"


def test_who_has_only_an_email_can_say_it_too(site, surgeon):
    surgery = an_enrolment(site, an_email("ana@example.org"), by=surgeon, day=19)
    check_up = surgery.check_ups.get(code="six-weeks")
    visit = visit_actions.book_visit(check_up, at=NOW + timedelta(days=3), by=surgeon, now=NOW)

    answer(surgery, visit, "cannot_come")

    assert Reply.objects.to_read().get().from_address == "ana@example.org"


def test_looking_at_the_page_changes_nothing(surgery, visit):
    assert Client().get(address(surgery, "answer")).status_code == 405
    visit.refresh_from_db()
    assert visit.state == "booked"


def test_the_visit_goes_into_a_calendar_in_utc_and_says_nothing_private(surgery, visit, surgeon):
    first = Client().get(address(surgery, "calendar"))
    visit_actions.book_visit(visit, at=NOW + timedelta(days=4), by=surgeon, now=NOW)
    second = Client().get(address(surgery, "calendar"))

    [one], [two] = (Calendar.from_ical(r.content).walk("VEVENT") for r in (first, second))
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert one["DTSTART"].to_ical() == b"20260305T154000Z"
    assert str(one["SUMMARY"]) == "Visit, Riverside Clinic"
    assert one["UID"] == two["UID"]
    assert int(two["SEQUENCE"]) > int(one["SEQUENCE"])
    for private in (b"Ruiz", b"week", b"Spine", CarePlan.objects.get(surgery=surgery).link.encode()):
        assert private not in first.content


def test_when_not_to_wait_is_always_on_it_with_numbers_to_tap(surgery):
    for language in ("en", "es"):
        shown = page(surgery, lang=language)
        assert 'href="tel:911"' in shown
        assert f'href="tel:{phone(0)}"' in shown
        for sign in (*page_texts.EMERGENCY[language], *page_texts.SAME_DAY[language]):
            assert sign in shown
    assert "Monday to Friday, 8:00 AM to 5:00 PM." in page(surgery)
    assert "De lunes a viernes, de 08:00 a 17:00." in page(surgery, lang="es")


def test_a_link_nobody_knows_names_no_clinic(surgery):
    answer = Client().get(reverse("patient:page", args=["AAAAAAAAAAAA"]))

    assert answer.status_code == 404
    assert "We do not know this link" in answer.content.decode()
    assert "No conocemos este enlace" in answer.content.decode()
    assert "Riverside" not in answer.content.decode()


def test_a_cancelled_operation_and_an_ended_plan_get_a_plain_page(surgery, visit, surgeon):
    actions.cancel_surgery(surgery, why="postponed", by=surgeon, now=NOW)

    shown = page(surgery)

    assert "This plan has ended" in shown
    assert "day 19" not in shown
    assert answer(surgery, visit, "will_come").status_code == 200
    visit.refresh_from_db()
    assert visit.state == "cancelled"


@pytest.mark.parametrize("name", ["page", "calendar"])
def test_it_is_not_kept_not_found_and_not_handed_on(surgery, visit, name):
    headers = Client().get(address(surgery, name)).headers

    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in headers["X-Robots-Tag"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
