"""Plans of people who share a phone, in any order: the limits are of the phone, and nothing depends on the order."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patients.models import Site, StaffMember, Surgery
from reminders import actions, enrolment, scheduler
from reminders.further_operation import RunningPlan
from reminders.plan import planning
from reminders.plan.budget import Rank, rank
from reminders.plan.load_protocol import edition_of
from reminders.plan.models import ProtocolVersion, Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from reminders.plan.schedule import drafted, lay_out_together
from reminders.plan.values import Anchor
from tests import given as given_
from tests.given import NOW
from tests.plan.build import FACTS, SIX_WEEKS, a_protocol, a_step, a_visit
from tests.plan.operated_again import DAY, TODAY, ana, first, planned, site
from tests.plan.rows import in_plan
from tests.plan.test_same_facts_same_rows import undone
from tests.size import sized

__all__ = ["ana", "first", "site"]


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


def test_two_visits_of_one_patient_at_one_time_are_reminded_of_once() -> None:
    remind = a_step(Anchor.VISIT, -1, check_up="six-weeks", about_a_visit=True, kind="visit_reminder")
    spec = a_protocol(remind)

    def held(other_time: str) -> list[str]:
        visits = (a_visit("booked", "2026-04-10T14:00"),), (a_visit("booked", other_time),)
        days = FACTS.day0, FACTS.day0 + 20 * DAY
        drafts = [
            drafted(spec, replace(FACTS, person=7, day0=day, visits=one)) for day, one in zip(days, visits, strict=True)
        ]
        return [one.held for layout in lay_out_together(drafts) for one in layout.reminders]

    assert held("2026-04-10T14:00") == [Reason.SAID_BY_LATER, ""]
    assert held("2026-04-10T16:00") == ["", ""]


def test_asked_on_one_day_to_book_two_visits_the_patient_is_asked_once() -> None:
    ask = a_step(Anchor.SURGERY, 5, check_up="six-weeks", about_a_visit=True, kind="book_check_up")
    spec = replace(a_protocol(ask), visits=(replace(SIX_WEEKS, first_day=10, target_day=10, last_day=12),))

    def held(days: int) -> list[str]:
        second = replace(a_protocol(replace(ask, offset_days=5 - days)), visits=spec.visits)
        later = replace(FACTS, person=7, day0=FACTS.day0 + 4 * DAY)
        drafts = drafted(spec, replace(FACTS, person=7)), drafted(second, later)
        return [one.held for layout in lay_out_together(drafts) for one in layout.reminders]

    assert held(4) == [Reason.SAID_BY_LATER, ""]
    assert held(3) == ["", ""]


def limited(surgery: Surgery) -> int:
    """How many messages gave way to a limit."""
    return surgery.reminders.filter(reason__in=[Reason.BUDGET, Reason.MERGED]).count() + (
        surgery.reminders.exclude(moved_from=None).count()
    )


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
