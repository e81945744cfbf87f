"""Who should have had a message by today and did not: counted by step, listed with the reason, safe to take away."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from clinic import coverage
from clinic.coverage import MissKind
from patients.models import AuditEntry, Patient, Surgery
from reminders.plan.models import Reminder
from reminders.plan.values import ChangeKind
from reminders.plan_changes import Wish, decide
from tests import given
from tests.given import NOW
from tests.staff.people import ThreePeople, signed_in, three_people

pytestmark = pytest.mark.django_db
PAGE = "/staff/coverage/"


@pytest.fixture
def people() -> ThreePeople:
    return three_people()


@pytest.fixture
def surgery(people: ThreePeople) -> Surgery:
    """Operated on ten days ago; since then one text failed, one is held, and one arrived."""
    begun = NOW - timedelta(days=10)
    surgery = given.an_enrolment(people.site, by=people.owner, now=begun)
    early = Reminder.objects.filter(surgery=surgery, due_at__lt=NOW - timedelta(days=1))
    early.update(status="done", reason="")
    failed, skipped = early.order_by("due_at", "pk")[0], early.order_by("due_at", "pk")[1]
    Reminder.objects.filter(pk=failed.pk).update(status="failed", reason="undelivered")
    Reminder.objects.filter(pk=skipped.pk).update(status="skipped", reason="left_out")
    Reminder.objects.filter(surgery=surgery, due_at__gte=NOW - timedelta(days=1)).update(
        due_at=NOW + timedelta(days=2), useful_until=NOW + timedelta(days=3)
    )
    return surgery


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def table(answer: Any) -> list[list[str]]:
    return list(csv.reader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_what_failed_is_listed_and_what_was_decided_is_told_apart(people: ThreePeople, surgery: Surgery) -> None:
    client = signed_in(people.owner)

    missing, all_, decided = (words(client.get(PAGE, {"kind": kind})) for kind in ("", "all", "different"))

    assert "The carrier could not deliver it." in missing
    assert "A surgeon or manager took it out of this plan." not in missing
    assert "The carrier could not deliver it." not in decided
    assert "A surgeon or manager took it out of this plan." in decided
    assert "The carrier could not deliver it." in all_
    counts = coverage.per_step(coverage.due_not_done(Reminder.objects.for_site(people.site), NOW))
    assert sorted((count.missing, count.different) for count in counts) == [(0, 1), (1, 0)]


def test_a_held_plan_misses_nothing(people: ThreePeople) -> None:
    begun = NOW - timedelta(days=10)
    surgery = given.an_enrolment(people.site, by=people.owner, now=begun)
    decide(surgery, Wish(ChangeKind.HOLD), why="infection", by=people.owner, now=begun)

    held = coverage.due_not_done(Reminder.objects.filter(surgery=surgery, reason="plan_held"), NOW + timedelta(days=60))

    assert {row.kind for row in held} == {MissKind.DIFFERENT}


def test_colleagues_see_it_and_a_stranger_sees_nothing_of_it(people: ThreePeople, surgery: Surgery) -> None:
    for staff, sees in ((people.owner, True), (people.colleague, True), (people.stranger, False)):
        client = signed_in(staff)
        assert (surgery.patient.number in words(client.get(PAGE))) is sees
        assert any(surgery.patient.number in row for row in table(client.get(f"{PAGE}missed.csv"))) is sees


def test_no_cell_of_the_csv_is_run_by_a_spreadsheet(people: ThreePeople, surgery: Surgery) -> None:
    for bad in ('=HYPERLINK("x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"):
        Patient.objects.filter(pk=surgery.patient_id).update(given_name=bad)

        head, row = table(signed_in(people.owner).get(f"{PAGE}missed.csv"))

        assert head[0] == "patient number"
        assert row[1] == f"'{bad.strip()} Ruiz"  # a name is kept without tabs at its ends
    entry = AuditEntry.objects.filter(verb="list of missed messages taken").first()
    assert (entry.by, entry.site) == (people.owner, people.site)


def test_a_long_list_comes_in_pages_and_asks_as_few_questions_as_a_short_one(
    people: ThreePeople, surgery: Surgery, monkeypatch: Any, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr("clinic.staff.coverage.views.ON_A_PAGE", 3)
    failed = {"status": "failed", "reason": "refused", "due_at": NOW - timedelta(hours=1), "useful_until": NOW}
    for row in Reminder.objects.filter(surgery=surgery).order_by("-pk"):  # only their id tells in which order they come
        Reminder.objects.filter(pk=row.pk).update(**failed)
    all_rows = list(Reminder.objects.filter(surgery=surgery).order_by("due_at", "pk").values_list("pk", flat=True))
    client = signed_in(people.owner)

    first = client.get(PAGE)
    with django_assert_max_num_queries(14):
        second = client.get(PAGE, {"after": first.context["after"]})

    assert [line.pk for line, _ in first.context["people"]] == all_rows[:3]
    assert [line.pk for line, _ in second.context["people"]] == all_rows[3:6]


def test_a_filter_that_cannot_be_read_is_said_so(people: ThreePeople) -> None:
    client = signed_in(people.owner)

    answer = client.get(PAGE, {"since": "soon"})

    assert answer.status_code == 422
    assert "Write the day as 2026-03-02." in words(answer)
    assert client.get(f"{PAGE}missed.csv", {"since": "soon"}).status_code == 422
