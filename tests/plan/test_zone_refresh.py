"""New rules for a time zone reach plans that are already laid out, and a booked visit keeps its hour on the wall."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, reset_tzpath

import pytest
from django.apps import apps
from django.core.management import call_command

from patients import clock, time_zones, visit_hour
from patients.models import AuditEntry, CheckUp, Site, StaffMember, Surgery
from reminders import actions, scheduler, tasks, visit_actions
from reminders.plan import zone_refresh
from reminders.plan.models import CarePlan, Reminder, VisitTimeChange
from tests import given
from tests.given import NOW

VANCOUVER = "America/Vancouver"
BY_OLD_RULES, BY_NEW_RULES = (datetime(2026, 12, 1, hour, tzinfo=UTC) for hour in (17, 16))  # 09:00 at the site


@pytest.fixture
def older_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As before 2026: Vancouver's clocks went back in winter, as those of Los Angeles do."""
    (tmp_path / "America").mkdir()
    old = files("tzdata").joinpath("zoneinfo/America/Los_Angeles").read_bytes()
    (tmp_path / VANCOUVER).write_bytes(old)
    ZoneInfo.clear_cache()
    reset_tzpath(to=[str(tmp_path)])
    monkeypatch.setattr(time_zones, "release", lambda: "2025b")
    yield
    time_zones.use_package()


def upgrade(monkeypatch: pytest.MonkeyPatch) -> None:
    time_zones.use_package()
    monkeypatch.undo()


@pytest.fixture
def site(db: None, older_rules: None) -> Site:
    return given.a_site("vancouver", time_zone=VANCOUVER, now=NOW + timedelta(seconds=1))


@pytest.fixture
def surgeon(site: Site) -> StaffMember:
    return given.a_staff_member(site)


@pytest.fixture
def surgery(site: Site, surgeon: StaffMember) -> Surgery:
    return given.an_enrolment(site, by=surgeon, day=0)


@pytest.fixture
def visit(surgery: Surgery, surgeon: StaffMember) -> CheckUp:
    """Booked for nine o'clock on 1 December, as the site's clock was expected to be."""
    return visit_actions.book_visit(surgery.check_ups.latest("target_day"), at=BY_OLD_RULES, by=surgeon, now=NOW)


def hours(surgery: Surgery) -> set[tuple[str, str]]:
    """The local hours of what is planned for the winter, by the rules in force."""
    zone = ZoneInfo(VANCOUVER)
    winter = surgery.reminders.filter(status="planned", due_at__gte=datetime(2026, 11, 15, tzinfo=UTC))
    return {(row.step_code, f"{row.due_at.astimezone(zone):%H:%M}") for row in winter}


def test_after_an_upgrade_the_nightly_round_lays_plans_out_by_the_new_rules(surgery: Surgery, monkeypatch: Any) -> None:
    planned = hours(surgery)
    upgrade(monkeypatch)
    late = hours(surgery)

    assert scheduler.extend_horizon(NOW) == 1

    assert late != planned  # an hour late, as long as nothing lays them out again
    assert hours(surgery) == planned
    assert CarePlan.objects.get().zone_data == time_zones.release()
    assert scheduler.extend_horizon(NOW) == 0


def test_a_booked_visit_keeps_its_hour_and_nobody_is_told_a_change(visit: CheckUp, monkeypatch: Any) -> None:
    ahead = Reminder.objects.filter(step_code__contains="visit", status="planned").count()
    before = VisitTimeChange.objects.get(check_up=visit)
    upgrade(monkeypatch)

    scheduler.extend_horizon(NOW)

    visit.refresh_from_db()
    change = VisitTimeChange.objects.get(check_up=visit)
    assert visit.booked_for == change.starts == BY_NEW_RULES
    assert visit_hour.agreed(visit) == datetime(2026, 12, 1, 9)  # noqa: DTZ001  what the site's clock shows
    assert change.offset == before.offset + 1  # calendars take the entry anew
    assert Reminder.objects.filter(step_code__contains="visit", status="planned").count() == ahead
    assert not Reminder.objects.filter(step_code__startswith="visit-moved").exists()
    assert AuditEntry.objects.filter(verb="visit kept its local time").count() == 1


