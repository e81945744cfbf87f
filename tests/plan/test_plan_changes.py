"""What a surgeon decides about one plan: seen before it is saved, kept with its reason, and taken back."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from patients.models import Site, StaffMember, Surgery
from reminders import actions, plan_changes
from reminders.plan import planning, signing
from reminders.plan.change_words import Names, told
from reminders.plan.models import CarePlan, PlanChange, ProtocolVersion
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from reminders.plan.values import ChangeKind
from reminders.plan_changes import PlanMovedOn, Wish, decide, rehearse, release, undo
from tests import given
from tests.given import NOW
from tests.plan.rows import in_plan, reminder, rows, standing, visits

TODAY = date(2026, 3, 2)
LATER = NOW + timedelta(days=7)


def on(day: int) -> date:
    return TODAY + timedelta(days=day)


def local_day(surgery: Surgery, code: str) -> int:
    day: date = reminder(surgery, code).due_at.astimezone(surgery.patient.zone).date()
    return (day - TODAY).days


def test_a_hold_stops_activity_and_a_release_moves_it_on(surgery: Surgery, surgeon: StaffMember) -> None:
    was = {code: local_day(surgery, code) for code in ("listen-to-body", "phase-weeks-7-12")}
    decide(surgery, Wish(ChangeKind.HOLD), why="wound infection", by=surgeon, now=NOW + timedelta(days=4))

    held = (ReminderStatus.SKIPPED, Reason.PLAN_HELD)
    assert {standing(surgery, code) for code in was} == {held}

    release(surgery, by=surgeon, now=NOW + timedelta(days=14))

    assert {standing(surgery, code) for code in was} == {(ReminderStatus.PLANNED, Reason.NONE)}
    assert {code: local_day(surgery, code) - day for code, day in was.items()} == dict.fromkeys(was, 10)


def test_a_hold_silences_no_check_in_and_moves_no_visit(surgery: Surgery, surgeon: StaffMember) -> None:
    before, calendar = safety(surgery), visits(surgery)

    decide(surgery, Wish(ChangeKind.HOLD), why="wound revision", by=surgeon, now=NOW)

    assert standing(surgery, "check-in-2") == (ReminderStatus.PLANNED, Reason.NONE)
    assert (safety(surgery), visits(surgery)) == (before, calendar)


def safety(surgery: Surgery) -> list[tuple[object, ...]]:
    rows = surgery.reminders.select_related("step__check_up")
    own = sorted((row.step_code, row.occurrence, row) for row in rows if row.step.own_nature == "safety")
    return [(code, nth, row.moved_from or row.due_at.date(), row.reason) for code, nth, row in own]


def test_a_held_plan_stays_held_when_it_is_laid_out_again(surgery: Surgery, surgeon: StaffMember) -> None:
    decide(surgery, Wish(ChangeKind.HOLD), why="re-operation", by=surgeon, now=NOW)
    before = rows(surgery)

    assert not planning.sync(surgery, now=LATER)
    assert rows(surgery) == before


def test_what_a_closed_day_moves_into_a_hold_waits_for_it_too(surgery: Surgery, surgeon: StaffMember) -> None:
    """Therapy is begun on staffed days only: day 5 is a Saturday, so it goes on Monday, day 7."""
    actions.change_facts(surgery, physical_therapy="ordered_early", by=surgeon, now=NOW)
    assert local_day(surgery, "start-pt-early") == 7

    decide(surgery, Wish(ChangeKind.HOLD, starts=on(7)), why="fever", by=surgeon, now=NOW)
    assert standing(surgery, "start-pt-early") == (ReminderStatus.SKIPPED, Reason.PLAN_HELD)

    release(surgery, on=on(11), by=surgeon, now=NOW)
    assert standing(surgery, "start-pt-early") == (ReminderStatus.PLANNED, Reason.NONE)
    assert local_day(surgery, "start-pt-early") == 11


@pytest.mark.parametrize(
    ("ordered", "comes"),
    [(3, 3), (7, 18), (14, 18), (17, 18), (18, 18), (21, 21)],  # held on days 7 to 17
)
def test_therapy_ordered_for_a_day_inside_a_hold_begins_on_the_first_running_day(
    surgery: Surgery, surgeon: StaffMember, ordered: int, comes: int
) -> None:
    decide(surgery, Wish(ChangeKind.HOLD, starts=on(7), ends=on(18)), why="revision", by=surgeon, now=NOW)

    done = decide(
        surgery, Wish(ChangeKind.ORDER_PT, starts=on(ordered), to="ordered_early"), why="walks", by=surgeon, now=NOW
    )

    assert first_therapy(surgery, ReminderStatus.PLANNED) == comes
    said = told(done.change, Names.of_plan(surgery, surgery.care_plan.version))
    assert said.startswith(f"Physical therapy from {on(comes):%-d %b %Y}")


def test_therapy_ordered_while_nobody_knows_how_long_the_hold_lasts_begins_once_it_is_released(
    surgery: Surgery, surgeon: StaffMember
) -> None:
    decide(surgery, Wish(ChangeKind.HOLD, starts=on(7)), why="revision", by=surgeon, now=NOW)
    wish = Wish(ChangeKind.ORDER_PT, starts=on(14), to="ordered_early")
    done = decide(surgery, wish, why="walks", by=surgeon, now=NOW)

    said = told(done.change, Names.of_plan(surgery, surgery.care_plan.version))
    assert said.startswith("Physical therapy once the plan is released: the plan is held on 16 Mar 2026")
    assert first_therapy(surgery, ReminderStatus.PLANNED) is None

    release(surgery, on=on(23), by=surgeon, now=NOW)
    assert first_therapy(surgery, ReminderStatus.PLANNED) == 23


def first_therapy(surgery: Surgery, status: str) -> int | None:
    """The day of the first word about starting."""
    row = surgery.reminders.filter(step__kind="start_pt", status=status).order_by("due_at").first()
    return (row.due_at.astimezone(surgery.patient.zone).date() - TODAY).days if row else None


DECISIONS = [
    Wish(ChangeKind.HOLD, starts=on(3), ends=on(9)),
    Wish(ChangeKind.SHIFT, phase="weeks-3-6", days=5),
    Wish(ChangeKind.SHIFT, phase="weeks-3-6", days=-5),
    Wish(ChangeKind.PACE, percent=150),
    Wish(ChangeKind.SKIP, step="check-in-6"),
    Wish(ChangeKind.DELAY, step="check-in-6", days=2),
    Wish(ChangeKind.REPLACE, step="check-in-6", to="check-in-3"),
    Wish(ChangeKind.ADD, step="check-in-6", starts=on(8)),
    Wish(ChangeKind.ADD, step="check-in-6", starts=on(8), days=2, ends=on(20)),
    Wish(ChangeKind.ORDER_PT, starts=on(8), to="ordered_early"),
    Wish(ChangeKind.ORDER_PT, phase="weeks-3-6", to="ordered"),
    Wish(ChangeKind.DATE, to=on(6).isoformat()),
]


@pytest.mark.parametrize("wish", DECISIONS, ids=lambda wish: f"{wish.kind}{wish.days or ''}{wish.phase}")
def test_what_is_shown_is_what_saving_does_and_undo_takes_it_back(
    surgery: Surgery, surgeon: StaffMember, wish: Wish
) -> None:
    before, calendar = in_plan(surgery), visits(surgery)
    shown = rehearse(lambda: decide(surgery, wish, why="seen today", by=surgeon, now=NOW)).changes
    assert (in_plan(surgery), visits(surgery)) == (before, calendar)
    assert not PlanChange.objects.exists()

    done = decide(surgery, wish, why="seen today", by=surgeon, now=NOW)

    assert done.changes
    assert seen(shown) == seen(done.changes)
    assert not planning.sync(surgery, now=NOW)

    undo(done.change, by=surgeon, now=NOW)

    assert (in_plan(surgery), visits(surgery)) == (before, calendar)


def seen(changes: planning.Changes) -> list[tuple[object, ...]]:
    became = [(c.row.step_code, c.row.occurrence, c.was_due_at, c.was_status, *_now(c.row)) for c in changes.changed]
    return [*became, *((row.step_code, row.occurrence, *_now(row)) for row in changes.added)]


def _now(row) -> tuple[object, ...]:
    return row.due_at, row.status, row.reason, row.step_id, tuple(row.shifts)


def test_a_decision_is_kept_with_its_reason_author_and_time(surgery: Surgery, surgeon: StaffMember) -> None:
    change = decide(surgery, Wish(ChangeKind.PACE, percent=120), why="two levels", by=surgeon, now=NOW).change

    change.refresh_from_db()
    assert (change.why, change.by, change.at, change.percent) == ("two levels", surgeon, NOW, 120)


def test_the_second_of_two_who_decide_at_once_is_told_and_nothing_is_lost(
    surgery: Surgery, surgeon: StaffMember, site: Site
) -> None:
    seen_at = surgery.care_plan.revision
    other = given.a_staff_member(site)
    decide(surgery, Wish(ChangeKind.PACE, percent=120), why="age", by=other, now=NOW, revision=seen_at)
    before = rows(surgery)

    with pytest.raises(PlanMovedOn, match=r"pace, by Ida Hale\. Look at it again"):
        decide(surgery, Wish(ChangeKind.HOLD), why="fever", by=surgeon, now=NOW, revision=seen_at)

    assert rows(surgery) == before
    assert CarePlan.objects.get(surgery=surgery).revision == seen_at + 1


REFUSED = [
    (Wish(ChangeKind.HOLD, starts=on(-1)), "before the day of surgery"),
    (Wish(ChangeKind.HOLD, starts=on(5), ends=on(4)), "Release it on that day or later"),
    (Wish(ChangeKind.PACE, percent=0), "between 50 and 300 percent"),
    (Wish(ChangeKind.SHIFT, phase="weeks-3-6", days=0), "Enter a number of days"),
    (Wish(ChangeKind.SHIFT, phase="weeks-3-6", days=-20), "It cannot begin before 4 Mar 2026"),
    (Wish(ChangeKind.SHIFT, phase="day-of-surgery", days=2), "cannot be moved any more"),
    (Wish(ChangeKind.SHIFT, phase="no-such", days=2), "no such phase"),
    (Wish(ChangeKind.SKIP, step="no-such"), "no such step"),
    (Wish(ChangeKind.DELAY, step="check-in-6", days=400), "up to 365"),
    (Wish(ChangeKind.REPLACE, step="check-in-6", to="check-in-6"), "Choose another step"),
    (Wish(ChangeKind.ADD, step="no-such", starts=on(3)), "no such step"),
    (Wish(ChangeKind.ADD, step="check-in-6", starts=on(-3)), "from today on"),
    (Wish(ChangeKind.ADD, step="check-in-6", starts=on(3), days=2), "Enter the last day"),
    (Wish(ChangeKind.ADD, step="check-in-6", starts=on(3), ends=on(9)), "Enter the days between"),
    (Wish(ChangeKind.ADD, step="check-in-6", starts=on(3), days=2, ends=on(500)), "within a year"),
    (Wish(ChangeKind.ADD, step="book-first-visit", starts=on(3)), "move with that visit"),
    (Wish(ChangeKind.ORDER_PT, to="perhaps"), "ordered, or ordered early"),
    (Wish(ChangeKind.ORDER_PT, starts=on(-3), to="ordered"), "today or later"),
    (Wish(ChangeKind.DATE, to="soon"), "as a date such as"),
    (Wish(ChangeKind.VERSION), "a version of a protocol of this site"),
]


@pytest.mark.parametrize(("wish", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_does_not_fit_is_refused_with_what_would_be_right(
    surgery: Surgery, surgeon: StaffMember, wish: Wish, said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        decide(surgery, wish, why="a try", by=surgeon, now=NOW)

    assert not PlanChange.objects.exists()


def test_a_decision_without_a_reason_is_refused(surgery: Surgery, surgeon: StaffMember) -> None:
    with pytest.raises(ValidationError, match="Give the reason"):
        decide(surgery, Wish(ChangeKind.HOLD), why="  ", by=surgeon, now=NOW)


def test_holds_do_not_overlap_and_only_a_held_plan_is_released(surgery: Surgery, surgeon: StaffMember) -> None:
    with pytest.raises(ValidationError, match="not held"):
        release(surgery, by=surgeon, now=NOW)
    decide(surgery, Wish(ChangeKind.HOLD, starts=on(5), ends=on(9)), why="leave", by=surgeon, now=NOW)

    with pytest.raises(ValidationError, match="holds cannot overlap"):
        decide(surgery, Wish(ChangeKind.HOLD, starts=on(8)), why="fever", by=surgeon, now=NOW)
    decide(surgery, Wish(ChangeKind.HOLD, starts=on(9)), why="fever", by=surgeon, now=NOW)
    with pytest.raises(ValidationError, match="already held"):
        decide(surgery, Wish(ChangeKind.HOLD, starts=on(20)), why="fever", by=surgeon, now=NOW)
    with pytest.raises(ValidationError, match="The hold began on 11 Mar 2026"):
        release(surgery, on=on(8), by=surgeon, now=NOW)


def test_another_version_carries_on_where_the_first_one_was(
    surgery: Surgery, surgeon: StaffMember, version: ProtocolVersion
) -> None:
    draft = signing.new_version(version, by=surgeon, now=NOW)
    draft.steps.filter(code="check-in-6").delete()
    draft.steps.filter(code="check-in-5").update(offset_days=15)
    signing.sign(draft, by=surgeon, now=NOW)
    draft.refresh_from_db()
    before = in_plan(surgery)

    moved = decide(surgery, Wish(ChangeKind.VERSION, version=draft), why="new wording", by=surgeon, now=NOW)

    assert standing(surgery, "check-in-6") == (ReminderStatus.CANCELLED, Reason.NOT_IN_PLAN)
    assert local_day(surgery, "check-in-5") == 15
    with pytest.raises(ValidationError, match="already on that version"):
        decide(surgery, Wish(ChangeKind.VERSION, version=draft), why="again", by=surgeon, now=NOW)
    undo(moved.change, by=surgeon, now=NOW)
    assert in_plan(surgery) == before


def test_a_plan_moves_to_no_draft_and_to_no_other_sites_version(
    surgery: Surgery, surgeon: StaffMember, version: ProtocolVersion
) -> None:
    elsewhere = given.a_site("hillside")
    theirs = given.a_signed_version(elsewhere, by=given.a_staff_member(elsewhere))
    draft = signing.new_version(version, by=surgeon, now=NOW)

    for wanted, said in ((draft, "Only a signed version"), (theirs, "a version of a protocol of this site")):
        with pytest.raises(ValidationError, match=said):
            decide(surgery, Wish(ChangeKind.VERSION, version=wanted), why="a try", by=surgeon, now=NOW)
    assert CarePlan.objects.get(surgery=surgery).version == version


def test_a_day_that_was_moved_again_is_not_taken_back_by_the_first_undo(surgery: Surgery, surgeon: StaffMember) -> None:
    first = decide(surgery, Wish(ChangeKind.DATE, to=on(2).isoformat()), why="theatre", by=surgeon, now=NOW)
    decide(surgery, Wish(ChangeKind.DATE, to=on(4).isoformat()), why="theatre", by=surgeon, now=NOW)

    with pytest.raises(ValidationError, match="Undo the later decision first"):
        undo(first.change, by=surgeon, now=NOW)


def test_undone_twice_is_undone_once(surgery: Surgery, surgeon: StaffMember) -> None:
    change = decide(surgery, Wish(ChangeKind.PACE, percent=150), why="age", by=surgeon, now=NOW).change
    undo(change, by=surgeon, now=NOW)

    assert not undo(change, by=surgeon, now=LATER).changes


def test_only_who_decides_there_changes_a_plan(surgery: Surgery, surgeon: StaffMember, site: Site) -> None:
    colleague = given.a_staff_member(site, "reception")
    stranger = given.a_staff_member(given.a_site("hillside"))

    decided = decide(surgery, Wish(ChangeKind.HOLD), why="fever", by=surgeon, now=NOW).change
    for other in (colleague, stranger):
        with pytest.raises(PermissionDenied, match="Only a surgeon or a manager"):
            decide(surgery, Wish(ChangeKind.PACE, percent=150), why="age", by=other, now=NOW)
        with pytest.raises(PermissionDenied):
            undo(decided, by=other, now=NOW)
        with pytest.raises(PermissionDenied):
            release(surgery, by=other, now=NOW)


def test_every_kind_of_decision_has_its_words() -> None:
    assert set(plan_changes.VERBS) == set(ChangeKind)
