"""Which word about a visit's time is owed: a table of what changed and what the patient may know."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reminders.plan import notice_steps, placeholders
from reminders.plan.reasons import Reason
from reminders.plan.values import Anchor, TimeChange, ToldTime, VisitFact
from reminders.plan.visit_notices import SETTLE, NoticeKind, is_notice, notice_of
from reminders.plan.wording.segments import parts
from tests.plan.build import FACTS, a_step, wanted

CHANGED = datetime(2026, 4, 1, 15, 0, tzinfo=UTC)  # 11:00 in New York
TENTH, ELEVENTH = datetime(2026, 4, 10, 14, 0, tzinfo=UTC), datetime(2026, 4, 11, 14, 0, tzinfo=UTC)
YESTERDAY = CHANGED - timedelta(days=1)
BOOKED, MOVED, CANCELLED = NoticeKind


def a_visit(*times: datetime | None, told: tuple[int, ...] = (), first: int = 1, **facts: object) -> VisitFact:
    """Each time a minute after the one before, the last one at CHANGED."""
    steps = len(times) - 1
    changes = tuple(
        TimeChange(first + n, CHANGED - timedelta(minutes=steps - n), starts) for n, starts in enumerate(times)
    )
    values = {"state": "booked" if times[-1] else "due", "booked_for": times[-1], "bookings": len(times)} | facts
    return VisitFact("six-weeks", 0, changes=changes, told=tuple(ToldTime(number) for number in told), **values)


@pytest.mark.parametrize(
    ("visit", "owed"),
    [
        (a_visit(TENTH), BOOKED),
        (a_visit(TENTH, first=0), None),  # booked before changes were kept
        (a_visit(TENTH, ELEVENTH), BOOKED),  # nothing was told yet
        (a_visit(TENTH, ELEVENTH, told=(1,)), MOVED),
        (a_visit(TENTH, ELEVENTH, first=0, told=(0,)), MOVED),  # by a reminder before the upgrade
        (a_visit(TENTH, ELEVENTH, TENTH, told=(1,)), None),  # put back before anything left
        (a_visit(TENTH, ELEVENTH, TENTH, told=(1, 2)), MOVED),  # the correction is on its way already
        (a_visit(TENTH, None, told=(1,)), CANCELLED),
        (a_visit(TENTH, None), None),  # nobody was told
        (a_visit(TENTH, ELEVENTH, None, told=(1,)), CANCELLED),
        (a_visit(TENTH, None, None, told=(1, 2)), None),
        (a_visit(TENTH, None, ELEVENTH, told=(1, 2)), BOOKED),
        (a_visit(TENTH, None, ELEVENTH, told=(1,)), MOVED),  # freed and booked anew in one go
        (a_visit(TENTH, None, TENTH, told=(1,)), None),
        (a_visit(TENTH, ELEVENTH, told=(1, 2)), None),  # a visit reminder told the new time
        (a_visit(YESTERDAY, None, told=(1,)), None),  # that time has passed
        (a_visit(YESTERDAY, TENTH, told=(1,)), BOOKED),  # missed, and booked anew
    ],
)
def test_what_was_told_is_corrected_and_nothing_else(visit: VisitFact, owed: NoticeKind | None) -> None:
    notice = notice_of(visit)

    assert (notice.kind if notice else None) == owed


def test_what_has_left_stays_as_it_was_said() -> None:
    sent = replace(a_visit(TENTH, ELEVENTH), told=(ToldTime(2, MOVED),))

    notice = notice_of(sent)

    assert notice
    assert (notice.step, notice.key) == ("visit-moved:six-weeks", 2)


def the_notice(visit: VisitFact, **facts: object):
    values = {"channels": frozenset({"sms"})} | facts
    return next(iter(wanted(visits=(visit,), **values)), None)


def test_it_leaves_once_the_visit_has_settled_and_is_useful_until_the_earlier_of_both_times() -> None:
    one = the_notice(a_visit(ELEVENTH, TENTH, told=(1,)))

    assert one
    assert (one.due_at, one.useful_until, one.held) == (CHANGED + SETTLE, TENTH, Reason.NONE)


def test_quiet_hours_hold_it_until_morning() -> None:
    night = a_visit(TENTH, ELEVENTH, told=(1,))
    at_ten = CHANGED.replace(day=2, hour=2)  # 22:00 in New York
    night = replace(night, changes=(night.changes[0], replace(night.changes[1], at=at_ten)))

    assert the_notice(night).due_at == datetime(2026, 4, 2, 13, 0, tzinfo=UTC)


def test_what_cannot_arrive_in_time_stands_on_the_call_list_at_once() -> None:
    soon = CHANGED + timedelta(minutes=2)

    one = the_notice(a_visit(soon, TENTH, told=(1,)))

    assert one
    assert (one.held, one.to_call) == (Reason.EXPIRED, True)


def test_a_confirmation_needs_somebody_to_get_it_a_correction_does_not() -> None:
    assert the_notice(a_visit(TENTH), channels=frozenset()) is None
    assert the_notice(a_visit(TENTH, ELEVENTH, told=(1,)), channels=frozenset()).to_call


def test_a_reminder_of_the_same_time_within_a_day_is_not_said_twice() -> None:
    soon = CHANGED + timedelta(days=2)
    steps = [
        a_step(Anchor.VISIT, -days, code=f"remind-{days}", check_up="six-weeks", about_a_visit=True)
        for days in (2, 1, 0)  # the first one's hour was two hours before the booking
    ]

    rows = {one.step: one.held for one in wanted(*steps, visits=(a_visit(soon),), channels=frozenset({"sms"}))}

    merged = {"remind-2": Reason.MERGED, "remind-1": Reason.MERGED}
    assert rows == {"visit-booked:six-weeks": "", "remind-0": ""} | merged


def test_no_step_of_a_protocol_is_taken_for_a_notice() -> None:
    assert is_notice("visit-moved:six-weeks")
    assert not is_notice("visit-moved-six-weeks")
    assert FACTS.visits == ()


LONGEST = {
    "clinic": "Riverside Spine Clinic",
    "clinic_phone": "+49 1512 34567890",
    "address": "1500 Pennsylvania Avenue NW, Building B, Suite 1300, Washington, DC 20220-1500 US"[:80],
    "link": "https://aftercare.riverside-clinic.example/p/abcdefghijkl/",
}
MOMENT = {"en": ("Wednesday, September 30", "12:30 PM"), "es": ("miércoles 30 de septiembre", "12:30")}


@pytest.mark.parametrize("kind", list(NoticeKind))
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_notice_takes_two_parts_at_most_and_says_no_name(kind: NoticeKind, language: str) -> None:
    words = notice_steps.wording()[kind]["texts"][language]

    day, time = MOMENT[language]
    moments = {"visit_day": day, "visit_time": time, "was_day": day, "was_time": time}
    text = placeholders.render(words["sms"], LONGEST | moments)

    assert placeholders.too_personal(words["sms"]) == []
    assert parts(f"(J.M.) {text}").parts <= 2, text
    assert {"sms", "subject", "body"} == words.keys()
