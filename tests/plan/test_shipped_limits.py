"""The shipped protocols within the default limits of messages: what the clinical page calls for is not lost."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

import pytest

from patients.models import Site
from reminders.plan.load_protocol import spec_of
from reminders.plan.models import ProtocolVersion
from reminders.plan.reasons import Reason
from reminders.plan.schedule import lay_out
from reminders.plan.values import Budget, Layout, ProtocolSpec, Wanted
from tests.plan.build import all_booked, facts_at

WINDOW = ("first_day", "target_day", "last_day")
MONDAY = date(2026, 3, 2)
DEFAULTS = Budget(1, 5)
CODES = ["decompression", "fusion", "miss-base", "si-fusion", "vertebroplasty"]
LIMITED = {Reason.BUDGET, Reason.MERGED}
PHONE, BOTH = frozenset({"sms"}), frozenset({"sms", "email"})
BY_PHONE_ALONE = {"outcome-questions-1", "pain-medicine"}  # what days 0 to 4 have no room for


@pytest.fixture
def spec(site: Site, request: pytest.FixtureRequest) -> ProtocolSpec:
    version = ProtocolVersion.objects.get(protocol__site=site, protocol__code=request.param)
    return spec_of(version)


every_protocol = pytest.mark.parametrize("spec", CODES, indirect=True)


def layouts(
    spec: ProtocolSpec, site: Site, channels: frozenset[str], budget: Budget = DEFAULTS
) -> Iterator[tuple[date, Layout]]:
    """Whatever the weekday of the operation, the orders, the job, and when each visit is booked, if it is."""
    therapies, jobs, booked = ("ordered_early", "ordered"), ("desk", "physical", "unknown"), ("", *WINDOW)
    for weekday, therapy, job, part in product(range(7), therapies, jobs, booked):
        day0 = MONDAY + timedelta(days=weekday)
        visits = all_booked(spec, site, day0, part) if part else ()
        orders = {"physical_therapy": therapy, "job": job, "visits": visits}
        facts = facts_at(site, day0, channels=channels, budget=budget, **orders)
        yield day0, lay_out(spec, facts)


def days_late(want: Wanted, site: Site) -> int:
    return (want.due_at.astimezone(site.zone).date() - want.moved_from).days if want.moved_from else 0


def lost(spec: ProtocolSpec, site: Site, day0: date, layout: Layout) -> Iterator[str]:
    """What of the promises to every patient does not hold."""
    steps = {step.code: step for step in spec.steps}
    for want in layout.reminders:
        step, where = steps[want.step], f"{want.step} on {want.due_at:%A}"
        limited = want.held in LIMITED
        if (step.warning or step.about_a_visit) and (want.moved_from or limited):
            yield f"{where}: a visit or a warning lost its day"
        if step.kind == "check_in" and limited:
            yield f"{where}: a check-in is left out"
        if step.kind == "check_in" and days_late(want, site) > 2:
            yield f"{where}: a check-in comes too late"
        if step.kind == "walk_today" and (want.held or want.due_at.astimezone(site.zone).date() != day0):
            yield f"{where}: day 0 has no word"


@every_protocol
def test_to_a_patient_with_phone_and_e_mail_everything_is_said(spec, site):
    for day0, layout in layouts(spec, site, BOTH):
        assert list(lost(spec, site, day0, layout)) == []
        assert [want.step for want in layout.reminders if want.held in LIMITED] == []


@every_protocol
def test_to_a_phone_alone_at_most_two_things_of_the_first_days_are_not_said(spec, site):
    for day0, layout in layouts(spec, site, PHONE):
        assert list(lost(spec, site, day0, layout)) == []
        assert {want.step for want in layout.reminders if want.held in LIMITED} <= BY_PHONE_ALONE


@every_protocol
def test_with_two_a_day_and_nine_a_week_everything_is_said_to_a_phone_alone(spec, site):
    for _, layout in layouts(spec, site, PHONE, Budget(2, 9)):
        assert [want.step for want in layout.reminders if want.held in LIMITED] == []
