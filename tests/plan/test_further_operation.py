"""A patient is operated on again while a plan runs: it ends, is held, or both run and speak with one voice."""

from collections import defaultdict
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from clinic.exchange import ical
from patients.models import Site, StaffMember, Surgery
from reminders import actions, plan_changes, visit_actions
from reminders.delivery.models import Delivery
from reminders.further_operation import PlanRuns, RunningPlan
from reminders.plan.reasons import Reason
from reminders.plan.said_once import ASKS, RESTS
from reminders.plan.values import ChangeKind
from tests.given import NOW
from tests.plan.operated_again import AGAIN, DAY, FIRST, TODAY, again, ana, first, planned, play, site
from tests.plan.rows import check_up, in_plan, visits

__all__ = ["ana", "first", "site"]


def test_without_a_choice_nothing_is_written_and_the_plans_are_named(first: Surgery, surgeon: StaffMember) -> None:
    with pytest.raises(PlanRuns) as refused:
        again(first, surgeon, "")

    assert refused.value.plans == [first]
    assert "running_plan" in refused.value.message_dict
    assert Surgery.objects.count() == 1


def test_ended_it_says_nothing_more_and_says_why(first: Surgery, surgeon: StaffMember) -> None:
    second = again(first, surgeon, RunningPlan.END)

    assert (first.state, first.followed_by, planned(first)) == ("ended", second, 0)
    why = first.reminders.filter(reason=Reason.PLAN_ENDED)[0].why
    assert "later operation" in why
    assert "cancelled" not in why
    assert planned(second) > 10


def test_what_is_booked_stays_booked_and_what_is_not_goes(first: Surgery, surgeon: StaffMember) -> None:
    booked = visit_actions.book_visit(check_up(first, "first-visit"), at=NOW + 8 * DAY, by=surgeon, now=FIRST)

    second = again(first, surgeon, RunningPlan.END)

    assert [(row["code"], row["state"]) for row in visits(first)] == [("first-visit", "booked")]
    assert f"{NOW + 8 * DAY:%Y%m%dT%H%M%SZ}".encode() in (ical.visit_file(second, language="en", now=NOW) or b"")
    moved = visit_actions.book_visit(booked, at=NOW + 9 * DAY, by=surgeon, now=NOW)
    with pytest.raises(ValidationError, match="later operation"):
        visit_actions.book_visit(
            visit_actions.free_visit(moved, by=surgeon, now=NOW), at=NOW + DAY, by=surgeon, now=NOW
        )


def test_a_standing_visit_of_an_ended_plan_is_freed_or_missed_and_that_is_undone(
    first: Surgery, surgeon: StaffMember
) -> None:
    visit = visit_actions.book_visit(check_up(first, "first-visit"), at=NOW + 8 * DAY, by=surgeon, now=FIRST)
    again(first, surgeon, RunningPlan.END)
    for act, became, now in (
        (visit_actions.free_visit, "cancelled", NOW),
        (visit_actions.mark_missed, "missed", NOW + 9 * DAY),
    ):
        for _ in range(2):  # the same click twice
            done = act(visit, by=surgeon, now=now)
        assert check_up(first, "first-visit").state == became

        visit_actions.undo_visit(visit, change=done.revision, by=surgeon, now=now)

        assert check_up(first, "first-visit").state == "booked"


def test_a_standing_visit_of_an_ended_plan_goes_when_the_patient_dies(first: Surgery, surgeon: StaffMember) -> None:
    visit_actions.book_visit(check_up(first, "first-visit"), at=NOW + 8 * DAY, by=surgeon, now=FIRST)
    again(first, surgeon, RunningPlan.END)

    actions.set_patient_status(first.patient, status="deceased", by=surgeon, now=NOW)

    assert check_up(first, "first-visit").state == "cancelled"


def test_held_it_waits_for_a_person(first: Surgery, surgeon: StaffMember) -> None:
    second = again(first, surgeon, RunningPlan.HOLD)

    hold = first.plan_changes.get(kind=ChangeKind.HOLD)
    assert (hold.starts, hold.ends, first.followed_by) == (TODAY, None, second)
    assert f"{second}" in hold.why
    plan_changes.release(first, by=surgeon, now=NOW + 10 * DAY)


def test_the_second_operation_does_not_take_place_and_the_first_plan_goes_on(
    first: Surgery, surgeon: StaffMember
) -> None:
    before = in_plan(first)
    second = again(first, surgeon, RunningPlan.END, date=TODAY + 7 * DAY)

    actions.cancel_surgery(second, why="fever", by=surgeon, now=NOW)
    first.refresh_from_db()

    assert (first.state, first.followed_by) == ("active", None)
    coming = {row for row in before if row[2] > NOW}
    assert coming <= set(in_plan(first))


def test_a_missed_visit_is_called_for_again_when_the_plan_goes_on(first: Surgery, surgeon: StaffMember) -> None:
    visit = visit_actions.book_visit(check_up(first, "first-visit"), at=NOW - DAY, by=surgeon, now=FIRST)
    visit_actions.mark_missed(visit, by=surgeon, now=NOW)
    second = again(first, surgeon, RunningPlan.END)
    assert check_up(first, "first-visit").state == "cancelled"

    actions.cancel_surgery(second, why="fever", by=surgeon, now=NOW)

    assert check_up(first, "first-visit").state == "due"


