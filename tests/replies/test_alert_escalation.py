"""An alert whose moment has passed is marked, counted, and mailed without a word about anybody."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.core import mail

from clinic.fastforward import play
from patients.models import Site
from reminders import tasks
from reminders.delivery.models import Alarm
from reminders.replies.alerts import escalation, handling, raising
from reminders.replies.models import Alert
from tests import given

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _live(settings):
    settings.MESSAGES = "live"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def mailed(staff, address: str):
    staff.email = address
    staff.save(update_fields=["email"])
    return staff


def leaves(staff) -> None:
    staff.is_active = False
    staff.save(update_fields=["is_active"])


@pytest.fixture
def surgeon(site, surgeon):
    return mailed(surgeon, "surgeon@example.org")


@pytest.fixture
def others(site):
    """Of this site but of another role, the manager, and the surgeon of another site."""
    given.a_site("hillside")
    mailed(given.a_staff_member(site, "reception"), "reception@example.org")
    mailed(given.a_staff_member(given.a_site("lakeside")), "elsewhere@example.org")
    return mailed(given.a_staff_member(site, "manager"), "manager@example.org")


def an_alert(site, level="E", now=given.NOW, **more) -> Alert:
    return raising.raise_alert(site=site, level=level, signs=["chest"], now=now, **more)


def receivers() -> list[str]:
    return sorted(address for message in mail.outbox for address in message.to)


def test_before_its_moment_nobody_is_told(site, surgeon):
    an_alert(site)

    assert escalation.escalate(given.NOW + 14 * MINUTE) == 0
    assert mail.outbox == []


def test_at_its_moment_those_of_its_role_and_the_managers_are_told_once(site, surgeon, others):
    alert = an_alert(site)

    told = [escalation.escalate(given.NOW + 15 * MINUTE) for _ in range(2)]

    alert.refresh_from_db()
    assert (told, alert.escalations, alert.escalated_at) == ([1, 0], 1, given.NOW + 15 * MINUTE)
    assert receivers() == ["manager@example.org", "surgeon@example.org"]


def test_the_mail_says_nothing_about_anybody(site, surgeon):
    surgery = given.an_enrolment(site, by=surgeon)
    an_alert(site, surgery=surgery)

    escalation.escalate(given.NOW + 15 * MINUTE)

    (message,) = mail.outbox
    said = message.subject + message.body
    assert message.subject == "Riverside Spine Clinic: an alert is overdue"
    assert "/staff/board/" in said
    for personal in (surgery.patient.given_name, surgery.patient.family_name, surgery.patient.number, "chest", "202"):
        assert personal not in said


def test_an_emergency_is_told_of_again_at_widening_distances(site, surgeon):
    alert = an_alert(site)
    moments = [given.NOW + minutes * MINUTE for minutes in range(0, 24 * 60, 5)]

    told = [moment for moment in moments if escalation.escalate(moment)]

    apart = [(later - earlier) // MINUTE for earlier, later in pairwise(told)]
    assert apart == [15, 30, 60, 120, 240, 240, 240, 240]
    alert.refresh_from_db()
    assert alert.escalations == len(told)


def test_one_of_the_same_day_wakes_nobody_at_night(site, surgeon):
    night = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)  # Monday, 22:00
    an_alert(site, "D", now=night)
    moments = [night + minutes * MINUTE for minutes in range(0, 24 * 60, 30)]

    told = [moment for moment in moments if escalation.escalate(moment)]

    assert [(moment.hour, moment.minute) for moment in told] == [(15, 0), (17, 0), (19, 0), (21, 0)]


def test_one_that_was_closed_is_not_told_of(site, surgeon):
    handling.close(an_alert(site), outcome="reached", by=surgeon, now=given.NOW)

    assert escalation.escalate(given.NOW + timedelta(days=1)) == 0


def test_who_has_taken_it_is_told_too(site, surgeon, others):
    nurse = mailed(given.a_staff_member(site, "reception"), "nurse@example.org")
    handling.take(an_alert(site), by=nurse, now=given.NOW)

    escalation.escalate(given.NOW + 15 * MINUTE)

    assert receivers() == ["manager@example.org", "nurse@example.org", "surgeon@example.org"]


def test_who_left_is_not_told_of_one_that_waits(site, surgeon, others):
    nurse = mailed(given.a_staff_member(site, "reception"), "nurse@example.org")
    handling.take(an_alert(site), by=nurse, now=given.NOW)
    leaves(nurse)
    leaves(others)

    escalation.escalate(given.NOW + 15 * MINUTE)

    assert receivers() == ["surgeon@example.org"]


def test_who_took_it_and_works_elsewhere_by_now_is_not_told(site, surgeon, others):
    nurse = mailed(given.a_staff_member(site, "reception"), "nurse@example.org")
    handling.take(an_alert(site), by=nurse, now=given.NOW)
    nurse.memberships.update(site=Site.objects.get(code="lakeside"))

    escalation.escalate(given.NOW + 15 * MINUTE)

    assert receivers() == ["manager@example.org", "surgeon@example.org"]


def test_where_nobody_has_an_address_an_alarm_tells_of_it(site):
    an_alert(site)

    assert escalation.escalate(given.NOW + 15 * MINUTE) == 1
    assert Alarm.objects.get(kind="alert_unheard").site == site


def test_a_mail_server_that_fails_costs_no_mark_and_raises_an_alarm(site, surgeon, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.nowhere.EmailBackend"
    alert = an_alert(site)

    escalation.escalate(given.NOW + 15 * MINUTE)

    alert.refresh_from_db()
    assert alert.escalations == 1
    assert Alarm.objects.get(kind="alert_mail").detail == "ModuleNotFoundError"


def test_where_messages_stay_in_the_outbox_no_mail_leaves(site, surgeon, settings):
    settings.MESSAGES = "outbox"
    an_alert(site)

    assert escalation.escalate(given.NOW + 15 * MINUTE) == 1
    assert mail.outbox == []


def test_the_sweep_does_it(site, surgeon):
    alert = an_alert(site, now=given.NOW - timedelta(hours=1))

    tasks.sweep()

    alert.refresh_from_db()
    assert alert.escalations == 1


def test_a_late_emergency_calls_the_pager_and_a_late_other_one_is_reported(site, surgeon):
    assert escalation.warnings(given.NOW) == []
    an_alert(site, "D")

    calm = escalation.warnings(given.NOW + timedelta(hours=3))
    an_alert(site, "E")
    urgent = escalation.warnings(given.NOW + timedelta(hours=3))

    assert [(w.kind, w.urgent, w.people) for w in calm + urgent] == [("alerts", False, 1), ("alerts", True, 2)]


def test_late_ones_are_told_by_number_and_hour_of_that_place(site, surgeon):
    an_alert(site, "D")
    then = given.NOW + timedelta(hours=3)

    (here,), (everywhere,) = escalation.warnings(then, site), escalation.warnings(then)
    an_alert(site, "D")
    (two,) = escalation.warnings(then, site)

    assert here.sentence == "1 alert is past its answer-by time since 12:00: open the board."
    assert everywhere.sentence == "1 alert is past its answer-by time since 17:00 UTC: open the board."
    assert two.sentence == "2 alerts are past their answer-by time since 12:00: open the board."
    assert escalation.warnings(then, given.a_site("hillside")) == []


def test_where_time_is_played_alerts_become_late_at_their_moment(site, surgeon):
    alert = an_alert(site)

    moments = [moment.now for moment in play(given.NOW, given.NOW + timedelta(hours=1))]

    alert.refresh_from_db()
    assert moments[0] == given.NOW + 15 * MINUTE
    assert alert.escalated_at == given.NOW + timedelta(hours=1)
    assert alert.escalations == 2
