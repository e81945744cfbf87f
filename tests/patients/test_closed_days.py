"""Holidays close a site for as long as it is open, and what staff have set by hand stays as they set it."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from patients import closed_days
from patients.models import ClosedDay, Site
from reminders import actions, scheduler, site_days
from reminders.plan.models import CarePlan
from tests import given
from tests.given import NOW

pytestmark = pytest.mark.django_db
FOURTH, LABOR_DAY = date(2026, 7, 3), date(2026, 9, 7)


@pytest.fixture
def site() -> Site:
    return given.a_site(name="Holiday Clinic")


def closed(site: Site, *, by_hand: bool | None = None) -> set[date]:
    rows = site.closed_days.all()
    return set((rows if by_hand is None else rows.filter(by_hand=by_hand)).values_list("date", flat=True))


def test_after_five_years_of_nightly_rounds_it_still_closes_on_new_years_day(site: Site):
    for night in range(0, 5 * 365, 91):
        scheduler.extend_horizon(NOW + timedelta(days=night))

    assert {date(year, 1, 1) for year in range(2027, 2034)} <= closed(site)
    assert ClosedDay.objects.filter(by_hand=True).count() == 0


def test_a_round_with_nothing_to_do_asks_one_question(site: Site, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert site_days.keep_holidays(NOW) == 0


def test_a_changed_region_changes_the_days_that_were_not_set_by_hand(site: Site):
    own = date(2026, 8, 14)
    site.closed_days.create(date=own, name="Founders' day")
    closed_days.note_by_hand(site, closed=set(), opened={LABOR_DAY})
    site.closed_days.filter(date=LABOR_DAY).delete()

    site.country, site.region = "CA", "ON"
    site.save()
    changes = closed_days.close_on_holidays(site, by=None, now=NOW)

    assert FOURTH in changes.opened
    assert date(2026, 7, 1) in closed(site, by_hand=False)  # Canada Day
    assert own in closed(site, by_hand=True)
    assert LABOR_DAY not in closed(site)  # a holiday there too, and taken out by staff
    assert not closed_days.holiday_changes(site, now=NOW)


def test_what_is_past_is_not_rewritten(site: Site):
    site.country, site.region = "GB", "SCT"
    site.save()

    closed_days.close_on_holidays(site, by=None, now=NOW)

    assert date(2026, 1, 19) in closed(site)  # Martin Luther King day was kept: NOW is in March
    assert date(2026, 1, 2) not in closed(site)


def test_a_week_of_closure_is_one_step_and_plans_move_out_of_its_way(site: Site):
    surgeon = given.a_staff_member(site)
    given.an_enrolment(site, by=surgeon)
    first = date(2026, 6, 29)

    days = closed_days.close_between(site, first=first, last=date(2026, 7, 5), name="Summer", by=surgeon, now=NOW)
    site_days.follow(site, now=NOW)

    assert (len(days), FOURTH in days) == (5, False)  # the holidays have names of their own
    assert FOURTH in closed(site, by_hand=True)  # and stays closed in any region
    assert CarePlan.objects.get().laid_out_until == site.today(NOW)
    assert scheduler.extend_horizon(NOW) == 1


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 7, 5), date(2026, 7, 1), "ends before it begins"),
        (date(2026, 2, 1), date(2026, 2, 5), "in the past"),
        (date(2026, 7, 1), date(2027, 7, 1), "at most 62 days"),
    ],
)
def test_a_closure_that_can_only_be_mistyped_is_refused(site: Site, first: date, last: date, said: str):
    with pytest.raises(ValidationError, match=said):
        closed_days.close_between(site, first=first, last=last, name="", by=None, now=NOW)


def test_a_preview_counts_what_moves_and_keeps_nothing(site: Site):
    surgeon = given.a_staff_member(site)
    surgery = given.an_enrolment(site, by=surgeon)
    due = surgery.reminders.filter(status="planned").order_by("due_at").last()
    before = closed(site)

    def every_day() -> closed_days.DayChanges:
        days = [date(2026, 3, 9) + timedelta(days=n) for n in range(30)]
        ClosedDay.objects.bulk_create(ClosedDay(site=site, date=day) for day in days)
        return closed_days.DayChanges(closed=dict.fromkeys(days, "x"))

    found = site_days.preview(site, every_day, now=NOW)

    assert due is not None
    assert (found.plans, found.has_more_plans) == (1, False)
    assert found.moved > 0
    assert closed(site) == before


def test_a_region_of_another_country_is_refused_with_those_there_are(site: Site):
    site.country, site.region = "GB", "NY"

    with pytest.raises(ValidationError, match="Choose one of: ENG, NIR, SCT, WLS"):
        actions.change_site(site, by=given.a_staff_member(site), now=NOW, changed=["region"])


def test_the_upgrade_tells_holidays_from_days_that_staff_set(site: Site):
    migration = import_module("patients.migrations.0020_regions_and_holidays")
    site.closed_days.create(date=date(2026, 8, 14), name="Founders' day")
    site.closed_days.filter(date=LABOR_DAY).delete()
    site.closed_days.update(by_hand=True)
    Site.objects.update(holidays_known="")
    before = closed(site)

    migration.tell_holidays_from_days_set_by_hand(apps, None)
    site_days.keep_holidays(NOW)

    assert closed(site, by_hand=True) == {date(2026, 8, 14)}
    assert set(site.open_holidays.values_list("date", flat=True)) == {LABOR_DAY}
    assert closed(site) == before  # what staff took out does not come back


def test_a_site_in_2031_is_closed_on_its_first_day_too():
    late = datetime(2031, 1, 1, 15, tzinfo=UTC)

    assert date(2031, 1, 1) in closed(given.a_site("later", now=late))
