"""Staff are told of an alert at once, by a mail that says nothing about anybody, and neither a crash nor a mail server
that fails loses it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from reminders import tasks
from reminders.delivery.models import Alarm
from reminders.replies.alerts import handling, notifications
from reminders.replies.models import Alert
from tests import given
from tests.replies.test_alert_escalation import an_alert, leaves, mailed, others, receivers

__all__ = ["others"]
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _live(settings):
    settings.MESSAGES = "live"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def surgeon(site, surgeon):
    return mailed(surgeon, "surgeon@example.org")


def ids() -> list[str]:
    return [message.extra_headers["Message-ID"] for message in mail.outbox]


def news(level: str) -> str:
    return {"E": "class E: an emergency", "D": "class D: a call today"}[level]


@pytest.mark.parametrize("level", ["E", "D"])
def test_who_owns_it_is_told_at_once_and_once(site, surgeon, others, level):
    alert = an_alert(site, level)

    told = [notifications.tell(given.NOW + seconds * timedelta(seconds=1)) for seconds in (0, 10, 600)]

    alert.refresh_from_db()
    assert (told, alert.tell_at, alert.told_at) == ([1, 0, 0], None, given.NOW)
    assert receivers() == ["surgeon@example.org"]
    assert mail.outbox[0].subject == f"Riverside Spine Clinic: a new alert, {news(level)}"
    assert f"/staff/alerts/{alert.pk}/" in mail.outbox[0].body


def test_the_mail_says_nothing_about_anybody(site, surgeon):
    surgery = given.an_enrolment(site, by=surgeon)
    an_alert(site, surgery=surgery)

    notifications.tell(given.NOW)

    (message,) = mail.outbox
    said = message.subject + message.body + "".join(message.extra_headers.values())
    for personal in (surgery.patient.given_name, surgery.patient.family_name, surgery.patient.number, "chest", "202"):
        assert personal not in said


def test_reception_s_list_is_on_the_board_only(site, surgeon, others):
    an_alert(site, "R")

    assert (notifications.tell(given.NOW), mail.outbox) == (0, [])


def test_an_emergency_in_an_open_alert_is_told_of_anew(site, surgeon):
    surgery = given.an_enrolment(site, by=surgeon)
    an_alert(site, "D", surgery=surgery)
    notifications.tell(given.NOW)
    an_alert(site, "E", now=given.NOW + MINUTE, surgery=surgery)

    notifications.tell(given.NOW + MINUTE)

    assert [news(level) in message.subject for level, message in zip("DE", mail.outbox, strict=True)] == [True, True]
    assert len(set(ids())) == 2


@pytest.mark.parametrize("left", [0, 1])
def test_a_crash_before_the_mail_or_after_it_tells_again_with_the_same_message_id(site, surgeon, monkeypatch, left):
    an_alert(site)
    send = EmailBackend.send_messages

    def power_fails(backend, messages):
        send(backend, messages[:left])
        raise KeyboardInterrupt

    monkeypatch.setattr(EmailBackend, "send_messages", power_fails)
    with pytest.raises(KeyboardInterrupt):
        notifications.tell(given.NOW)
    monkeypatch.setattr(EmailBackend, "send_messages", send)

    told = [notifications.tell(given.NOW + minutes * MINUTE) for minutes in (1, 3, 4)]

    assert told == [0, 1, 0]
    assert len(ids()) == left + 1
    assert len(set(ids())) == 1


def test_a_mail_server_that_fails_is_tried_again_and_raises_an_alarm(site, surgeon, settings):
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.nowhere.EmailBackend"
    an_alert(site)

    assert notifications.tell(given.NOW) == 0
    assert Alarm.objects.get(kind="alert_mail").cleared_at is None
    settings.EMAIL_BACKEND = working
    assert notifications.tell(given.NOW + 3 * MINUTE) == 1

    assert receivers() == ["surgeon@example.org"]
    assert Alarm.objects.get(kind="alert_mail").cleared_at == given.NOW + 3 * MINUTE


def test_news_that_comes_while_one_is_mailed_is_not_lost(site, surgeon, monkeypatch):
    surgery = given.an_enrolment(site, by=surgeon)
    an_alert(site, "D", surgery=surgery)
    send = EmailBackend.send_messages

    def worse_meanwhile(backend, messages):
        monkeypatch.setattr(EmailBackend, "send_messages", send)
        an_alert(site, "E", surgery=surgery)
        return send(backend, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", worse_meanwhile)

    assert [notifications.tell(given.NOW) for _ in range(3)] == [1, 1, 0]
    assert "class E" in mail.outbox[-1].subject


def test_who_left_is_not_told_and_others_are(site, surgeon, others):
    for who in (mailed(given.a_staff_member(site), "left@example.org"), surgeon):
        leaves(who)
        mail.outbox.clear()

        an_alert(site)
        notifications.tell(given.NOW)

        assert receivers() == ["surgeon@example.org" if surgeon.is_active else "manager@example.org"]


def test_where_nobody_of_the_role_has_an_address_the_managers_are_told(site, others):
    an_alert(site)

    notifications.tell(given.NOW)

    assert receivers() == ["manager@example.org"]


def test_where_nobody_at_all_has_one_an_alarm_tells_of_it(site):
    an_alert(site)

    notifications.tell(given.NOW)

    assert Alarm.objects.get(kind="alert_unheard").site == site


def test_one_that_was_closed_is_not_told_of(site, surgeon):
    handling.close(an_alert(site), outcome="reached", by=surgeon, now=given.NOW)

    assert (notifications.tell(given.NOW), mail.outbox) == (0, [])


def test_where_messages_stay_in_the_outbox_no_mail_leaves_then_or_later(site, surgeon, settings):
    settings.MESSAGES = "outbox"
    an_alert(site)
    notifications.tell(given.NOW)
    settings.MESSAGES = "live"

    assert (notifications.tell(given.NOW + MINUTE), mail.outbox) == (0, [])


def test_the_sweep_does_it_and_whoever_is_late_is_told_of_it_too(site, surgeon):
    alert = an_alert(site, now=given.NOW - timedelta(hours=1))

    tasks.sweep()

    assert [message.subject.partition(": ")[2] for message in mail.outbox] == [
        "a new alert, class E: an emergency", "an alert is overdue",
    ]  # fmt: skip
    assert Alert.objects.get(pk=alert.pk).tell_at is None
