"""A patient is operated on again while a plan runs: it ends, is held, or both run and speak with one voice."""

from collections import defaultdict
from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic import fastforward
from clinic.exchange import ical
from patients.models import Patient, Site, StaffMember, Surgery
from reminders import actions, enrolment, plan_changes, scheduler, visit_actions
from reminders.delivery.models import Delivery
from reminders.further_operation import PlanRuns, RunningPlan
from reminders.plan import planning
from reminders.plan.budget import Rank, rank
from reminders.plan.load_protocol import edition_of
from reminders.plan.models import ProtocolVersion, Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from reminders.plan.said_once import ASKS, RESTS
from reminders.plan.values import ChangeKind
from tests import given as given_
from tests.given import NOW
from tests.plan.rows import check_up, in_plan, visits
from tests.plan.test_same_facts_same_rows import undone
from tests.size import sized

DAY = timedelta(days=1)
FIRST, AGAIN = NOW - 6 * DAY, NOW
TODAY = date(2026, 3, 2)


@pytest.fixture
def site(db: None) -> Site:
    return given_.a_site(**given_.DEFAULT_BUDGET)


@pytest.fixture
def ana(site: Site, surgeon: StaffMember, version: ProtocolVersion) -> Patient:
    """Reached by phone and mail."""
    return given_.a_patient(site, given_.a_phone(), given_.an_email(), by=surgeon, now=FIRST)


@pytest.fixture
def first(ana: Patient, site: Site, surgeon: StaffMember) -> Surgery:
    return given_.an_enrolment(site, by=surgeon, patient=ana, now=FIRST)


def again(first: Surgery, by: StaffMember, choice: str, *, now: datetime = AGAIN, **facts: object) -> Surgery:
    """The same patient, operated on that day."""
    patient = Patient.objects.get(pk=first.patient_id)
    second = given_.an_enrolment(first.site, by=by, patient=patient, now=now, running_plan=choice, **facts)
    first.refresh_from_db()
    return second


def play(start: datetime, until: datetime) -> None:
    for _ in fastforward.play(start, until):
        pass


def planned(surgery: Surgery) -> int:
    return surgery.reminders.planned().count()


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


# Shared phones -----------------------------------------------------------------------------------------------------


def test_two_patients_on_one_phone_share_its_limits(site: Site, surgeon: StaffMember, version: ProtocolVersion) -> None:
    alone = given_.an_enrolment(site, given_.a_phone(given_.phone(98)), by=surgeon, version=version)
    one = given_.an_enrolment(site, given_.a_phone(given_.phone(99)), by=surgeon, version=version)
    other = given_.an_enrolment(site, given_.a_phone(given_.phone(99)), by=surgeon, version=version)

    assert limited(one) + limited(other) > 2 * limited(alone)
    assert not over_the_limits(site, [one, other])


def test_another_site_and_a_caregivers_copies_share_nothing(
    site: Site, surgeon: StaffMember, version: ProtocolVersion
) -> None:
    phone = given_.phone(99)
    one = given_.an_enrolment(site, given_.a_phone(phone), by=surgeon, version=version)
    before = in_plan(one)
    elsewhere = given_.a_site("lakeside", **given_.DEFAULT_BUDGET)
    given_.an_enrolment(elsewhere, given_.a_phone(phone), by=given_.a_staff_member(elsewhere))
    cared_for = given_.an_email(), given_.a_phone(phone, relationship="caregiver", name="Jo")
    given_.an_enrolment(site, *cared_for, by=surgeon, version=version)

    planning.sync(one, now=NOW)

    assert in_plan(one) == before


def test_who_comes_to_share_a_phone_shares_its_limits_within_the_hour(
    site: Site, surgeon: StaffMember, version: ProtocolVersion
) -> None:
    one, other = (given_.an_enrolment(site, given_.a_phone(), by=surgeon, version=version) for _ in range(2))
    alone = limited(one)
    was, now = one.patient.contacts.get(), other.patient.contacts.get()

    actions.end_contact(now, by=surgeon, now=NOW)
    enrolment.add_contact(other.patient, given_.a_phone(str(was.phone)), by=surgeon, now=NOW)
    scheduler.extend_horizon(NOW + timedelta(hours=1))

    assert limited(one) + limited(other) > 2 * alone
    assert not over_the_limits(site, [one, other])


def limited(surgery: Surgery) -> int:
    """How many messages gave way to a limit."""
    return surgery.reminders.filter(reason__in=[Reason.BUDGET, Reason.MERGED]).count() + (
        surgery.reminders.exclude(moved_from=None).count()
    )


# Any order ---------------------------------------------------------------------------------------------------------

in_the_database = settings(
    max_examples=sized(build=8, full=60),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
people = st.lists(
    st.tuples(st.integers(0, 1), st.integers(-40, 10), st.sampled_from(RunningPlan.values)),
    min_size=2,
    max_size=3,
    unique_by=lambda one: one[:2],
)


@in_the_database
@given(operations=people, cancels=st.booleans(), order=st.permutations(range(3)))
def test_any_operations_of_two_people_on_one_phone_keep_its_limits(
    site: Site,
    surgeon: StaffMember,
    version: ProtocolVersion,
    operations: list[tuple[int, int, str]],
    cancels: bool,
    order: list[int],
) -> None:
    with undone():
        phone = given_.a_phone(given_.phone(99))
        two = [given_.a_patient(site, phone, by=surgeon, given_name=name) for name in ("Ana", "Zoe")]
        made = []
        for who, day, choice in operations:
            made.append(
                given_.an_enrolment(
                    site, by=surgeon, patient=two[who], version=version, date=TODAY + day * DAY, running_plan=choice
                )
            )
        if cancels:
            last = max(made, key=lambda one: (one.date, one.pk))
            actions.cancel_surgery(last, why="fever", by=surgeon, now=NOW)
        once = [in_plan(one) for one in made]

        for at in order:
            if at < len(made):
                assert not any(planning.sync_all([made[at].pk], now=NOW).values())

        assert [in_plan(one) for one in made] == once
        assert not any(planned(one) for one in Surgery.objects.exclude(ended_at=None, cancelled_at=None))
        assert not over_the_limits(site, made)


def over_the_limits(site: Site, surgeries: list[Surgery]) -> list[date]:
    """Days on which what can give way does not."""
    rows = Reminder.objects.filter(surgery__in=surgeries, status=ReminderStatus.PLANNED)
    rows = rows.select_related("surgery__care_plan__version")
    days, weeks = defaultdict(list), defaultdict(list)
    for row in rows:
        spec = edition_of(row.surgery.care_plan.version).spec
        step = next(step for step in spec.steps if step.code == row.step_code)
        day = row.due_at.astimezone(site.zone).date()
        days[day].append(rank(step))
        weeks[day].append(rank(step))
    wrong = [day for day, found in days.items() if len(found) > site.messages_a_day and max(found) > Rank.FIRST
             and sum(one > Rank.FIRST for one in found) > site.messages_a_day]  # fmt: skip
    for day in weeks:
        week = [one for ahead in range(7) for one in weeks.get(day + ahead * DAY, ())]
        if len(week) > site.messages_a_week and sum(one > Rank.ORDERED for one in week) > site.messages_a_week:
            wrong.append(day)
    return wrong
