"""An alert is raised: once, with an owner and a moment by which somebody must have answered."""

from datetime import UTC, datetime, timedelta

import pytest

from patients import audit
from reminders.replies import alerting
from reminders.replies.models import Alert, AlertRule, Reply
from reminders.replies.models.alert import Outcome
from tests import given

MONDAY = given.NOW  # 10:00 in New York; staffed from 8 until 17
NIGHT = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)  # Monday, 22:00
CLOSING = datetime(2026, 3, 2, 21, 30, tzinfo=UTC)  # Monday, 16:30


def a_reply(site, *, now=MONDAY, provider_id="SM1", contact=None) -> Reply:
    facts = {"from_address": given.phone(55), "to_address": given.phone(1), "text": "my leg", "intent": "urgent"}
    return Reply.objects.create(site=site, provider_id=provider_id, received_at=now, contact=contact, **facts)


def raised(site, level="E", *, now=MONDAY, signs=("chest",), **more) -> Alert:
    return alerting.raise_alert(site=site, level=level, signs=signs, now=now, **more)


@pytest.mark.parametrize(
    ("level", "now", "owner", "by"),
    [
        ("E", MONDAY, "surgeon", "2026-03-02T15:15"),
        ("E", NIGHT, "surgeon", "2026-03-03T03:15"),  # at any hour
        ("D", MONDAY, "surgeon", "2026-03-02T17:00"),
        ("D", CLOSING, "surgeon", "2026-03-02T22:00"),  # the same day: until it closes
        ("D", NIGHT, "surgeon", "2026-03-03T15:00"),  # two hours after opening
        ("R", MONDAY, "reception", "2026-03-03T22:00"),
    ],
)
def test_every_class_has_an_owner_and_a_moment(site, level, now, owner, by):
    alert = raised(site, level, now=now)

    assert (alert.owner_role, alert.answer_by) == (owner, datetime.fromisoformat(by).replace(tzinfo=UTC))
    assert alert.owner is None


def test_a_clinic_sets_owner_and_time(site):
    AlertRule.objects.create(site=site, level="D", owner_role="reception", minutes=30)

    alert = raised(site, "D", now=NIGHT)

    assert (alert.owner_role, alert.answer_by) == ("reception", datetime(2026, 3, 3, 13, 30, tzinfo=UTC))


def test_no_rule_makes_an_emergency_wait_until_somebody_is_there(site):
    AlertRule.objects.create(site=site, level="E", owner_role="manager", minutes=20, staffed_only=True)

    assert raised(site, "E", now=NIGHT).answer_by == NIGHT + timedelta(minutes=20)


def test_raised_twice_it_is_one_and_its_signs_are_added_up(site, surgeon):
    reply = a_reply(site)
    raised(site, "E", reply=reply, signs=["chest"])

    again = raised(site, "E", reply=reply, signs=["chest", "weakness"], now=MONDAY + timedelta(minutes=5))

    assert Alert.objects.get() == again
    assert (again.signs, again.answer_by) == (["chest", "weakness"], MONDAY + timedelta(minutes=15))


def test_two_levels_of_one_reply_are_two_alerts(site):
    reply = a_reply(site)

    assert raised(site, "E", reply=reply) != raised(site, "D", reply=reply, signs=["fever"])


def test_a_new_sign_opens_a_closed_one_again_and_an_old_one_does_not(site, surgeon):
    reply = a_reply(site)
    closed = {"closed_at": MONDAY, "closed_by": surgeon, "outcome": Outcome.REACHED, "owner": surgeon}
    raised(site, "D", reply=reply, signs=["fever"])
    Alert.objects.update(**closed)
    later = MONDAY + timedelta(hours=1)

    assert raised(site, "D", reply=reply, signs=["fever"], now=later).closed_at == MONDAY

    again = raised(site, "D", reply=reply, signs=["wound"], now=later)

    again.refresh_from_db()
    assert (again.closed_at, again.outcome, again.owner) == (None, "", None)
    assert (again.signs, again.raised_at) == (["fever", "wound"], later)


def test_without_a_reply_or_a_check_in_each_is_its_own(site):
    assert raised(site, "R", signs=["other"]) != raised(site, "R", signs=["other"])


def test_the_patients_story_tells_of_it(site, surgeon):
    surgery = given.an_enrolment(site, by=surgeon)

    raised(site, "D", signs=["fever", "wound"], surgery=surgery)

    told = audit.story(surgery.patient).last().additional_data
    assert (told["verb"], told["level"], told["signs"]) == ("alert raised", "D", "fever, wound")
