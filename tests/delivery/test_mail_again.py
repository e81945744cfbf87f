"""A mail that is tried again is the same mail: whoever gets it twice sees it once."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from reminders.delivery.models import Attempt, Delivery
from reminders.delivery.receipts import callbacks
from reminders.delivery.sending import dispatch
from reminders.delivery.sending.claiming import claim, mail_id
from reminders.delivery.sending.opening import open_due
from tests import given
from tests.delivery.sending import a_promise

MINUTES = timedelta(minutes=20)


@pytest.fixture
def mail(live, surgeon) -> Delivery:
    reminder = a_promise(live, given.an_email("ana@example.org"), by=surgeon)
    open_due(reminder.due_at)
    return Delivery.objects.get(reminder=reminder)


def sent(now: datetime) -> None:
    dispatch.drain("email", clock=lambda: now, window=1)


def again(mail: Delivery, now: datetime) -> None:
    """As whoever settles it does: one more attempt."""
    Delivery.objects.filter(pk=mail.pk).update(state="queued", not_before=now)


def test_a_mail_put_off_by_the_server_keeps_its_message_id(mail, smtp):
    smtp.mode = "data:451"
    sent(mail.not_before)
    smtp.mode = "ok"
    sent(mail.not_before + MINUTES)

    assert list(mail.attempts.values_list("outcome", flat=True)) == ["not_processed", "accepted"]
    [received] = smtp.accepted
    assert received["Message-ID"] == f"<{mail_id(mail.pk)}@riverside.example.org>"


def test_one_that_left_twice_is_one_to_a_mail_program(mail, smtp):
    smtp.mode = "close_after_data"
    sent(mail.not_before)
    assert mail.attempts.get().outcome == "unknown"
    smtp.mode = "ok"
    again(mail, mail.not_before)
    sent(mail.not_before)

    first, second = smtp.accepted
    assert first["Message-ID"] == second["Message-ID"]
    assert mail.attempts.last().provider_id == second["Message-ID"]


def test_two_attempts_may_carry_one_message_id_and_each_still_hears_its_own_news(mail, smtp):
    sent(mail.not_before)
    again(mail, mail.not_before)
    sent(mail.not_before)
    first, second = Attempt.objects.all()
    assert first.provider_id == second.provider_id

    for attempt in (first, second):
        news = {"provider_id": attempt.provider_id, "status": "delivered", "code": 0, "now": mail.not_before}
        assert callbacks.receive(attempt.pk, **news)

    mail.refresh_from_db()
    assert mail.state == "delivered"


def test_two_texts_may_not_share_a_provider_id(mail, smtp):
    sent(mail.not_before)
    again(mail, mail.not_before)
    sent(mail.not_before)

    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.update(route="twilio")


def test_a_message_id_tells_neither_a_name_nor_a_number_of_ours(mail, settings):
    [job] = claim("email", mail.not_before).jobs

    assert job.message.mail_id == mail_id(mail.pk)
    assert mail_id(mail.pk) != mail_id(mail.pk + 1)
    settings.SECRET_KEY = "another" * 10
    assert mail_id(mail.pk) != job.message.mail_id
