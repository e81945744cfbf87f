"""Whatever is decided about a plan, in any order, while messages leave: its promises hold."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patients.models import Site, StaffMember, Surgery
from reminders import plan_changes
from reminders.plan import planning
from reminders.plan.models import PlanChange, ProtocolVersion, Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from reminders.plan.values import ChangeKind
from reminders.plan_changes import Wish
from tests import given as given_
from tests.given import NOW
from tests.plan.rows import in_plan, on_its_way, visits
from tests.plan.test_plan_changes import seen
from tests.plan.test_same_facts_same_rows import limit, limits, undone, what_left
from tests.size import sized

TODAY = date(2026, 3, 2)
PHASES = {"day-of-surgery": 0, "weeks-1-2": 1, "weeks-3-6": 15, "weeks-7-12": 43, "beyond-12-weeks": 85}
STEPS = ["check-in-3", "check-in-6", "strengthening", "phase-weeks-3-6"]
in_the_database = settings(
    max_examples=sized(build=8, full=60),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)

ahead = st.integers(0, 30)
wishes = st.one_of(
    st.builds(lambda first, long: ("hold", first, long), ahead, st.none() | st.integers(0, 20)),
    st.builds(lambda on: ("release", on), ahead),
    st.builds(lambda phase, days: ("shift", phase, days), st.sampled_from(sorted(PHASES)), st.integers(-12, 20)),
    st.builds(lambda percent: ("pace", percent), st.integers(40, 320)),
    st.builds(lambda step: ("skip", step), st.sampled_from(STEPS)),
    st.builds(lambda step, days: ("delay", step, days), st.sampled_from(STEPS), st.integers(-5, 30)),
    st.builds(lambda step, other: ("replace", step, other), st.sampled_from(STEPS), st.sampled_from(STEPS)),
    st.builds(lambda *about: ("add", *about), st.sampled_from(STEPS), ahead, st.integers(0, 5), st.integers(1, 40)),
    st.builds(lambda days: ("date", days), st.integers(-10, 30)),
    st.builds(lambda at: ("order_pt", at), ahead),
    st.builds(lambda: ("version",)),
    st.builds(lambda nth: ("undo", nth), st.integers(0, 4)),
    st.builds(lambda days: ("days pass", days), st.integers(1, 25)),
    st.builds(lambda limit: ("limit", limit), limits),
)


@dataclass
class PlanMachine:
    """One patient's plan, and the day it is. Every decision is looked at first; a refused one leaves all as it was."""

    surgery: Surgery
    by: StaffMember
    version: ProtocolVersion
    now: datetime = NOW
    sent: dict[int, tuple[object, ...]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.surgery.site.today(self.now)

    def live(self, wish: tuple[object, ...]) -> None:
        kind, *rest = wish
        if kind == "days pass":
            self.pass_days(rest[0])
        elif kind == "limit":
            limit(self.surgery.site, rest[0])
            planning.sync(self.surgery, now=self.now)
        else:
            self.decide(lambda: self.act(str(kind), *rest))

    def act(self, kind: str, *rest) -> plan_changes.Decided:
        told = {"why": "decided in a test", "by": self.by, "now": self.now}
        match kind, rest:
            case "release", [on]:
                return plan_changes.release(self.surgery, on=self.today + timedelta(days=on), by=self.by, now=self.now)
            case "undo", [nth]:
                rows = list(PlanChange.objects.filter(surgery=self.surgery).in_force())
                if not rows:
                    raise ValidationError("Nothing was decided.")
                return plan_changes.undo(rows[-1 - nth % len(rows)], by=self.by, now=self.now)
        return plan_changes.decide(self.surgery, self.wish(kind, *rest), **told)

    def wish(self, kind: str, *rest) -> Wish:
        match kind, rest:
            case "hold", [first, long]:
                starts = self.today + timedelta(days=first)
                return Wish(ChangeKind.HOLD, starts, None if long is None else starts + timedelta(days=long))
            case "shift", [phase, days]:
                return Wish(ChangeKind.SHIFT, phase=phase, days=days)
            case "pace", [percent]:
                return Wish(ChangeKind.PACE, percent=percent)
            case "skip", [step]:
                return Wish(ChangeKind.SKIP, step=step)
            case "delay", [step, days]:
                return Wish(ChangeKind.DELAY, step=step, days=days)
            case "replace", [step, other]:
                return Wish(ChangeKind.REPLACE, step=step, to=other)
            case "add", [step, at, every, long]:
                starts = self.today + timedelta(days=at)
                ends = starts + timedelta(days=long) if every else None
                return Wish(ChangeKind.ADD, starts, ends, step=step, days=every)
            case "date", [days]:
                return Wish(ChangeKind.DATE, to=(self.surgery.date + timedelta(days=days)).isoformat())
            case "order_pt", [at]:
                return Wish(ChangeKind.ORDER_PT, self.today + timedelta(days=at), to="ordered")
        return Wish(ChangeKind.VERSION, version=self.version)

    def decide(self, act) -> None:
        before, calendar = in_plan(self.surgery), visits(self.surgery)
        try:
            shown = plan_changes.rehearse(act)
        except ValidationError:
            shown = None
        assert (in_plan(self.surgery), visits(self.surgery)) == (before, calendar), "looking first changed the plan"
        if shown is None:
            return
        done = act()
        assert seen(done.changes) == seen(shown.changes), "saving did something else than was shown"
        self.surgery.refresh_from_db()

    def pass_days(self, days: int) -> None:
        """What comes due leaves, and the horizon moves on."""
        self.now += timedelta(days=days)
        for row in self.surgery.reminders.due(self.now).filter(useful_until__gt=self.now):
            if not row.deliveries.exists():
                on_its_way(row, ReminderStatus.DONE)
        self.sent |= {row[0]: row for row in what_left(self.surgery)}  # type: ignore[misc]
        planning.sync(self.surgery, now=self.now)

    def promises(self) -> Iterator[str]:
        changes = planning.sync(self.surgery, now=self.now)
        if changes:
            yield f"the same facts gave other rows: {seen(changes)}"
        left = {row[0]: row for row in what_left(self.surgery)}
        if any(left.get(key) != row for key, row in self.sent.items()):
            yield "what was sent was moved, repeated or deleted"
        keys = list(self.surgery.reminders.values_list("step_code", "occurrence"))
        if len(keys) != len(set(keys)):
            yield "a reminder exists twice"
        silent = self.surgery.reminders.exclude(status__in=["planned", "done", "in_progress"]).filter(reason="")
        if silent.exists():
            yield "a reminder ended without a reason"


@in_the_database
@given(first=limits, life=st.lists(wishes, min_size=2, max_size=6))
def test_any_sequence_of_decisions_keeps_the_promises(
    site: Site, surgeon: StaffMember, version: ProtocolVersion, first: tuple[int, int], life: list[tuple[object, ...]]
) -> None:
    with undone():
        limit(site, first)
        other = given_.a_signed_version(site, "decompression", by=surgeon)
        patient = PlanMachine(given_.an_enrolment(site, by=surgeon), surgeon, other)
        for wish in life:
            patient.live(wish)
            assert not list(patient.promises())


@in_the_database
@given(budget=limits, before=st.lists(wishes, max_size=2), wish=wishes, sent=st.booleans())
def test_undo_restores_the_plan_apart_from_what_was_sent(
    site: Site,
    surgeon: StaffMember,
    version: ProtocolVersion,
    budget: tuple[int, int],
    before: list,
    wish: tuple[object, ...],
    sent: bool,
) -> None:
    """What was sent meanwhile counts in the limit of messages where it went: then only that may differ."""
    if wish[0] in ("undo", "release", "days pass", "limit"):
        return
    with undone():
        limit(site, budget)
        other = given_.a_signed_version(site, "decompression", by=surgeon)
        patient = PlanMachine(given_.an_enrolment(site, by=surgeon), surgeon, other)
        for earlier in before:
            patient.live(earlier)
        first, unlimited, calendar = in_plan(patient.surgery), own_days(patient.surgery), visits(patient.surgery)
        try:
            change = patient.act(str(wish[0]), *wish[1:]).change
        except ValidationError:
            return
        if sent and (row := Reminder.objects.filter(surgery=patient.surgery).planned().first()):
            on_its_way(row, ReminderStatus.DONE)
        gone = {(row.step_code, row.occurrence) for row in patient.surgery.reminders.filter(status="done")}

        plan_changes.undo(change, by=surgeon, now=patient.now)

        assert visits(patient.surgery) == calendar
        assert apart(own_days(patient.surgery), gone) == apart(unlimited, gone)
        if not gone or budget == (99, 99):
            assert apart(in_plan(patient.surgery), gone) == apart(first, gone)


def own_days(surgery: Surgery) -> list[tuple[object, ...]]:
    """The plan as it would be without the limit of messages: each on its own day, nothing left out for it."""
    zone, left_out = surgery.patient.zone, {Reason.MERGED, Reason.BUDGET}
    rows = surgery.reminders.exclude(status=ReminderStatus.CANCELLED).order_by("step_code", "occurrence")
    return [
        (
            row.step_code,
            row.occurrence,
            row.moved_from or row.due_at.astimezone(zone).date(),
            "" if row.reason in left_out or row.status == ReminderStatus.PLANNED else row.reason or row.status,
        )
        for row in rows
    ]


def apart(rows: list[tuple[object, ...]], gone: set[tuple[str, int]]) -> list[tuple[object, ...]]:
    return [row for row in rows if row[:2] not in gone]
