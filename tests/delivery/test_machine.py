"""The life of one text as hypothesis plays it, on real rows, beside a model that only knows the contract's words."""

from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from patients import actions as care
from reminders import actions
from reminders.delivery import waits
from reminders.delivery.models import Attempt, Breaker, Delivery, Report
from reminders.delivery.outcomes import Accepted
from reminders.delivery.receipts import callbacks
from reminders.delivery.reconcile import decide
from reminders.delivery.reconcile.timeouts import settle
from reminders.delivery.sending.claiming import SendJob, claim
from reminders.delivery.sending.opening import open_due
from reminders.delivery.sending.results import record
from reminders.delivery.state import OPEN, State, promise_of
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.model import ANSWERS, FINAL, SENT, WORDS, Model
from tests.delivery.sending import a_promise
from tests.size import sized


class DeliveryMachine(RuleBasedStateMachine):
    begin: ClassVar[Callable[[], Reminder]]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.reminder = type(self).begin()
        self.now = self.reminder.due_at
        open_due(self.now)
        self.model, self.jobs, self.stopped = Model(), [], False
        self.answered: set[int] = set()
        self.arrived = False

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @property
    def text(self) -> Delivery:
        return Delivery.objects.get(reminder=self.reminder, channel="sms")

    # What may happen

    @precondition(lambda self: self.model.state == "queued")
    @rule()
    def it_is_claimed(self) -> None:
        """At the moment it may be, as nothing else is held against it."""
        Breaker.objects.update(closed_at=self.now)
        text = self.text
        if text.state == "queued" and text.not_before < text.useful_until:
            self.now = max(self.now, text.not_before)
        known = Attempt.objects.filter(delivery=text).exclude(provider_id="")
        unproven = [
            one.number for one in known if not one.reports.filter(status__in=["failed", "undelivered"]).exists()
        ]
        jobs = claim("sms", self.now).jobs
        if not jobs:
            self.model.state = self.text.state if self.model.state == "queued" else self.model.state
            return
        assert self.model.state == "queued", "only what waits is claimed"
        assert not self.stopped, "nothing starts after STOP"
        assert not unproven, "never again what the provider has and did not report as failed"
        assert text.after_unknown <= 1
        self.jobs += jobs
        self.model.claimed()

    @precondition(lambda self: len(self.answered) < len(self.jobs))
    @rule(kind=st.sampled_from(sorted(ANSWERS)), data=st.data())
    def it_is_answered(self, kind: str, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(set(range(1, len(self.jobs) + 1)) - self.answered)))
        self.answered.add(number)
        outcome = Accepted(f"SM{number}", "queued") if kind == "accepted" else ANSWERS[kind]
        record([(self.job(number), outcome)], self.now)
        self.model.answered(number, kind)

    @precondition(lambda self: self.jobs)
    @rule(word=st.sampled_from(sorted(WORDS)), data=st.data())
    def it_is_reported(self, word: tuple[str, int], data: st.DataObject) -> None:
        number = data.draw(st.integers(1, len(self.jobs)))
        source = data.draw(st.sampled_from(["callback", "poll"]))
        if self.report(number, *word, source=source):
            self.model.reported(number, WORDS[word], word[1])

    @precondition(lambda self: len(self.jobs) > 1)
    @rule(word=st.sampled_from(["delivered", "read"]), data=st.data())
    def it_has_arrived(self, word: str, data: st.DataObject) -> None:
        number = data.draw(st.integers(1, len(self.jobs)))
        self.report(number, word, 0)
        self.model.known.add(number)
        self.model.state, self.arrived = "delivered", True

    @precondition(lambda self: Report.objects.exclude(source="answer").exists())
    @rule(data=st.data())
    def everything_is_said_again(self, data: st.DataObject) -> None:
        before = self.text.transitions.count()
        for one in data.draw(st.permutations(list(Report.objects.exclude(source="answer")))):
            callbacks.receive(
                one.attempt_ref,
                provider_id=one.provider_id,
                status=one.status,
                code=one.code,
                now=self.now,
                source=one.source,
            )
        assert self.text.transitions.count() == before

    @rule(minutes=st.sampled_from([5, 31, 31, 120, 73 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        text, running = self.text, Attempt.objects.filter(outcome="", lease_until__lt=self.now)
        lost = list(running.values_list("number", flat=True))
        settle(self.now)
        for number in lost:
            self.model.answered(number, "lost")
        if self.now >= text.useful_until and self.model.state in ("queued", "undelivered_temp"):
            self.model.state = "expired" if self.model.state == "queued" else "undelivered_perm"
        elif self.model.state == "undelivered_temp" and text.not_before <= self.now:
            self.model.state, self.model.tried = "queued", self.model.tried + 1
        out = self.model.state in ("claimed", "unknown", "accepted", "sent")
        if out and text.claimed_at < self.now - waits.WORD_AWAITED:
            self.model.state = "unconfirmed"

    @precondition(lambda self: self.text.state == "unknown")
    @rule(seen=st.booleans())
    def the_provider_is_asked(self, seen: bool) -> None:
        """Twice, and late enough that an empty list proves something (T8, T9)."""
        text, attempt = self.text, Attempt.objects.filter(delivery=self.text).latest("number")
        if seen or attempt.provider_id:
            if self.report(attempt.number, "sent", 0, source="lookup"):
                self.model.reported(attempt.number, SENT, 0)
            return
        contact, site, reminder = text.contact_id, text.site_id, text.reminder_id
        key = (text.pk, reminder, site, contact, attempt.number, attempt.pk, attempt.route, "", attempt.started_at)
        question = decide.DeliveryQuestion(*key, to="+12025550100")
        for minutes in (8, 12):
            self.now = max(self.now, attempt.started_at + timedelta(minutes=minutes))
            decide.looked_up(question, None, self.now, self.now)
            self.now += timedelta(minutes=3)
        again = text.after_unknown < 1 and text.useful_until > self.now - timedelta(minutes=3)
        again = again and self.reminder.site.when_unknown == "again"
        again = again and self.reminder.surgery.__class__.objects.get(pk=self.reminder.surgery_id).is_active
        self.model.state = "queued" if again else "unconfirmed"

    @precondition(lambda self: self.model.newest > 0 and not self.stopped)
    @rule()
    def the_patient_says_stop(self) -> None:
        """Between two claims, in the words of `inbound`; the claim itself has to see it."""
        phone = self.reminder.surgery.patient.contacts.exclude(phone="")
        care.withdraw_consent(phone, source="sms", wording="STOP", by=None, now=self.now)
        self.stopped = True

    @precondition(lambda self: self.model.newest > 1)
    @rule()
    def the_operation_is_cancelled(self) -> None:
        surgery = self.reminder.surgery.__class__.objects.get(pk=self.reminder.surgery_id)
        if surgery.is_active:
            actions.cancel_surgery(surgery, why="fever", by=surgery.surgeon, now=self.now)

    # What must always be true

    @invariant()
    def rows_and_model_agree(self) -> None:
        assert self.text.state == self.model.state
        assert not self.arrived or self.text.state == "delivered"

    @invariant()
    def every_state_that_is_no_end_has_a_timer(self) -> None:
        for row in Delivery.objects.filter(reminder=self.reminder, state__in=OPEN):
            match row.state:
                case "queued":
                    assert row.useful_until is not None
                case "undelivered_temp":
                    assert row.not_before < row.useful_until
                case "claimed":
                    assert row.attempts.filter(number=row.attempt_count, outcome="").exists()
                case "unknown":
                    assert row.look_at is not None
                case _:
                    assert row.look_at is not None or row.channel == "email"

    @invariant()
    def an_end_has_no_timer_and_a_moment(self) -> None:
        for row in Delivery.objects.filter(reminder=self.reminder).exclude(state__in=OPEN):
            assert row.look_at is None
            assert row.settled_at is not None

    @invariant()
    def the_story_leads_to_where_it_stands(self) -> None:
        for row in Delivery.objects.filter(reminder=self.reminder):
            steps = list(row.transitions.all())
            assert [step.was for step in steps] == ["", *(step.state for step in steps[:-1])]
            assert steps[-1].state == row.state
            ends = [step for step in steps if step.was in FINAL]
            assert {step.state for step in ends} <= {"delivered"}

    @invariant()
    def the_reminder_is_what_its_deliveries_came_to(self) -> None:
        rows = Delivery.objects.filter(reminder=self.reminder)
        assert rows.filter(channel="email").count() <= 1
        self.reminder.refresh_from_db()
        states = [(State(row.state), row.channel, row.reason) for row in rows]
        assert self.reminder.status == promise_of(states)[0]

    # How

    def job(self, number: int) -> SendJob:
        return self.jobs[number - 1]

    def report(self, number: int, word: str, code: int, *, source: str = "callback") -> bool:
        attempt = self.job(number).attempt
        return callbacks.receive(
            attempt, provider_id=f"SM{number}", status=word, code=code, now=self.now, source=source
        )


@pytest.mark.parametrize("policy", ["again", "email"])
def test_any_life_of_a_text_keeps_the_contract(site, surgeon, policy):
    site.when_unknown, site.texts_a_day, site.texts_a_week = policy, 90, 90
    site.save()
    reminder = a_promise(site, given.a_phone(), given.an_email(), by=surgeon)
    DeliveryMachine.begin = staticmethod(lambda: Reminder.objects.get(pk=reminder.pk))

    run_state_machine_as_test(
        DeliveryMachine,
        settings=settings(
            max_examples=sized(build=6, full=100),
            stateful_step_count=16,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],
        ),
    )
