"""What is safety stays on the calendar: no pace, hold or moved phase shows the frail later than the sturdy."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patients.models import Site
from reminders.plan.load_protocol import spec_of
from reminders.plan.models import ProtocolVersion
from reminders.plan.models.step import StepKind
from reminders.plan.nature import disagrees, of_check_up, of_step
from reminders.plan.schedule import lay_out
from reminders.plan.values import (
    Anchor,
    Budget,
    ChangeKind,
    Decision,
    Facts,
    Layout,
    Nature,
    ProtocolSpec,
    VisitSpec,
)
from tests.plan.build import DAY0, FACTS, a_protocol, a_step, facts_at, local_days
from tests.size import sized

SAFETY, ACTIVITY = Nature.SAFETY, Nature.ACTIVITY
WOUND = VisitSpec("wound", 10, 12, 14)

BY_KIND = {
    "walk_today": SAFETY,
    "avoid_heavy_lifting": SAFETY,
    "pain_medicine": SAFETY,
    "check_in": SAFETY,
    "outcome_questions": SAFETY,
    "book_check_up": SAFETY,
    "recall": SAFETY,
    "visit_reminder": SAFETY,
    "start_pt": ACTIVITY,
    "ask_about_pt": ACTIVITY,
    "strengthening": ACTIVITY,
    "phase_change": ACTIVITY,
    "listen_to_body": ACTIVITY,
    "return_to_work": ACTIVITY,
    "maintenance": ACTIVITY,
}


def nature(kind: str, given: str = "", *, warning: bool = False, anchor: str = "surgery", check_up=None) -> Nature:
    return of_step(given, kind=kind, warning=warning, anchor=anchor, check_up=check_up)


def test_every_kind_of_step_has_its_nature() -> None:
    assert {kind: nature(kind) for kind in StepKind.values} == BY_KIND


@pytest.mark.parametrize(
    ("kind", "facts", "is_"),
    [
        ("listen_to_body", {"warning": True}, SAFETY),
        ("phase_change", {"warning": True}, ACTIVITY),  # it lets a patient do more
        ("check_in", {"given": "activity"}, ACTIVITY),  # what the protocol says comes first
        ("start_pt", {"given": "safety"}, SAFETY),
        ("recall", {"check_up": ACTIVITY}, ACTIVITY),
        ("listen_to_body", {"check_up": SAFETY}, ACTIVITY),
        ("listen_to_body", {"check_up": SAFETY, "anchor": "check_up_window"}, SAFETY),
        ("check_in", {"check_up": ACTIVITY, "anchor": "check_up_window", "given": "safety"}, ACTIVITY),
    ],
)
def test_what_a_step_is_by_its_marks(kind: str, facts: dict, is_: Nature) -> None:
    assert nature(kind, **facts) == is_


def test_a_check_up_is_safety_unless_the_protocol_says_otherwise() -> None:
    assert (of_check_up(""), of_check_up("activity")) == (SAFETY, ACTIVITY)


def test_a_step_before_a_window_cannot_have_another_nature_than_its_check_up() -> None:
    said = disagrees("activity", anchor="check_up_window", check_up=SAFETY)

    assert said.endswith("leave the nature empty, or make it safety too.")
    assert not disagrees("activity", anchor="visit", check_up=SAFETY)


PACE = Decision(ChangeKind.PACE, DAY0 - timedelta(days=1), percent=115)
HOLD = Decision(ChangeKind.HOLD, DAY0 + timedelta(days=2), DAY0 + timedelta(days=16))
SHIFT = Decision(ChangeKind.SHIFT, DAY0, phase="middle", days=9)
STANDS = Decision(ChangeKind.HOLD, DAY0 + timedelta(days=2))


@pytest.mark.parametrize("decision", [PACE, HOLD, SHIFT, STANDS], ids=["pace", "hold", "shift", "hold that stands"])
def test_the_wound_visit_and_the_check_ins_keep_their_days(decision: Decision) -> None:
    days = (3, 6, 10, 20)
    steps = [a_step(day=day, code=f"ask-{day}", nature=SAFETY) for day in days]
    book = a_step(Anchor.CHECK_UP_WINDOW, -7, code="book", check_up="wound")
    protocol = a_protocol(*steps, book, visits=(WOUND,))

    layout = lay_out(protocol, replace(FACTS, decisions=(decision,)))

    assert local_days(layout.reminders) == [3, 3, 6, 10, 20]
    assert [(one.held, one.shifts) for one in layout.reminders] == [("", ())] * 5
    assert [((one.opens - DAY0).days, (one.closes - DAY0).days) for one in layout.visits] == [(10, 14)]


def test_a_surgeon_still_puts_a_safety_step_off_by_hand() -> None:
    delay = Decision(ChangeKind.DELAY, DAY0, step="ask", days=4)

    assert local_days(_plan(SAFETY, HOLD, delay)) == [10]


def test_a_check_up_that_is_activity_moves_and_its_messages_with_it() -> None:
    fitness = replace(WOUND, nature=ACTIVITY)
    book = a_step(Anchor.CHECK_UP_WINDOW, -7, code="book", check_up="wound", nature=SAFETY)

    layout = lay_out(a_protocol(book, visits=(fitness,)), replace(FACTS, decisions=(HOLD,)))

    assert (local_days(layout.reminders), (layout.visits[0].opens - DAY0).days) == ([17], 24)


def test_activity_waits_where_safety_goes_on() -> None:
    assert (local_days(_plan(ACTIVITY, HOLD)), local_days(_plan(SAFETY, HOLD))) == ([20], [6])


def _plan(of: Nature, *decisions: Decision):
    return lay_out(a_protocol(a_step(day=6, code="ask", nature=of)), replace(FACTS, decisions=decisions)).reminders


# Whatever is decided ------------------------------------------------------------------------------------------------

days_ahead = st.integers(0, 120)
decisions = st.lists(
    st.one_of(
        st.builds(
            lambda first, long: Decision(
                ChangeKind.HOLD,
                DAY0 + timedelta(days=first),
                None if long is None else DAY0 + timedelta(days=first + long),
            ),
            days_ahead,
            st.none() | st.integers(0, 60),
        ),
        st.builds(
            lambda on, percent: Decision(ChangeKind.PACE, DAY0 + timedelta(days=on), percent=percent),
            st.integers(-3, 90),
            st.integers(50, 300),
        ),
        st.builds(
            lambda phase, days: Decision(ChangeKind.SHIFT, DAY0, phase=phase, days=days),
            st.sampled_from(["weeks-1-2", "weeks-3-6", "weeks-7-12", "beyond-12-weeks"]),
            st.integers(-20, 60),
        ),
    ),
    max_size=4,
)


def safety_of(protocol: ProtocolSpec, facts: Facts) -> tuple[list[tuple[object, ...]], Layout]:
    layout, steps = lay_out(protocol, facts), {step.code: step for step in protocol.steps}
    safe = [one for one in layout.reminders if steps[one.step].nature == SAFETY]
    return sorted((one.step, one.occurrence, one.due_at, one.held) for one in safe), layout


@pytest.mark.django_db
@settings(
    max_examples=sized(build=20, full=150),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(code=st.sampled_from(["miss-base", "fusion", "vertebroplasty"]), some=decisions)
def test_no_pace_hold_or_phase_moves_what_is_safety(site: Site, code: str, some: list[Decision]) -> None:
    protocol = spec_of(ProtocolVersion.objects.get(protocol__site=site, protocol__code=code))
    facts = facts_at(site, DAY0, channels=frozenset({"sms", "email"}), physical_therapy="ordered", job="desk")
    before, bare = safety_of(protocol, facts)

    after, bent = safety_of(protocol, replace(facts, decisions=tuple(some)))

    assert (after, bent.visits) == (before, bare.visits)
    assert len(before) > 20


@pytest.mark.django_db
@given(some=decisions)
@settings(max_examples=sized(build=10, full=60), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_within_the_limits_of_messages_no_check_in_comes_later_either(site: Site, some: list[Decision]) -> None:
    protocol = spec_of(ProtocolVersion.objects.get(protocol__site=site, protocol__code="fusion"))
    facts = facts_at(site, DAY0, channels=frozenset({"sms"}), job="desk", budget=Budget(1, 5))

    assert check_ins(protocol, replace(facts, decisions=tuple(some))) == check_ins(protocol, facts)


def check_ins(protocol: ProtocolSpec, facts: Facts) -> dict[str, date]:
    return {one.step: one.due_at.date() for one in lay_out(protocol, facts).reminders if "check-in" in one.step}
