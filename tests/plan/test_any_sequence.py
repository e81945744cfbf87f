"""Any sequence of what staff, patients and the clock do, played on real rows: what was truly sent keeps the promises.

Two and three operations of one patient, people who share a phone, visits that move, patient numbers that are merged.
"""

import sys
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from patients.models import Site, StaffMember, Surgery
from reminders import scheduler
from reminders.delivery import channels
from reminders.further_operation import RunningPlan
from reminders.plan import planning
from reminders.plan.models import ProtocolVersion
from tests.plan.operated_again import site
from tests.plan.sequence_judged import Judge
from tests.plan.sequence_played import DAY, MINUTE, OWN, SHARED, PlayedClinic, four_patients
from tests.plan.sequence_provider import DEAD, DELIVERED, ROUTE, SILENT
from tests.plan.sequence_visits import VisitJudge
from tests.size import sized

__all__ = ["site"]

which = st.integers(0, 11)
people = st.integers(0, 3)
choices = st.sampled_from(RunningPlan.values)
phones = st.sampled_from([SHARED, SHARED, OWN])


class SequenceMachine(RuleBasedStateMachine):
    begin: ClassVar[Callable[[], PlayedClinic]]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.clinic = type(self).begin()
        self.judge, self.visits = Judge(self.clinic.site), VisitJudge(self.clinic.site)
        self.looked = 0

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is not None:
                return
            self.play(self.clinic.now + 3 * DAY)
            self.visits.check(self.clinic.now, at_rest=True)
            for changed in (True, False):  # what carriers reported meanwhile may change it once
                again = planning.sync_all(Surgery.objects.values_list("pk", flat=True), now=self.clinic.now)
                assert changed or not any(again.values()), "laid out again it is another plan"
        finally:
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    # What staff do

    @initialize(first=st.integers(-12, 0), second=st.integers(-12, 3), who=people, choice=choices)
    def people_are_enrolled(self, first: int, second: int, who: int, choice: str) -> None:
        self.enrol(0, first, "end")
        self.enrol(who, second, choice)

    @rule(who=people, day=st.integers(-14, 6), choice=choices)
    def enrol(self, who: int, day: int, choice: str) -> None:
        self.judge.over |= self.clinic.enrol(who, day, choice)

    @rule(at=which, days=st.sampled_from([0, 3, 10]))
    def hold(self, at: int, days: int) -> None:
        self.clinic.hold(at, days)

    @rule(at=which)
    def release(self, at: int) -> None:
        self.clinic.release(at)

    @rule(at=which, days=st.integers(-4, 9))
    def move_operation(self, at: int, days: int) -> None:
        self.clinic.move_operation(at, days)

    @rule(at=which)
    def cancel_operation(self, at: int) -> None:
        self.clinic.cancel_operation(at)

    @rule(at=which, days=st.sampled_from([0, 1, 2, 3, 5, 9]), hour=st.sampled_from([9, 11, 14, 16]))
    def book(self, at: int, days: int, hour: int) -> None:
        self.clinic.book(at, days, hour)

    @rule(at=which, days=st.sampled_from([1, 2, 4]), hour=st.sampled_from([9, 14]))
    def book_and_tell(self, at: int, days: int, hour: int) -> None:
        self.clinic.book(at, days, hour)
        self.play(self.clinic.now + 5 * MINUTE)

    @rule(at=which, what=st.sampled_from(["free", "not_needed", "missed", "attended"]))
    def settle_a_visit(self, at: int, what: str) -> None:
        getattr(self.clinic, what)(at)

    @rule(at=which)
    def undo(self, at: int) -> None:
        self.clinic.undo(at)

    @rule(who=people, into=people)
    def merge(self, who: int, into: int) -> None:
        self.clinic.merge(who, into)

    # What a phone says, and what becomes of what is sent to it

    @rule(phone=phones)
    def stop(self, phone: str) -> None:
        self.clinic.text(phone, "STOP")
        self.judge.stopped.add(phone)

    @precondition(lambda self: self.judge.stopped)
    @rule(phone=phones)
    def start(self, phone: str) -> None:
        self.clinic.text(phone, "START")
        self.judge.stopped.discard(phone)

    @rule(phone=phones, fate=st.sampled_from([DELIVERED, SILENT, DEAD]))
    def the_network(self, phone: str, fate: str) -> None:
        self.clinic.handed.fates[phone] = fate

    # The clock

    @rule(minutes=st.sampled_from([1, 4, 30, 600]))
    def minutes_pass(self, minutes: int) -> None:
        self.play(self.clinic.now + minutes * MINUTE)

    @rule()
    def what_is_due_next_is_sent(self) -> None:
        now = self.clinic.now
        self.play(scheduler.next_moment(now, now + 3 * DAY))

    @rule(days=st.integers(1, 6))
    def days_pass(self, days: int) -> None:
        self.play(self.clinic.now + days * DAY)

    def play(self, until: datetime) -> None:
        while True:
            ahead = [at + MINUTE for at in self.visits.moments() if at + MINUTE > self.clinic.now]
            stop = min([*ahead, until])
            for now in self.clinic.play(stop):
                self.look()
                self.visits.check(now)
            if stop == until:
                return

    def look(self) -> None:
        messages = self.clinic.handed.messages[self.looked :]
        self.looked += len(messages)
        dead = {to for to, fate in self.clinic.handed.fates.items() if fate == DEAD}
        self.visits.hear(self.judge.look(self.clinic.now, messages, dead), self.clinic.now)

    @invariant()
    def nobody_is_left_with_a_wrong_time(self) -> None:
        self.visits.check(self.clinic.now)


