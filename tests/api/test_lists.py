"""Pages, filters, and the same few queries for one row as for twenty."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from patients import clock
from patients.models import Site
from reminders import actions, visit_actions
from tests import given
from tests.api.problems import named, rows

LISTS = ["patients", "surgeries", "reminders", "check-ups", "protocols", "procedures", "sites"]


@pytest.fixture
def twenty(site, owner):
    now = clock.now()
    return [given.an_enrolment(site, by=owner, now=now, date=site.today(now) - timedelta(days=n)) for n in range(20)]


def walk(client, url, way="next"):
    """Every page from this one on, as lists of ids."""
    while url:
        page = client.get(url).json()
        yield [row["id"] for row in page["results"]]
        url = page[way]


@pytest.mark.parametrize("name", ["patients", "surgeries", "reminders", "check-ups"])
def test_following_next_shows_each_row_once_in_order_and_previous_leads_back(as_, owner, twenty, name):
    client, url = as_(owner), f"/api/v1/{name}/"
    size = {"patients": 7, "surgeries": 7, "check-ups": 30}.get(name, 150)

    pages = list(walk(client, f"{url}?page_size={size}"))

    ids = [pk for page in pages for pk in page]
    assert len(ids) == len(set(ids))
    assert len(pages) > 2
    assert ids[:200] == [row["id"] for row in rows(client.get(f"{url}?page_size=200"))]
    back = list(walk(client, last_of(client, f"{url}?page_size={size}")["previous"], "previous"))
    assert back == pages[-2::-1]


def written_backwards(rows, **value):
    """All of one value, the last one written first: only their id tells in which order they come."""
    for pk in rows.order_by("-pk").values_list("pk", flat=True):
        rows.filter(pk=pk).update(**value)


@pytest.mark.parametrize("name", ["reminders", "check-ups", "surgeries"])
def test_rows_of_one_value_are_all_seen_one_by_one(as_, owner, site, surgery, name):
    day = surgery.date
    if name == "reminders":
        written_backwards(surgery.reminders.all(), due_at=given.NOW, useful_until=given.NOW + timedelta(days=1))
    elif name == "check-ups":
        written_backwards(surgery.check_ups.all(), window_opens=day, target_day=day, window_closes=day)
    else:
        for _ in range(4):
            given.an_enrolment(site, by=owner, now=clock.now(), date=day)
        written_backwards(site.surgeries.all(), date=day)
    client, url = as_(owner), f"/api/v1/{name}/"

    ones, pairs = (list(walk(client, f"{url}?page_size={size}")) for size in (1, 2))

    ids = sorted((pk for [pk] in ones), reverse=name == "surgeries")
    known = {"reminders": surgery.reminders, "check-ups": surgery.check_ups, "surgeries": site.surgeries}[name]
    assert [pk for [pk] in ones] == [pk for pair in pairs for pk in pair] == ids
    assert set(ids) == set(known.values_list("pk", flat=True))
    assert list(walk(client, last_of(client, f"{url}?page_size=2")["previous"], "previous")) == pairs[-2::-1]


def last_of(client, url):
    page = client.get(url).json()
    while page["next"]:
        page = client.get(page["next"]).json()
    return page


def test_rows_that_come_in_between_two_pages_move_nothing(as_, owner, twenty, site):
    client = as_(owner)
    first = client.get("/api/v1/surgeries/?page_size=10").json()

    given.an_enrolment(site, by=owner, now=clock.now(), date=site.today(clock.now()) + timedelta(days=1))

    second = [row["id"] for row in rows(client.get(first["next"]))]
    assert [row["id"] for row in first["results"]] + second == [surgery.pk for surgery in twenty]


@pytest.mark.parametrize("query", ["page_size=0", "page_size=201", "page_size=many", "page_size=-1"])
def test_a_page_has_1_to_200_rows(as_, owner, query):
    assert named(as_(owner).get(f"/api/v1/patients/?{query}"))["page_size"] == "A page has 1 to 200 rows."


@pytest.mark.parametrize(
    "cursor", ["x", "WyJ4IiwxLDBd", "WyIyMDI2IiwtMSwwXQ==", "WzEsMiwzXQ==", "bnVsbA==", "W1tbW1tb", "\x00", "é"]
)
def test_a_position_that_is_none_is_named(as_, owner, surgery, cursor):
    for name in ("patients", "surgeries", "reminders", "check-ups"):
        assert "cursor" in named(as_(owner).get(f"/api/v1/{name}/?cursor={quote(cursor)}"))


@pytest.mark.parametrize("name", LISTS)
def test_twenty_rows_take_no_more_queries_than_one(as_, owner, site, name, django_assert_max_num_queries):
    now, client = clock.now(), as_(owner)
    given.an_enrolment(site, by=owner, now=now)
    with django_assert_max_num_queries(13) as one:
        client.get(f"/api/v1/{name}/?page_size=1")
    for day in range(1, 20):
        given.an_enrolment(site, by=owner, now=now, date=site.today(now) - timedelta(days=day))

    with django_assert_max_num_queries(len(one)):
        client.get(f"/api/v1/{name}/?page_size=200")


def test_a_schedule_takes_a_few_queries_however_long_it_is(as_, owner, surgery, django_assert_max_num_queries):
    client = as_(owner)

    with django_assert_max_num_queries(13):
        schedule = client.get(f"/api/v1/surgeries/{surgery.pk}/schedule/").json()

    assert len(schedule["reminders"]) > 20


def test_reminders_are_filtered_by_what_a_clinic_asks(as_, owner, twenty):
    client, one = as_(owner), twenty[3]
    moment = clock.now() + timedelta(days=10)

    def found(query):
        return rows(client.get(f"/api/v1/reminders/?page_size=200&{query}"))

    assert {r["surgery"] for r in found(f"surgery={one.pk}")} == {one.pk}
    assert {r["patient"] for r in found(f"patient={one.patient_id}")} == {one.patient_id}
    assert {r["kind"] for r in found("kind=start_pt&kind=book_check_up")} == {"start_pt", "book_check_up"}
    assert {r["status"] for r in found("status=skipped")} == {"skipped"}
    phase = found(f"surgery={one.pk}")[0]["phase"]
    assert {r["phase"] for r in found(f"phase={phase}")} == {phase}
    assert all(r["due_at"] >= moment.isoformat()[:19] for r in found(f"due_after={quote(moment.isoformat())}"))
    assert all(r["due_at"] < moment.isoformat()[:19] for r in found(f"due_before={quote(moment.isoformat())}"))
    assert found("site=riverside")
    assert found("site=elsewhere") == []
    assert found("to_call=true") == []


def test_check_ups_are_filtered_by_state_and_window(as_, owner, twenty):
    client, today = as_(owner), clock.now().date()
    booked = twenty[0].check_ups.first()
    visit_actions.book_visit(booked, at=clock.now() + timedelta(days=20), by=owner, now=clock.now())

    def found(query):
        return rows(client.get(f"/api/v1/check-ups/?page_size=200&{query}"))

    assert [c["id"] for c in found("state=booked&state=confirmed")] == [booked.pk]
    until = today + timedelta(days=40)
    assert all(c["window_opens"] <= f"{until}" for c in found(f"date_before={until}"))
    assert all(c["window_closes"] >= f"{until}" for c in found(f"date_after={until}"))
    assert {c["code"] for c in found(f"code={booked.code}")} == {booked.code}
    soon = quote((clock.now() + timedelta(days=21)).isoformat())
    assert [c["id"] for c in found(f"booked_before={soon}")] == [booked.pk]


def test_surgeries_are_filtered_by_state_date_patient_and_surgeon(as_, owner, twenty, site):
    client, day = as_(owner), twenty[5].date
    actions.cancel_surgery(twenty[0], why="postponed", by=owner, now=clock.now())

    def found(query):
        return [r["id"] for r in rows(client.get(f"/api/v1/surgeries/?{query}"))]

    assert found("state=cancelled") == [twenty[0].pk]
    assert found(f"date_after={day}&date_before={day}") == [twenty[5].pk]
    assert found(f"patient={twenty[2].patient_id}") == [twenty[2].pk]
    assert len(found(f"surgeon={owner.pk}&procedure=miss&site=riverside")) == 20


@pytest.mark.parametrize(
    ("query", "name", "sentence"),
    [
        ("reminders/?stauts=planned", "stauts", "Did you mean “status”?"),
        ("reminders/?status=lost", "status", "planned, skipped"),
        ("reminders/?due_after=tomorrow", "due_after", "2026-03-02T15:00:00Z"),
        ("reminders/?due_after=2026-03-02T15:00:00", "due_after", "offset"),
        ("reminders/?due_before=0001-01-01T00:00:00%2B14:00", "due_before", "2026-03-02T15:00:00Z"),
        ("reminders/?patient=Ruiz", "patient", "whole number"),
        ("reminders/?patient=99999999999999999999", "patient", "9223372036854775807"),
        ("reminders/?site=%00", "site", "Null"),
        ("surgeries/?date_after=2026-02-30", "date_after", "2026-03-02"),
        ("check-ups/?state=lost", "state", "due, booked"),
        ("sites/?code=riverside", "code", "Known here: cursor, page_size"),
    ],
)
def test_a_filter_that_cannot_be_read_is_named(as_, owner, query, name, sentence):
    assert sentence in named(as_(owner).get(f"/api/v1/{query}"))[name]


def test_the_lists_of_a_site_follow_its_people(as_, stranger, twenty):
    assert {row["site"] for row in rows(as_(stranger).get("/api/v1/protocols/"))} == {"lakeside"}
    assert Site.objects.count() == 2
