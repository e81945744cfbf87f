"""What a mail service tells afterwards: each word of anymail's, in any order, as often as it comes."""

from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest

from patients.models import Contact
from reminders.delivery.codes import Action, Class, look_up
from reminders.delivery.models import Attempt, Delivery, Report
from reminders.delivery.receipts.mail_events import MailEvent, read, receive
from reminders.delivery.sending import dispatch
from reminders.delivery.sending.opening import open_due
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise

READINGS = [  # anymail's event and reason, what the other server said: the report's word, its code, the class of that
    ("delivered", "", "", "delivered", 0, None),
    ("deferred", "", "4.2.1 try later", "deferred", 0, None),
    ("bounced", "bounced", "smtp; 550 5.1.1 user unknown", "failed", 550, Class.PERMANENT),
    ("bounced", "bounced", "550 no such user", "failed", 550, Class.PERMANENT),
    ("bounced", "bounced", "", "failed", 550, Class.PERMANENT),
    ("bounced", "bounced", "HardBounce", "failed", 550, Class.PERMANENT),
    ("bounced", "bounced", "552 5.2.2 over quota", "undelivered", 552, Class.TEMPORARY),
    ("bounced", "bounced", "552 message too large", "undelivered", 552, Class.TEMPORARY),
    ("bounced", "bounced", "SoftBounce", "undelivered", 450, Class.TEMPORARY),
    ("bounced", "bounced", "451 4.7.1 greylisted", "undelivered", 450, Class.TEMPORARY),
    ("bounced", "bounced", "421 busy", "undelivered", 450, Class.TEMPORARY),
    ("bounced", "bounced", "550 5.7.1 blocked by policy", "failed", 571, Class.PERMANENT),
    ("bounced", "bounced", "550 5.1.8 bad sender", "failed", 554, Class.PERMANENT),
    ("bounced", "timed_out", "", "undelivered", 450, Class.TEMPORARY),
    ("bounced", "other", "no idea", "failed", 554, Class.PERMANENT),
    ("bounced", "bounced", "host 192.0.2.25 said 550 5.2.1 disabled", "failed", 550, Class.PERMANENT),
    ("rejected", "invalid", "", "failed", 553, Class.PERMANENT),
    ("rejected", "blocked", "", "failed", 571, Class.PERMANENT),
    ("rejected", "spam", "", "failed", 572, Class.OPTED_OUT),
    ("rejected", "unsubscribed", "", "failed", 572, Class.OPTED_OUT),
    ("failed", "", "", "failed", 554, Class.PERMANENT),
]


@pytest.mark.parametrize(("event", "reason", "said", "word", "code", "kind"), READINGS)
def test_a_bounce_becomes_the_code_a_mail_server_would_have_given(event, reason, said, word, code, kind):
    assert read(MailEvent(event=event, reason=reason, said=said)) == (word, code)
    assert kind is None or look_up(code, "M").cls is kind


def test_only_a_dead_mailbox_is_held_against_a_contact():
    blamed = {code for *_, code, _ in READINGS if look_up(code, "M").action is Action.MARK_INVALID}
    assert blamed == {550, 553}


@pytest.fixture
def reminder(live, surgeon, smtp) -> Reminder:
    """A mail the service has taken."""
    reminder = a_promise(live, given.an_email("ana@example.org"), by=surgeon)
    open_due(reminder.due_at)
    dispatch.drain("email", clock=lambda: reminder.due_at, window=1)
    return reminder


@pytest.fixture
def attempt(reminder: Reminder) -> Attempt:
    return Attempt.objects.get(delivery__reminder=reminder)


def told(attempt: Attempt, event: str, **more: Any) -> bool:
    news = MailEvent(event=event, attempt=attempt.pk, message_id="at-the-service-1", **more)
    return receive(news, now=attempt.started_at + timedelta(minutes=1))


def state(reminder: Reminder) -> str:
    return Delivery.objects.get(reminder=reminder).state


def contact_of(reminder: Reminder) -> Contact:
    return Contact.objects.with_consent().get(deliveries__reminder=reminder)


def test_delivered_is_more_than_taken(reminder, attempt):
    assert state(reminder) == "sent"

    assert told(attempt, "delivered")

    assert state(reminder) == "delivered"


