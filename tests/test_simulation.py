"""What the simulator shows is what is really sent, text by text and minute by minute."""

import os
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import StringIO
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from clinic.simulation import SimulationCase, simulate
from patients.models import Contact, Patient, Site, Surgery
from patients.models.surgery import Job, PhysicalTherapy
from reminders import visit_actions
from reminders.delivery.models import Attempt, Delivery
from reminders.plan.models import ProtocolVersion, Reminder
from tests import given
from tests.clinic_year import PROCEDURES, START, play_until
from tests.delivery.sending import ring
from tests.size import sized
from tests.staff.people import signed_in, three_people

PEOPLE = int(os.environ.get("SIMULATED_PEOPLE") or sized(build=4, full=30))  # 200: the whole proof
DAYS = sized(build=120, full=400)
ZONES = ["", "America/Los_Angeles", "America/St_Johns", "Europe/London", "Asia/Kolkata", "Pacific/Auckland"]
CHANNELS = [("sms",), ("email",), ("sms", "email")]
CONTACTS = {"sms": given.a_phone, "email": given.an_email}
Text = tuple[datetime, str, int, str, str, str]

pytestmark = pytest.mark.django_db


def a_random_patient(site: Site, chance: Random, *, by) -> tuple[SimulationCase, Surgery]:
    procedure, code = chance.choice([*PROCEDURES.items(), ("si-fusion", "si-fusion")])
    channels, zone, language = chance.choice(CHANNELS), chance.choice(ZONES), chance.choice(["en", "es"])
    case = SimulationCase(
        site=site,
        version=given.a_signed_version(site, code, by=by, now=START),
        day0=site.today(START) + timedelta(days=chance.randrange(-100, 40)),
        days=DAYS,
        zone=zone,
        language=language,
        channels=channels,
        physical_therapy=chance.choice(PhysicalTherapy.values),
        job=chance.choice(Job.values),
        enrolled=START,
        books=chance.random() < 0.5,
    )
    patient = given.a_new_patient(*(CONTACTS[channel]() for channel in channels), time_zone=zone, language=language)
    facts = {"physical_therapy": case.physical_therapy, "job": case.job, "version": case.version}
    surgery = given.an_enrolment(site, by=by, patient=patient, procedure=procedure, date=case.day0, now=START, **facts)
    if case.books:
        book_what_lies_ahead(surgery, by=by)
    return case, surgery


def book_what_lies_ahead(surgery: Surgery, *, by) -> None:
    for visit in surgery.check_ups.all():
        at = datetime.combine(visit.target_day, time(10), surgery.site.zone)
        if at > START:
            visit_actions.book_visit(visit, at=at, by=by, now=START)


def simulated(case: SimulationCase, surgery: Surgery) -> list[Text]:
    return sorted(
        (line.at, line.step, line.occurrence, line.channel, line.subject, line.text)
        for line in simulate(case, surgery=surgery)
        if not line.why
    )


def really_sent(surgery: Surgery) -> list[Text]:
    rows = Attempt.objects.filter(delivery__reminder__surgery=surgery).select_related("delivery__reminder")
    sent = ((row.started_at, row.delivery.reminder, row.delivery) for row in rows)
    return sorted((at, r.step_code, r.occurrence, d.channel, d.subject, d.text) for at, r, d in sent)


@pytest.mark.long
def test_the_simulator_shows_what_is_really_sent():
    site = given.a_site(now=START, **given.DEFAULT_BUDGET)
    Site.objects.update(texts_a_day=9_000, texts_a_week=9_000)  # some share an invented number
    surgeon, chance = given.a_staff_member(site), Random(7)
    people = [a_random_patient(site, chance, by=surgeon) for _ in range(PEOPLE)]

    ring(START)  # what is due at the enrolment leaves with the next ring
    play_until(START, START + timedelta(days=DAYS))

    total = 0
    for case, surgery in people:
        end = START + timedelta(days=DAYS)
        expected = [text for text in simulated(case, surgery) if text[0] <= end]
        sent = really_sent(surgery)
        assert [one for one in sent if one not in expected] == [], f"only sent: {case}"
        assert [one for one in expected if one not in sent] == [], f"only shown: {case}"
        assert sent == expected
        total += len(expected)
    assert total > 5 * PEOPLE