def test_the_plan_goes_on_to_the_day_of_a_third_operation_when_the_second_is_cancelled(
    first: Surgery, surgeon: StaffMember
) -> None:
    second = again(first, surgeon, RunningPlan.END)
    again(first, surgeon, RunningPlan.KEEP, date=TODAY + 20 * DAY)

    actions.cancel_surgery(second, why="fever", by=surgeon, now=NOW)
    first.refresh_from_db()

    assert (first.state, first.ends_on) == ("active", TODAY + 20 * DAY)
    assert first.reminders.planned().exists()


def test_the_second_operation_is_put_off_and_the_first_plan_goes_on_until_then(
    first: Surgery, surgeon: StaffMember
) -> None:
    second = again(first, surgeon, RunningPlan.END)

    actions.move_surgery(second, to=TODAY + 20 * DAY, by=surgeon, now=NOW)
    first.refresh_from_db()

    assert (first.state, first.ends_on) == ("active", TODAY + 20 * DAY)
    assert first.reminders.planned().exists()


def test_the_later_operation_goes_on_in_whatever_order_they_are_written_down(
    first: Surgery, surgeon: StaffMember
) -> None:
    older = again(first, surgeon, RunningPlan.END, date=TODAY - 400 * DAY)

    older.refresh_from_db()
    assert (first.state, older.state, older.followed_by) == ("active", "ended", first)
    assert planned(older) == 0


def test_an_operation_between_two_others_is_named_by_both(first: Surgery, surgeon: StaffMember) -> None:
    oldest = again(first, surgeon, RunningPlan.KEEP, date=TODAY - 90 * DAY)
    between = again(first, surgeon, RunningPlan.KEEP, date=TODAY - 40 * DAY)
    oldest.refresh_from_db()
    between.refresh_from_db()

    assert (oldest.followed_by, between.followed_by, first.followed_by) == (between, first, None)


def test_beside_the_later_plan_only_one_asks_and_forbids(first: Surgery, surgeon: StaffMember) -> None:
    second = again(first, surgeon, RunningPlan.KEEP)

    held = set(first.reminders.filter(reason=Reason.SAID_BY_LATER).values_list("step__kind", flat=True))
    assert {"check_in", "avoid_heavy_lifting", "phase_change"} <= held
    assert not second.reminders.filter(reason=Reason.SAID_BY_LATER).exists()
    codes = [row["code"] for row in visits(first)]
    assert "first-visit" in codes  # its own wound, before the other's
    assert "six-weeks" not in codes


# Played ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", RunningPlan.values)
def test_a_re_operation_after_six_days_speaks_with_one_voice(
    choice: str, first: Surgery, site: Site, surgeon: StaffMember
) -> None:
    play(FIRST, AGAIN - timedelta(hours=2))
    second = again(first, surgeon, choice)
    play(AGAIN, AGAIN + 14 * DAY)

    since = [one for one in sent() if one.claimed_at and one.claimed_at >= AGAIN]
    days = defaultdict(list)
    for one in since:
        days[one.contact.address, one.reminder.due_at.astimezone(site.zone).date()].append(one.reminder.step)
    for told in days.values():
        assert sum(not step.warning and not step.about_a_visit for step in told) <= (len(told) == 1)
    assert len(since) <= 14
    assert not said_twice(since)
    if choice == RunningPlan.END:
        assert {one.reminder.surgery for one in since} == {second}
    assert len([one for one in since if one.reminder.step.kind == "check_in"]) >= 3


def sent() -> list[Delivery]:
    left = Delivery.objects.filter(attempt_count__gt=0)
    return list(left.select_related("reminder__step", "reminder__surgery", "contact").order_by("claimed_at"))


def test_until_the_next_operation_takes_place_the_plan_goes_on(
    first: Surgery, surgeon: StaffMember, site: Site
) -> None:
    """Nobody is left without a word between the enrolment and the operation."""
    before = [row for row in in_plan(first) if row[2] < NOW + 4 * DAY]
    second = again(first, surgeon, RunningPlan.END, date=TODAY + 5 * DAY)

    assert [row for row in in_plan(first) if row[2] < NOW + 4 * DAY] == before
    assert not first.reminders.planned().filter(due_at__gt=NOW + 5 * DAY).exists()
    play(NOW, NOW + 6 * DAY)
    first.refresh_from_db()
    assert (first.state, first.followed_by) == ("ended", second)


def said_twice(sent: list[Delivery]) -> list[str]:
    """By different plans, within a week, about what the body may do or how it is."""
    told = defaultdict(list)
    for one in sent:
        if one.reminder.step.kind in ASKS | RESTS:
            told[one.reminder.step.kind].append((one.claimed_at, one.reminder.surgery_id))
    return [
        kind
        for kind, times in told.items()
        for at, plan in times
        for other_at, other in times
        if plan < other and at and other_at and abs(at - other_at) < 7 * DAY
    ]


def test_the_next_question_closes_the_one_before_whichever_plan_asked(
    first: Surgery, surgeon: StaffMember, site: Site
) -> None:
    from reminders.replies.checkins.open_questions import open_questions

    play(FIRST, AGAIN)
    second = again(first, surgeon, RunningPlan.END)
    play(AGAIN, AGAIN + 3 * DAY)

    asked = open_questions(first.patient.contacts.all(), AGAIN + 3 * DAY)
    assert len({one.reminder.surgery for one in asked if one.is_check_in} | {second}) == 1
