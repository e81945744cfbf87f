"""An alert is raised: once, with an owner and a moment by which somebody must have answered."""

from datetime import UTC, datetime, timedelta

import pytest

from patients import audit
from reminders.replies.alerts import handling, raising
from reminders.replies.models import Alert, AlertRule, Cause, Reply
from reminders.replies.models.alert import Outcome
from tests import given

MONDAY = given.NOW  # 10:00 in New York; staffed from 8 until 17
NIGHT = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)  # Monday, 22:00
HOUR = timedelta(hours=1)
CLOSING = datetime(2026, 3, 2, 21, 30, tzinfo=UTC)  # Monday, 16:30


def a_reply(site, *, now=MONDAY, provider_id="SM1", contact=None) -> Reply:
    facts = {"from_address": given.phone(55), "to_address": given.phone(1), "text": "my leg", "intent": "urgent"}
    return Reply.objects.create(site=site, provider_id=provider_id, received_at=now, contact=contact, **facts)


def raised(site, level="E", *, now=MONDAY, signs=("chest",), **more) -> Alert:
    return raising.raise_alert(site=site, level=level, signs=signs, now=now, **more)


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


def test_five_texts_of_one_patient_are_one_alert_with_five_causes(site, surgeon):
    surgery = given.an_enrolment(site, by=surgeon)
    texts = [a_reply(site, provider_id=f"SM{n}") for n in range(5)]

    alerts = [raised(site, "D", reply=text, signs=["fever"], surgery=surgery) for text in texts]

    alert = Alert.objects.get()
    assert alerts == [alert] * 5
    assert [cause.reply for cause in alert.causes.all()] == texts
    assert (alert.reply, alert.signs, alert.tellings) == (texts[0], ["fever"], 1)


def test_another_sign_is_added_and_its_time_runs_on(site, surgeon):
    surgery = given.an_enrolment(site, by=surgeon)
    raised(site, "D", signs=["fever"], surgery=surgery)

    raised(site, "D", signs=["wound"], surgery=surgery, now=MONDAY + HOUR)

    alert = Alert.objects.get()
    assert (alert.signs, alert.answer_by) == (["fever", "wound"], MONDAY + 2 * HOUR)
    assert [cause.signs for cause in alert.causes.all()] == [["fever"], ["wound"]]


def test_an_emergency_raises_what_was_open_its_time_and_its_owner_and_staff_are_told_again(site, surgeon):
    AlertRule.objects.create(site=site, level="D", owner_role="reception", minutes=120)
    surgery = given.an_enrolment(site, by=surgeon)
    calm = raised(site, "D", signs=["fever"], surgery=surgery)
    handling.take(calm, by=surgeon, now=MONDAY)
    Alert.objects.update(tell_at=None)
    later = MONDAY + timedelta(minutes=10)

    raised(site, "E", signs=["chest"], surgery=surgery, now=later)

    alert = Alert.objects.get()
    assert (alert.level, alert.signs, alert.owner_role) == ("E", ["fever", "chest"], "surgeon")
    assert (alert.answer_by, alert.tell_at, alert.tellings) == (later + timedelta(minutes=15), later, 2)
    assert (alert.owner, alert.taken_at) == (surgeon, None)


def test_an_emergency_makes_nothing_less_late(site, surgeon):
    surgery = given.an_enrolment(site, by=surgeon)
    raised(site, "D", signs=["fever"], surgery=surgery)

    raised(site, "E", surgery=surgery, now=MONDAY + 5 * HOUR)

    assert Alert.objects.get().answer_by == MONDAY + 2 * HOUR


def test_a_calmer_text_lowers_nothing(site, surgeon):
    surgery = given.an_enrolment(site, by=surgeon)
    raised(site, "E", surgery=surgery)

    raised(site, "D", signs=["fever"], surgery=surgery, now=MONDAY + timedelta(minutes=1))

    alert = Alert.objects.get()
    assert (alert.level, alert.signs, alert.answer_by) == ("E", ["chest", "fever"], MONDAY + timedelta(minutes=15))


@pytest.mark.parametrize(
    ("minutes", "sign", "news"),
    [(5, "chest", False), (5, "cauda_equina", True), (14, "fever", False), (20, "chest", True)],
)
def test_of_a_known_emergency_a_new_sign_is_news_and_the_old_one_once_it_is_late(site, surgeon, minutes, sign, news):
    surgery = given.an_enrolment(site, by=surgeon)
    raised(site, "E", surgery=surgery)
    Alert.objects.update(tell_at=None, told_at=MONDAY)
    now = MONDAY + timedelta(minutes=minutes)

    raised(site, "D" if sign == "fever" else "E", signs=[sign], surgery=surgery, now=now)

    alert = Alert.objects.get()
    assert (alert.tell_at, alert.tellings) == ((now, 2) if news else (None, 1))


def test_after_it_was_closed_a_new_one_begins(site, surgeon):
    surgery = given.an_enrolment(site, by=surgeon)
    first = raised(site, "D", signs=["fever"], surgery=surgery)
    handling.close(first, outcome=Outcome.REACHED, by=surgeon, now=MONDAY)

    second = raised(site, "D", signs=["fever"], surgery=surgery, now=MONDAY + HOUR)

    assert second != first
    assert (second.raised_at, second.closed_at) == (MONDAY + HOUR, None)


def test_another_patients_is_its_own_and_so_is_one_at_another_site(site, surgeon):
    other = given.a_site("hillside")
    surgeries = [given.an_enrolment(site, by=surgeon) for _ in range(2)]

    alerts = [raised(site, surgery=surgery) for surgery in surgeries] + [raised(other, "E")]

    assert Alert.objects.count() == len(set(alerts)) == 3


def test_reception_s_list_and_an_emergency_are_never_one(site, surgeon):
    surgery = given.an_enrolment(site, by=surgeon)

    assert raised(site, "R", surgery=surgery) != raised(site, "E", surgery=surgery)
    assert Alert.objects.get(level="R").tell_at is None


def test_where_nobody_knows_the_patient_the_number_gathers_them(site):
    texts = [a_reply(site, provider_id=f"SM{n}") for n in range(2)]
    other = a_reply(site, provider_id="SM9")
    other.from_address = given.phone(56)
    other.save()

    alerts = [raised(site, reply=text) for text in [*texts, other]]

    assert alerts[0] == alerts[1] != alerts[2]


def test_a_text_that_speaks_twice_is_one_cause(site, surgeon):
    surgery, text = given.an_enrolment(site, by=surgeon), a_reply(site)

    raised(site, "E", reply=text, surgery=surgery)
    raised(site, "D", reply=text, signs=["pain"], surgery=surgery)

    cause = Cause.objects.get()
    assert (cause.level, cause.signs) == ("E", ["chest", "pain"])


def test_without_a_reply_or_a_check_in_each_is_its_own(site):
    assert raised(site, "R", signs=["other"]) != raised(site, "R", signs=["other"])


def test_the_patients_history_tells_of_it(site, surgeon):
    surgery = given.an_enrolment(site, by=surgeon)

    raised(site, "D", signs=["fever", "wound"], surgery=surgery)

    entry = audit.history(surgery.patient).last()
    assert (entry.verb, entry.details["level"], entry.details["signs"]) == ("alert raised", "D", "fever, wound")