def test_nothing_is_written():
    site = given.a_site()
    version = ProtocolVersion.objects.get(protocol__site=site, protocol__code="miss-base")

    assert simulate(SimulationCase(site, version, date(2026, 3, 2), 400))

    assert not any(model.objects.exists() for model in (Patient, Surgery, Contact, Reminder, Delivery))


def lines(site: Site, **facts) -> dict[str, object]:
    version = ProtocolVersion.objects.get(protocol__site=site, protocol__code="miss-base")
    values = {"site": site, "version": version, "day0": date(2026, 3, 2), "days": 100}
    return {line.step: line for line in simulate(SimulationCase(**(values | facts)))}


def test_it_says_why_something_was_moved_or_is_not_sent():
    site = given.a_site()
    site.closed_days.create(date=date(2026, 3, 5), name="Founders' day")

    found = lines(site)

    assert found["book-first-visit"].shifts == ("Moved to a day on which the clinic is open.",)
    assert found["start-pt"].why == "Physical therapy is not ordered."
    assert found["start-pt"].text  # the words are shown all the same


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_words_are_those_of_the_language(language):
    site = given.a_site()

    assert ("Camine" in lines(site, language=language)["walk-today"].text) == (language == "es")


# The command


def output(**options) -> str:
    out = StringIO()
    call_command("simulate", **({"protocol": "miss-base", "date": "2026-03-02", "stdout": out} | options))
    return out.getvalue()


def test_the_command_prints_text_or_csv():
    given.a_site()

    text = output(days=20, zone="Asia/Kolkata", version=1)
    table = output(days=20, zone="Asia/Kolkata", format="csv").splitlines()

    assert "Mon 2026-03-02 16:00  day 0" in text
    assert table[0].startswith("local_date,local_time,utc,day,step")
    assert any(row.startswith("2026-03-02,16:00,2026-03-02T10:30Z,0,walk-today,0,sms") for row in table)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"protocol": "hip"}, "miss-base 1"),
        ({"version": 9}, "There is no such version"),
        ({"date": "2 March"}, "is not a day"),
        ({"zone": "Mars/Base"}, "is not a time zone"),
        ({"channels": "fax"}, "sms, email"),
        ({"days": 0}, "from 1 to 1000"),
        ({"site": "nowhere"}, "riverside"),
    ],
)
def test_the_command_says_what_would_be_right(options, sentence):
    given.a_site()

    with pytest.raises(CommandError, match=sentence):
        output(**options)


# The page


def typed(site: Site, **changed: object) -> dict[str, object]:
    version = ProtocolVersion.objects.get(protocol__site=site, protocol__code="miss-base")
    values = {"site": site.pk, "version": version.pk, "date": "2026-03-02", "language": "en", "channels": ["sms"]}
    return values | {"physical_therapy": "undecided", "job": "desk", "days": 30, "zone": ""} | changed


@pytest.fixture
def people():
    return three_people()


def clients(people) -> Iterator[Client]:
    yield from (signed_in(person) for person in (people.owner, people.colleague))


def test_staff_of_the_site_try_a_protocol_on_an_invented_patient(people):
    for client in clients(people):
        page = client.get("/staff/simulator/", typed(people.site)).content.decode()
        assert "Mon 2 Mar 2026, 16:00" in page
        assert "It is for patients with another kind of job." in page or "Physical therapy is not ordered." in page


def test_a_stranger_does_not_see_the_protocols_of_another_site(people):
    response = signed_in(people.stranger).get("/staff/simulator/", typed(people.site))

    assert response.status_code == 422
    assert "does not belong to the site" in response.content.decode()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"zone": "Mars"}, "is not a time zone"),
        ({"date": "x"}, "not a day"),
        ({"channels": []}, "at least one channel"),
    ],
)
def test_the_page_says_what_would_be_right(people, changed, sentence):
    response = signed_in(people.owner).get("/staff/simulator/", typed(people.site, **changed))

    assert response.status_code == 422
    assert sentence in response.content.decode()