ANA_TWICE = [("enrol", {"who": 0, "day": -6, "choice": "end"}), ("enrol", {"who": 0, "day": 0, "choice": "keep"})]
TOLD = [("enrol", {"who": 0, "day": -6, "choice": "end"}), ("book_and_tell", {"at": 0, "days": 4, "hour": 14})]
A_WEEK = ("days_pass", {"days": 8})
CHOSEN: dict[str, list[tuple[str, dict[str, object]]]] = {
    "both plans run": [*ANA_TWICE, A_WEEK],
    "the first plan ends": [ANA_TWICE[0], ("enrol", {"who": 0, "day": 0, "choice": "end"}), A_WEEK],
    "three people share a phone": [("enrol", {"who": who, "day": -2, "choice": "end"}) for who in (0, 2, 3)] + [A_WEEK],
    "a visit is moved": [*TOLD, ("book", {"at": 0, "days": 2, "hour": 9}), ("days_pass", {"days": 3})],
    "a visit is freed": [*TOLD, ("settle_a_visit", {"at": 0, "what": "free"}), ("days_pass", {"days": 5})],
    "a move is undone": [*TOLD, ("book_and_tell", {"at": 0, "days": 2, "hour": 9}), ("undo", {"at": 0})],
    "booked for tomorrow": [TOLD[0], ("minutes_pass", {"minutes": 30}), ("book_and_tell", TOLD[1][1] | {"days": 1})],
    "moved after a stop": [*TOLD, ("stop", {"phone": SHARED}), ("book", {"at": 0, "days": 2, "hour": 9}), A_WEEK],
    "a cancelled operation": [*TOLD, ("cancel_operation", {"at": 0}), A_WEEK],
    "merged with a visit to come": [*TOLD, ("enrol", {"who": 1, "day": -3, "choice": "end"}),
                                    ("merge", {"who": 0, "into": 1}), ("undo", {"at": 0}), A_WEEK],
}  # fmt: skip


@pytest.fixture
def begin(
    site: Site, surgeon: StaffMember, version: ProtocolVersion, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], PlayedClinic]:
    """The same clinic each time; what it sends goes to the provider of `sequence_provider`."""
    monkeypatch.setitem(channels.ROUTES, "outbox", ROUTE)
    patients = four_patients(site, surgeon)
    return lambda: PlayedClinic(site, surgeon, version, patients)


@pytest.mark.parametrize("name", CHOSEN)
def test_a_chosen_sequence_keeps_what_a_person_is_promised(name: str, begin: Callable[[], PlayedClinic]) -> None:
    SequenceMachine.begin = staticmethod(begin)
    machine = SequenceMachine()
    try:
        for step, facts in CHOSEN[name]:
            getattr(machine, step)(**facts)
            machine.nobody_is_left_with_a_wrong_time()
    finally:
        machine.teardown()


def test_any_sequence_keeps_what_a_person_is_promised(begin: Callable[[], PlayedClinic]) -> None:
    SequenceMachine.begin = staticmethod(begin)

    run_state_machine_as_test(
        SequenceMachine,
        settings=settings(
            max_examples=sized(build=4, full=300),
            stateful_step_count=sized(build=14, full=20),
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate, *sized(build=[], full=[Phase.shrink])],
        ),
    )
