"""A clinic's days through the code that runs every day, and then a sceptic's look into the tables."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection

from patients.models import Patient
from reminders.delivery.models import Delivery
from reminders.plan.models import Reminder
from tests.clinic_year import START, a_clinic, all_that_left, an_imported_clinic, complaints, live_through, play_until
from tests.exchange.whole_sets import HERE, published
from tests.size import only_full, sized

PEOPLE = sized(build=8, full=24)
DAYS = sized(build=100, full=400)


@pytest.mark.long
@pytest.mark.django_db
def test_day_after_day_each_promise_is_kept_once_or_ends_with_a_reason():
    clinic = a_clinic(PEOPLE)

    end = live_through(clinic, days=DAYS)

    assert list(complaints(clinic, end)) == []
    assert len(all_that_left()) > 10 * PEOPLE
    assert len(clinic.stopped) > PEOPLE / 5
    assert len(clinic.booked) > PEOPLE / 3
    assert len(clinic.ended) > PEOPLE / 5
    kinds = Counter(one.kind for one in all_that_left())
    assert {"walk_today", "start_pt", "avoid_heavy_lifting", "book_check_up", "visit_reminder"} <= kinds.keys()
    assert set(Delivery.objects.values_list("language", flat=True)) >= {"en", "es"}


@pytest.mark.long
@pytest.mark.django_db
def test_imported_people_live_through_the_days_as_well(tmp_path):
    imported_people_live_through_the_days(HERE, tmp_path)


@only_full
@pytest.mark.long
@pytest.mark.embedded
@pytest.mark.django_db
def test_the_whole_published_set_lives_through_the_days(tmp_path):
    if connection.vendor == "postgresql":
        pytest.skip("in the embedded part: PostgreSQL never tidies up inside a test's one long transaction")
    imported_people_live_through_the_days(published("synthea-100-patients"), tmp_path)


def imported_people_live_through_the_days(folder: Path, tmp_path: Path) -> None:
    with time_machine.travel(START):
        clinic = an_imported_clinic(folder, tmp_path / "surgeries.csv")
    assert len(clinic.surgeries) == Patient.objects.count() >= 4

    end = live_through(clinic, days=DAYS)

    assert list(complaints(clinic, end)) == []
    assert len(all_that_left()) > 5 * len(clinic.surgeries)


@pytest.mark.django_db
def test_the_sceptic_would_have_seen_it():
    """The judge itself is judged: each kind of broken promise, made by hand, is found."""
    clinic = a_clinic(4)
    end = play_until(START, START + timedelta(days=20))
    assert list(complaints(clinic, end)) == []

    one = all_that_left()[-1]
    clinic.stopped[one.address] = clinic.ended[one.surgery] = START
    clinic.booked.append((0, "x", 0, START))
    Delivery.objects.update(text="Hello {first_name}")
    Reminder.objects.filter(status="done").update(status="planned")

    found = " ".join(complaints(clinic, end))
    for word in ("after STOP", "cancelled or", "hole", "silent"):
        assert word in found


@pytest.mark.embedded
@pytest.mark.django_db
def test_days_played_in_pieces_leave_nothing_out_and_nothing_twice():
    clinic = a_clinic(3)
    now = START

    for hours in (1, 7, 30, 31, 200, 288):
        now = play_until(now, START + timedelta(hours=hours))

    assert list(complaints(clinic, now)) == []
    assert len(all_that_left()) > 5
