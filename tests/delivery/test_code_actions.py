"""Each code of the provider causes what the table says, beyond the message it came with."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction

from patients.models import Contact
from reminders.delivery.codes import ROWS, Action
from reminders.delivery.models import Alarm, Breaker, Delivery, Sender
from reminders.delivery.outcomes import Accepted, Refused
from reminders.delivery.receipts import callbacks
from reminders.delivery.receipts.code_actions import Failed, heed, hushed
from reminders.delivery.reconcile.timeouts import settle
from reminders.delivery.sending.claiming import SendJob, claim
from reminders.delivery.sending.opening import open_due
from reminders.delivery.sending.results import record
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise, claimed, many, the_contact, the_delivery

MIN = timedelta(minutes=1)
ACCOUNT, SENDER = "breaker of every site", "breaker of this sender"

CAUSES: dict[Action, set[str]] = {
    Action.PAUSE_ACCOUNT: {ACCOUNT},
    Action.PAUSE_SENDER: {SENDER},
    Action.HOLD_SITE: {SENDER},
    Action.WAIT: set(),
    Action.FIND_OUT: set(),
    Action.RETRY: set(),
    Action.RETRY_ONCE: set(),
    Action.RETRY_SLOWLY: {"sender slowed", "alarm sender_too_fast"},
    Action.RETRY_SOON: {"sender slowed", "alarm sender_too_fast"},
    Action.RETRY_TOMORROW: {"alarm daily_cap"},
    Action.RETRY_NEXT_WINDOW: {"alarm window"},
    Action.HOLD_PREFIX: {"alarm number_range"},
    Action.OPT_OUT: {"consent withdrawn"},
    Action.MARK_INVALID: {"contact marked"},
    Action.MARK_LANDLINE: {"contact marked"},
    Action.MARK_FOREIGN: {"contact marked", "alarm foreign_number"},
    Action.GIVE_UP: set(),
    Action.GIVE_UP_AND_WATCH: {"alarm filtered"},
    Action.TELL_DEVELOPER: {"alarm developer"},
    Action.EXPIRE: set(),
    Action.HUSH: {"alarm machine_loop"},
    Action.ALERT: {"alarm provider"},
    Action.ALERT_AND_RECONCILE: {"alarm webhook"},
}
BESIDES = {30004: {"alarm perhaps_refused"}}
STATES = {  # where the message itself goes; a place of its own for what is refused at once
    Action.PAUSE_ACCOUNT: {"queued"},
    Action.PAUSE_SENDER: {"queued"},
    Action.HOLD_SITE: {"queued"},
    Action.WAIT: {"queued"},
    Action.FIND_OUT: {"unknown"},
    Action.OPT_OUT: {"suppressed"},
    Action.EXPIRE: {"expired"},
    **{
        action: {"undelivered_temp"}
        for action in (
            Action.RETRY,
            Action.RETRY_ONCE,
            Action.RETRY_SLOWLY,
            Action.RETRY_SOON,
            Action.RETRY_TOMORROW,
            Action.RETRY_NEXT_WINDOW,
            Action.HOLD_PREFIX,
        )
    },
}


def happens(reminder: Reminder) -> Iterator[str]:
    for breaker in Breaker.objects.all():
        yield SENDER if breaker.site_id else ACCOUNT
    for kind in Alarm.objects.exclude(kind="breaker").values_list("kind", flat=True):
        yield f"alarm {kind}"
    if Sender.objects.filter(free_at__gt=reminder.due_at + 10 * timedelta(seconds=1)).exists():
        yield "sender slowed"
    if the_contact(reminder).unusable_since:
        yield "contact marked"
    if the_contact(reminder).consent_events.latest("pk").kind == "withdrawn":
        yield "consent withdrawn"


def tell(job: SendJob, code: int, place: str, reminder: Reminder) -> None:
    match place:
        case "C":
            callbacks.receive(job.attempt, provider_id="SM1", status="failed", code=code, now=reminder.due_at)
        case "S" | "M":
            record([(job, Refused(code, ""))], reminder.due_at)


@pytest.mark.parametrize("action", list(Action), ids=lambda action: action.name)
@pytest.mark.parametrize("by", ["sms", "email"])
def test_each_code_causes_what_its_action_says(live, surgeon, action, by):
    rows = [(number, place) for number, where, _, does, _ in ROWS if does == action for place in where]
    rows = [(number, place) for number, place in rows if place in ("M" if by == "email" else "SC")]
    if not rows:
        pytest.skip("no code of this kind comes this way")
    reminder = a_promise(live, given.a_phone() if by == "sms" else given.an_email(), by=surgeon)
    open_due(reminder.due_at)
    [job] = claim(by, reminder.due_at).jobs
    wrong = []

    for number, place in rows:
        with transaction.atomic():
            tell(job, number, place, reminder)
            found, state = set(happens(reminder)), the_delivery(reminder).state
            transaction.set_rollback(True)
        ends = STATES.get(action, {"undelivered_perm", "rejected"})
        if found != CAUSES[action] | BESIDES.get(number, set()) or state not in ends:
            wrong.append((number, place, found, state))

    assert wrong == []


def test_what_is_said_of_our_webhooks_is_an_alarm(site, surgeon):
    from reminders.delivery.codes import look_up

    delivery = the_delivery_of(a_promise(site, by=surgeon))

    heed([Failed(delivery, look_up(11200, "W"))], now=given.NOW)
    heed([Failed(delivery, look_up(14107, "W"))], now=given.NOW)

    assert set(Alarm.objects.values_list("kind", flat=True)) == {"webhook", "machine_loop"}


def the_delivery_of(reminder: Reminder) -> Delivery:
    claimed(reminder)
    return the_delivery(reminder)


@pytest.mark.parametrize("place", ["S", "C"])
def test_a_code_nobody_has_seen_is_tried_once_half_an_hour_later_and_rings(live, surgeon, place):
    reminder = a_promise(live, by=surgeon)
    [job] = claimed(reminder).jobs
    tell(job, 99999, place, reminder)

    later = reminder.due_at + 30 * MIN
    assert (the_delivery(reminder).state, the_delivery(reminder).not_before) == ("undelivered_temp", later)
    assert claim("sms", later - MIN).jobs == []
    settle(later)
    [second] = claim("sms", later).jobs
    if place == "S":
        record([(second, Refused(99999, ""))], later)
    else:
        callbacks.receive(second.attempt, provider_id="SM2", status="failed", code=99999, now=later)

    alarm = Alarm.objects.get(kind="unknown_code")
    assert (alarm.subject, alarm.count) == ("99999", 2)
    assert the_delivery(reminder).reason == "tries_spent"
    assert Reminder.objects.to_call().filter(pk=reminder.pk).exists()


def test_refused_credentials_open_one_breaker_and_mark_nobody(live, surgeon):
    reminder = a_promise(live, by=surgeon)
    many(reminder, 5)
    open_due(reminder.due_at)
    jobs = claim("sms", reminder.due_at).jobs

    record([(job, Refused(20003, "Authenticate")) for job in jobs], reminder.due_at)

    assert Breaker.objects.count() == 1
    assert set(Delivery.objects.values_list("state", "reason")) == {("queued", "breaker")}
    assert not Reminder.objects.to_call().exists()


def test_the_first_text_that_is_taken_again_closes_the_breaker(live, surgeon):
    reminder = a_promise(live, by=surgeon)
    [job] = claimed(reminder).jobs
    record([(job, Refused(20003, "Authenticate"))], reminder.due_at)

    [probe] = claim("sms", reminder.due_at + 3 * MIN).jobs
    record([(probe, Accepted("SM1", "queued"))], reminder.due_at + 3 * MIN)

    assert not Breaker.objects.filter(closed_at=None).exists()


@pytest.mark.parametrize(("numbers", "opens"), [(3, False), (4, True)])
def test_a_sender_that_reaches_nobody_is_our_trouble(live, surgeon, numbers, opens):
    reminders = [a_promise(live, by=surgeon) for _ in range(numbers)]
    open_due(reminders[-1].due_at)
    jobs = claim("sms", reminders[-1].due_at).jobs

    for job in jobs:
        record([(job, Refused(21612, ""))], reminders[-1].due_at)

    assert len(jobs) == numbers
    assert Breaker.objects.filter(site=live).exists() == opens


@pytest.mark.parametrize(("texts", "rings"), [(99, True), (100, False)])
def test_filtered_texts_ring_above_one_in_a_hundred(live, surgeon, texts, rings):
    reminder = a_promise(live, by=surgeon)
    many(reminder, 3)
    [job, *_] = (open_due(reminder.due_at) and claim("sms", reminder.due_at)).jobs
    values = {f: getattr(the_first(reminder), f) for f in ("site", "contact", "channel", "not_before", "useful_until")}
    surgery = {f: getattr(reminder, f) for f in ("site", "surgery", "step", "step_code", "due_at", "useful_until")}
    more = Reminder.objects.bulk_create(
        Reminder(**surgery, occurrence=n) for n in range(50, 50 + texts - Delivery.objects.count())
    )
    Delivery.objects.bulk_create(
        Delivery(reminder=one, state="delivered", attempt_count=1, claimed_at=reminder.due_at, **values) for one in more
    )

    tell(job, 30007, "C", reminder)

    assert Alarm.objects.filter(kind="filtered").exists() == rings


def the_first(reminder: Reminder) -> Delivery:
    return Delivery.objects.filter(reminder=reminder).get()


@pytest.mark.parametrize(("before", "rings"), [(1, False), (2, True)])
def test_a_phone_that_is_off_in_three_reminders_running_rings(live, surgeon, before, rings):
    reminder = a_promise(live, by=surgeon)
    many(reminder, 1 + before)
    open_due(reminder.due_at)
    earlier = Delivery.objects.exclude(reminder=reminder)
    earlier.update(state="undelivered_perm", code=30003, attempt_count=3, claimed_at=reminder.due_at - 60 * MIN)
    [job] = claim("sms", reminder.due_at).jobs
    tell(job, 30003, "C", reminder)
    assert not Alarm.objects.filter(kind="unreachable").exists()  # it is only off for now
    Delivery.objects.filter(reminder=reminder).update(temporary_failures=1)
    settle(reminder.due_at + 30 * MIN)
    [last] = claim("sms", reminder.due_at + 30 * MIN).jobs

    callbacks.receive(last.attempt, provider_id="SM2", status="failed", code=30003, now=reminder.due_at + 31 * MIN)

    assert the_delivery(reminder).reason == "tries_spent"
    assert Alarm.objects.filter(kind="unreachable").exists() == rings
    assert the_contact(reminder).unusable_since is None


def test_a_loop_with_a_machine_hushes_our_answers_to_it_until_staff_say_so(live, surgeon):
    reminder = a_promise(live, by=surgeon)
    [job] = claimed(reminder).jobs
    contact = the_contact(reminder).pk
    assert not hushed(contact)

    tell(job, 30039, "C", reminder)

    assert hushed(contact)
    Alarm.objects.update(cleared_at=reminder.due_at)
    assert not hushed(contact)


def test_an_opt_out_in_a_late_report_of_an_older_attempt_still_counts(live, surgeon):
    reminder = a_promise(live, by=surgeon)
    [job] = claimed(reminder).jobs
    tell(job, 30003, "C", reminder)
    settle(reminder.due_at + 30 * MIN)
    [second] = claim("sms", reminder.due_at + 30 * MIN).jobs

    callbacks.receive(job.attempt, provider_id="SM1", status="undelivered", code=21610, now=reminder.due_at + 31 * MIN)

    assert the_delivery(reminder).state == "claimed"  # it is out; its own report will tell
    assert not Contact.objects.reachable().exists()
    assert second.delivery == the_delivery(reminder).pk