def test_a_hard_bounce_ends_it_marks_the_address_and_breaks_the_promise(reminder, attempt):
    told(attempt, "bounced", reason="bounced", said="550 5.1.1 user unknown")

    reminder.refresh_from_db()
    assert (state(reminder), reminder.status) == ("undelivered_perm", "failed")
    assert contact_of(reminder).unusable_since is not None


def test_a_soft_bounce_is_tried_again_and_blames_nobody(reminder, attempt):
    told(attempt, "bounced", reason="bounced", said="552 5.2.2 mailbox full")

    assert state(reminder) == "undelivered_temp"
    assert contact_of(reminder).unusable_since is None


def test_what_looked_soft_may_turn_out_hard(reminder, attempt):
    told(attempt, "bounced", reason="bounced", said="SoftBounce")
    told(attempt, "bounced", reason="bounced", said="550 5.1.1 user unknown")

    assert state(reminder) == "undelivered_perm"
    assert contact_of(reminder).unusable_since is not None


@pytest.mark.parametrize("event", ["complained", "unsubscribed"])
def test_who_complains_or_unsubscribes_there_hears_no_more(reminder, attempt, event):
    told(attempt, "delivered")
    told(attempt, event)
    told(attempt, event)

    contact = contact_of(reminder)
    last = contact.consent_events.last()
    assert (last.kind, last.source, last.by) == ("withdrawn", "provider", None)
    assert "mail service" in last.wording
    assert contact.consent_events.filter(kind="withdrawn").count() == 1
    assert state(reminder) == "delivered"


def test_whom_the_service_knows_to_have_opted_out_is_suppressed(reminder, attempt):
    told(attempt, "rejected", reason="unsubscribed")

    assert state(reminder) == "suppressed"
    assert contact_of(reminder).consent_kind == "withdrawn"


def test_an_opt_out_known_to_the_service_is_of_everybody_with_that_mailbox(reminder, attempt, live, surgeon):
    other = a_promise(live, given.an_email("Ana@example.org"), by=surgeon)
    open_due(other.due_at)

    told(attempt, "rejected", reason="unsubscribed")

    assert contact_of(other).consent_kind == "withdrawn"
    assert state(other) == "suppressed"
    assert "mail service" in contact_of(other).consent_events.last().wording


def test_any_order_and_any_doubling_ends_the_same(reminder, attempt):
    """One mail, told of in every order: the state is the same each time."""
    words = [{"event": "sent"}, {"event": "deferred"}, {"event": "delivered"},
             {"event": "bounced", "reason": "bounced", "said": "450 later"}]  # fmt: skip
    ends = set()
    for order in permutations(words):
        Report.objects.filter(attempt=attempt, source="callback").delete()
        Delivery.objects.update(state="sent", settled_at=None)
        for word in (*order, order[0]):
            told(attempt, **word)
        ends.add(state(reminder))

    assert ends == {"delivered"}


def test_opens_and_clicks_are_not_kept(reminder, attempt):
    before = Report.objects.count()

    assert not told(attempt, "opened")
    assert not told(attempt, "clicked")
    assert Report.objects.count() == before


def test_without_our_id_it_is_found_by_the_number_the_service_gave(reminder, attempt):
    bare = attempt.provider_id.strip("<>")

    assert receive(MailEvent(event="delivered", message_id=bare), now=attempt.started_at)
    assert state(reminder) == "delivered"


def test_an_attempt_nobody_knows_is_kept_for_a_while(reminder, attempt):
    stranger = uuid4()

    assert not receive(MailEvent(event="bounced", attempt=stranger, message_id="x"), now=attempt.started_at)

    assert Report.objects.get(attempt_ref=stranger).attempt is None
    assert state(reminder) == "sent"


def test_a_mail_of_somebody_else_at_the_same_service_is_not_our_business(reminder, attempt):
    before = Report.objects.count()

    assert not receive(MailEvent(event="bounced", message_id="their-newsletter"), now=attempt.started_at)
    assert not receive(MailEvent(event="bounced"), now=attempt.started_at)
    assert Report.objects.count() == before


def test_a_text_cannot_be_moved_through_the_mail_door(live, surgeon):
    reminder = a_promise(live, by=surgeon)
    from tests.delivery.sending import claimed

    [job] = claimed(reminder).jobs
    receive(MailEvent(event="delivered", attempt=job.attempt, message_id="x"), now=reminder.due_at)

    assert state(reminder) == "claimed"
