"""Whatever is done to a plan, laying it out again is harmless, and going back gives the first plan again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patients.models import Site, StaffMember, Surgery
from reminders import actions, visit_actions
from reminders.plan import planning
from reminders.plan.models import ProtocolVersion
from reminders.plan.models.reminder import ReminderStatus
from tests import given as given_
from tests.given import NOW
from tests.plan.rows import at, check_up, in_plan, on_its_way, rows, visits
from tests.size import sized

TODAY = date(2026, 3, 2)
in_the_database = settings(
    max_examples=sized(build=15, full=60),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
days = st.integers(-300, 300)
started = st.lists(st.integers(0, 60), max_size=6, unique=True)
limits = st.sampled_from([(1, 5), (1, 2), (2, 6), (99, 99)])  # messages a day and a week
zones = st.sampled_from(["", "Pacific/Apia", "Pacific/Honolulu", "America/Santiago", "Europe/Madrid"])


@contextmanager
def undone() -> Iterator[None]:
    """Each example has the same tables to begin with."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def limit(site: Site, budget: tuple[int, int]) -> None:
    site.messages_a_day, site.messages_a_week = budget
    site.save()


def enrolled(site: Site, surgeon: StaffMember, day: int, zone: str, sent: list[int]) -> Surgery:
    """Somebody on day `day`, of whose messages some have left or are leaving."""
    surgery = given_.an_enrolment(site, by=surgeon, day=day, patient=given_.a_new_patient(time_zone=zone))
    every = list(surgery.reminders.filter(status=ReminderStatus.PLANNED))
    for position in sent:
        row = every[position % len(every)]
        status = [ReminderStatus.IN_PROGRESS, ReminderStatus.DONE][position % 2]
        if not row.deliveries.exists():
            on_its_way(row, status)
    return surgery


@in_the_database
@given(budget=limits, day=st.integers(-60, 500), zone=zones, sent=started, later=st.integers(0, 400))
def test_laying_out_twice_is_laying_out_once(
    site: Site,
    surgeon: StaffMember,
    version: ProtocolVersion,
    budget: tuple[int, int],
    day: int,
    zone: str,
    sent: list[int],
    later: int,
) -> None:
    with undone():
        limit(site, budget)
        surgery = enrolled(site, surgeon, day, zone, sent)
        planning.sync(surgery, now=NOW + timedelta(days=later))
        once = rows(surgery), visits(surgery)

        changes = planning.sync(surgery, now=NOW + timedelta(days=later))

        assert not changes
        assert (rows(surgery), visits(surgery)) == once


@in_the_database
@given(budget=limits, day=st.integers(-60, 400), by=days, zone=zones, sent=started)
def test_moving_there_and_back_gives_the_first_plan_again(
    site: Site,
    surgeon: StaffMember,
    version: ProtocolVersion,
    budget: tuple[int, int],
    day: int,
    by: int,
    zone: str,
    sent: list[int],
) -> None:
    with undone():
        limit(site, budget)
        surgery = enrolled(site, surgeon, day, zone, sent)
        before, calendar, left = in_plan(surgery), visits(surgery), what_left(surgery)
        day0 = surgery.date

        actions.move_surgery(surgery, to=day0 + timedelta(days=by), by=surgeon, now=NOW)
        assert what_left(surgery) == left
        actions.move_surgery(surgery, to=day0, by=surgeon, now=NOW)

        assert (in_plan(surgery), visits(surgery)) == (before, calendar)


def what_left(surgery: Surgery) -> list[tuple[object, ...]]:
    gone = surgery.reminders.exclude(deliveries=None).order_by("pk")
    return list(gone.values_list("pk", "due_at", "useful_until", "status", "step_id"))


@in_the_database
@given(budget=limits, visit=st.integers(1, 60), by=st.integers(-20, 20), hour=st.integers(13, 21), sent=started)
def test_a_booked_visit_survives_the_move(
    site: Site,
    surgeon: StaffMember,
    version: ProtocolVersion,
    budget: tuple[int, int],
    visit: int,
    by: int,
    hour: int,
    sent: list[int],
) -> None:
    with undone():
        limit(site, budget)
        surgery = enrolled(site, surgeon, 0, "", sent)
        moment = at(TODAY + timedelta(days=visit), hour)
        visit_actions.book_visit(check_up(surgery, "six-weeks"), at=moment, by=surgeon, now=NOW)
        before, left = in_plan(surgery), what_left(surgery)

        actions.move_surgery(surgery, to=TODAY + timedelta(days=by), by=surgeon, now=NOW)
        booked_for: datetime | None = check_up(surgery, "six-weeks").booked_for
        actions.move_surgery(surgery, to=TODAY, by=surgeon, now=NOW)

        assert booked_for == moment
        assert (in_plan(surgery), what_left(surgery)) == (before, left)


@in_the_database
@given(
    facts=st.lists(
        st.tuples(st.sampled_from(["undecided", "ordered", "declined"]), st.sampled_from(["desk", "none"])), max_size=4
    )
)
def test_what_the_surgeon_decides_last_counts(
    site: Site, surgeon: StaffMember, version: ProtocolVersion, facts: list[tuple[str, str]]
) -> None:
    with undone():
        surgery = given_.an_enrolment(site, by=surgeon)
        for therapy, job in [*facts, ("ordered", "desk")]:
            actions.change_facts(surgery, physical_therapy=therapy, job=job, by=surgeon, now=NOW)

        decided_at_once = given_.an_enrolment(site, by=surgeon, physical_therapy="ordered", job="desk")

        assert in_plan(surgery) == in_plan(decided_at_once)


pytestmark = pytest.mark.django_db