def test_the_hour_is_right_before_the_first_message_leaves_after_an_upgrade(visit: CheckUp, monkeypatch: Any) -> None:
    upgrade(monkeypatch)

    tasks.sweep()

    visit.refresh_from_db()
    assert visit.booked_for == BY_NEW_RULES


def test_a_booking_that_stands_again_after_the_upgrade_is_put_on_its_hour_too(
    visit: CheckUp, surgeon: StaffMember, monkeypatch: Any
) -> None:
    visit = visit_actions.book_visit(visit, at=BY_OLD_RULES + timedelta(days=1), by=surgeon, now=NOW)
    upgrade(monkeypatch)
    scheduler.extend_horizon(NOW)

    visit = visit_actions.undo_visit(visit, by=surgeon, now=NOW + timedelta(minutes=1))
    scheduler.extend_horizon(NOW)

    visit.refresh_from_db()
    assert visit.booked_for == BY_NEW_RULES


def test_a_visit_booked_after_the_upgrade_and_before_the_round_is_not_moved(
    surgery: Surgery, surgeon: StaffMember, monkeypatch: Any
) -> None:
    upgrade(monkeypatch)
    visit = visit_actions.book_visit(surgery.check_ups.latest("target_day"), at=BY_NEW_RULES, by=surgeon, now=NOW)

    CarePlan.objects.update(zone_data="2025b")
    scheduler.extend_horizon(NOW)

    visit.refresh_from_db()
    assert visit.booked_for == BY_NEW_RULES


def test_a_process_that_was_not_updated_takes_nothing_back(surgery: Surgery, monkeypatch: Any) -> None:
    upgrade(monkeypatch)
    scheduler.extend_horizon(NOW)
    monkeypatch.setattr(time_zones, "release", lambda: "2025b")

    assert zone_refresh.stale(NOW, limit=10) == []


def test_a_site_whose_zone_is_corrected_keeps_the_hours_of_its_visits(visit: CheckUp, surgeon: StaffMember) -> None:
    site = Site.objects.get(pk=visit.site_id)
    site.time_zone = "Europe/Paris"
    actions.change_site(site, by=surgeon, now=NOW, changed=["time_zone"])

    visit.refresh_from_db()
    assert visit.booked_for == datetime(2026, 12, 1, 8, tzinfo=UTC)  # nine o'clock in Paris
    scheduler.extend_horizon(NOW)
    assert not Reminder.objects.filter(step_code__startswith="visit-moved").exists()


def test_the_command_goes_on_where_it_was_stopped(surgery: Surgery, surgeon: StaffMember, monkeypatch: Any) -> None:
    given.an_enrolment(surgery.site, by=surgeon)
    upgrade(monkeypatch)

    def stop(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scheduler.refresh_zones(clock.now, batch=1, each=stop)
    out, err = StringIO(), StringIO()
    call_command("refresh_time_zones", stdout=out, stderr=err)

    assert out.getvalue().strip() == f"1 of 1 plans are laid out by the time zones of {time_zones.release()}."
    assert "1/1" in err.getvalue()
    assert zone_refresh.number(NOW) == 0


def test_the_migration_notes_the_hour_by_the_rules_that_were_in_use(
    visit: CheckUp, tmp_path: Path, monkeypatch: Any
) -> None:
    migration = import_module("patients.migrations.0017_local_hour_of_visits")
    CheckUp.objects.update(booked_offset=None, zone_data="")
    upgrade(monkeypatch)
    monkeypatch.setenv("PYTHONTZPATH", str(tmp_path))  # what the system had: the older rules

    migration.note_hours(apps, None)
    zone_refresh.keep_hours(NOW)

    visit.refresh_from_db()
    assert visit.booked_for == BY_NEW_RULES
    assert visit_hour.minutes(BY_OLD_RULES, migration.zone_as_before("Europe/Paris")) == 60  # the package's
