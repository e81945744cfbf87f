"""A proposal is explained, decided with one click by who may, and kept; it never changes a plan by itself."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from patients.models import Site, StaffMember, Surgery, TherapySession
from reminders import pace_proposals, visit_actions
from reminders.plan.models import PaceProposal, PaceRule, PlanChange
from reminders.plan.models.reminder import ReminderStatus
from reminders.replies.models import Alert
from tests import given
from tests.given import NOW
from tests.plan.rows import check_up, in_plan, on_its_way, reminder

OLD = date(1950, 4, 2)
REASONS = ["2 levels", "75 years"]


@pytest.fixture
def surgery(site: Site, surgeon: StaffMember) -> Surgery:
    surgery = given.an_enrolment(site, by=surgeon, patient=given.a_new_patient(birth_date=OLD))
    surgery.levels = 2
    surgery.save()
    return surgery


def said(surgery: Surgery, now=NOW) -> dict[str, str]:
    return {one.proposes: one.in_words for one in pace_proposals.proposed(surgery, now=now)}


def test_it_is_proposed_with_its_reasons_and_nothing_is_done(surgery: Surgery) -> None:
    before = in_plan(surgery)

    [found] = pace_proposals.proposed(surgery, now=NOW)

    assert (found.proposes, found.amount, found.in_words) == ("pace", 115, "2 levels; 75 years")
    assert in_plan(surgery) == before
    assert not PaceProposal.objects.exists()


def test_accepted_it_paces_the_plan_and_says_who_and_when(surgery: Surgery, surgeon: StaffMember) -> None:
    begins = reminder(surgery, "strengthening").due_at

    kept = pace_proposals.accept(surgery, "pace", reasons=REASONS, by=surgeon, now=NOW)

    assert (kept.state, kept.decided_by, kept.decided_at, kept.reasons) == ("accepted", surgeon, NOW, REASONS)
    assert kept.change is not None
    assert (kept.change.percent, kept.change.why) == (115, "2 levels; 75 years")
    assert reminder(surgery, "strengthening").due_at > begins
    assert said(surgery) == {}


def test_declined_it_is_not_proposed_again_until_its_reasons_change(surgery: Surgery, surgeon: StaffMember) -> None:
    pace_proposals.decline(surgery, "pace", reasons=REASONS, by=surgeon, now=NOW)
    assert said(surgery) == {}
    assert not PlanChange.objects.exists()

    surgery.patient.conditions = ["diabetes"]

    assert said(surgery) == {"pace": "2 levels; diabetes; 75 years", "check_ins": "diabetes"}


def test_what_is_not_proposed_any_more_is_not_done(surgery: Surgery, surgeon: StaffMember) -> None:
    with pytest.raises(ValidationError, match="Look again"):
        pace_proposals.accept(surgery, "pace", reasons=["99 years"], by=surgeon, now=NOW)
    with pytest.raises(ValidationError, match="Look again"):
        pace_proposals.accept(surgery, "dance", reasons=[], by=surgeon, now=NOW)

    assert not PlanChange.objects.exists()


def test_post_op_care_proposes_a_call_that_reception_sees(surgery: Surgery, surgeon: StaffMember, site: Site) -> None:
    for day in (5, 8):
        TherapySession.objects.create(
            site=site, surgery=surgery, day=NOW.date() + timedelta(days=day), state="missed", at=NOW
        )
    assert said(surgery)["call"] == "2 sessions of physical therapy missed"

    pace_proposals.accept(surgery, "call", reasons=["2 sessions of physical therapy missed"], by=surgeon, now=NOW)

    assert Alert.objects.get().owner_role == "reception"


def test_check_ins_nobody_answered_are_counted_from_the_latest(surgery: Surgery) -> None:
    for code in ("check-in-1", "check-in-2"):
        on_its_way(reminder(surgery, code), ReminderStatus.DONE)

    assert pace_proposals.unanswered(surgery, now=NOW + timedelta(days=5)) == 2
    assert said(surgery, NOW + timedelta(days=5))["call"] == "2 check-ins unanswered"


def test_seen_at_a_check_up_the_next_phase_is_proposed_and_begins_tomorrow(
    surgery: Surgery, surgeon: StaffMember
) -> None:
    later = NOW + timedelta(days=9)
    visit = check_up(surgery, "first-visit")
    visit_actions.book_visit(visit, at=later + timedelta(hours=1), by=surgeon, now=NOW)
    visit_actions.mark_attended(visit, by=surgeon, now=later)
    found = said(surgery, later)["next_phase"]

    pace_proposals.accept(surgery, "next_phase", reasons=[found], by=surgeon, now=later)

    begins = reminder(surgery, "phase-weeks-3-6").due_at.astimezone(surgery.patient.zone).date()
    assert begins == surgery.site.today(later) + timedelta(days=1)


def test_overall_health_proposes_extra_check_ins_for_four_weeks(surgery: Surgery, surgeon: StaffMember) -> None:
    surgery.patient.conditions = ["diabetes"]
    surgery.patient.save()
    asked = asked_on(surgery)

    kept = pace_proposals.accept(surgery, "check_ins", reasons=["diabetes"], by=surgeon, now=NOW)

    first = surgery.date + timedelta(days=1)
    every_fifth = {first + timedelta(days=day) for day in range(0, 29, 5)}
    assert kept.change is not None
    assert (kept.change.kind, kept.change.days) == ("add", 5)
    assert asked_on(surgery) == sorted(every_fifth.union(asked))  # a day on which it asks anyway is asked once


def asked_on(surgery: Surgery) -> list[date]:
    asked = surgery.reminders.filter(step__kind="check_in", status=ReminderStatus.PLANNED).order_by("due_at")
    return [row.due_at.astimezone(surgery.patient.zone).date() for row in asked]


def test_one_check_in_unanswered_proposes_to_ask_once_more_tomorrow(surgery: Surgery, surgeon: StaffMember) -> None:
    on_its_way(reminder(surgery, "check-in-4"), ReminderStatus.DONE)
    later = NOW + timedelta(days=11, hours=10)
    assert said(surgery, later)["nudge"] == "a check-in unanswered"

    pace_proposals.accept(surgery, "nudge", reasons=["a check-in unanswered"], by=surgeon, now=later)

    [again] = surgery.reminders.filter(step_code="check-in-4", status=ReminderStatus.PLANNED)
    tomorrow = surgery.site.today(later) + timedelta(days=1)
    assert again.due_at.astimezone(surgery.patient.zone).date() == tomorrow


def test_no_nudge_is_proposed_where_the_plan_asks_again_by_itself(surgery: Surgery) -> None:
    on_its_way(reminder(surgery, "check-in-2"), ReminderStatus.DONE)  # on day 3; the next one comes on day 6

    assert "nudge" not in said(surgery, NOW + timedelta(days=5))


def test_a_nudge_is_not_proposed_where_there_is_nothing_to_say_once_more(surgery: Surgery, site: Site) -> None:
    TherapySession.objects.create(site=site, surgery=surgery, day=NOW.date(), state="missed", at=NOW)

    assert "nudge" not in said(surgery, NOW + timedelta(days=2))


def test_a_clinic_edits_its_rules(surgery: Surgery, site: Site) -> None:
    PaceRule.objects.filter(site=site, code="age").update(value="80")
    PaceRule.objects.filter(site=site, code="two-levels").update(is_active=False)

    assert said(surgery) == {}
    with pytest.raises(ValidationError, match="age is a number"):
        PaceRule(
            site=site, code="x", factor="age", fact="age", test="at_least", value="old", proposes="pace", amount=110,
            words="old",
        ).full_clean()  # fmt: skip


def test_only_who_decides_there_accepts_or_declines(surgery: Surgery, surgeon: StaffMember, site: Site) -> None:
    colleague = given.a_staff_member(site, "reception")
    stranger = given.a_staff_member(given.a_site("hillside"))

    for other in (colleague, stranger):
        with pytest.raises(PermissionDenied):
            pace_proposals.accept(surgery, "pace", reasons=REASONS, by=other, now=NOW)
        with pytest.raises(PermissionDenied):
            pace_proposals.decline(surgery, "pace", reasons=REASONS, by=other, now=NOW)
    assert pace_proposals.accept(surgery, "pace", reasons=REASONS, by=surgeon, now=NOW).state == "accepted"
