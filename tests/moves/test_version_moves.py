"""Current patients are moved to the signed version: seen first, stopped and taken up at will, nobody twice."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from patients.models import AuditEntry, StaffMember
from reminders import actions, version_batch, version_moves
from reminders.plan import planning, signing
from reminders.plan.models import CarePlan, PlanChange, Reminder, VersionMove
from reminders.plan.values import ChangeKind
from reminders.plan_changes import Wish, decide
from reminders.version_batch import Effect
from tests import given
from tests.given import NOW
from tests.moves.anew import laid_out_anew, picture
from tests.moves.given import MovedClinic, a_clinic, a_second_version
from tests.plan.rows import on_its_way, reminder, rows

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def clinic() -> MovedClinic:
    return a_clinic()


def still() -> datetime:
    return NOW


def started(clinic: MovedClinic, *, by: StaffMember | None = None) -> VersionMove:
    return version_moves.start(clinic.new, why="new days", by=by or clinic.surgeon, now=NOW)


def done(move: VersionMove, **how: object) -> VersionMove:
    version_moves.run(move.pk, clock=still, **how)
    move.refresh_from_db()
    return move


def broken(clinic: MovedClinic, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """The second patient's plan cannot be laid out."""
    real = planning.compare

    def compare_but(surgery, *args, **how):
        if surgery.pk == clinic.surgeries[1].pk:
            raise error
        return real(surgery, *args, **how)

    monkeypatch.setattr(planning, "compare", compare_but)


def test_every_plan_becomes_what_a_fresh_one_on_that_version_would_be(clinic: MovedClinic) -> None:
    move = done(started(clinic))

    assert (move.total, move.moved, move.failed, move.finished_at) == (3, 3, 0, NOW)
    for surgery in clinic.surgeries:
        assert CarePlan.objects.get(surgery=surgery).version == clinic.new
        assert picture(surgery) == laid_out_anew(surgery, now=NOW)


def test_what_is_shown_first_is_what_the_move_then_does(clinic: MovedClinic) -> None:
    plans = list(version_moves.waiting(clinic.new))
    before = [planned(plan) for plan in plans]
    told = version_batch.preview([plan.surgery_id for plan in plans], clinic.new, by=clinic.surgeon, now=NOW)
    shown = [told[plan.surgery_id] for plan in plans]
    assert [planned(plan) for plan in plans] == before
    assert not PlanChange.objects.exists()

    done(started(clinic))

    after = [planned(plan) for plan in plans]
    for effect, was, now in zip(shown, before, after, strict=True):
        assert effect.moved == sum(now[key] != was[key] for key in was.keys() & now.keys())
        assert (effect.added, effect.dropped) == (len(now.keys() - was.keys()), len(was.keys() - now.keys()))
        assert effect.doubled == 0
    assert sum(shown, Effect()).dropped
    assert sum(shown, Effect()).moved


def planned(plan: CarePlan) -> dict[tuple[str, int], datetime]:
    rows = Reminder.objects.planned().filter(surgery=plan.surgery)
    return {(row.step_code, row.occurrence): row.due_at for row in rows}


def test_a_message_that_was_sent_stays_and_comes_no_second_time(clinic: MovedClinic) -> None:
    surgery = clinic.surgeries[0]
    for code in ("check-in-5", "check-in-6"):
        on_its_way(reminder(surgery, code), status="done")
    sent = list(surgery.reminders.filter(status="done").order_by("pk").values())

    done(started(clinic))

    assert list(surgery.reminders.filter(status="done").order_by("pk").values()) == sent
    assert surgery.reminders.filter(step_code="check-in-5", occurrence=0).count() == 1


def test_a_decision_about_one_plan_goes_along(clinic: MovedClinic) -> None:
    surgery = clinic.surgeries[0]
    decide(surgery, Wish(ChangeKind.PACE, percent=150), why="two levels", by=clinic.surgeon, now=NOW)

    done(started(clinic))

    assert picture(surgery) == laid_out_anew(surgery, now=NOW)
    assert surgery.plan_changes.in_force().filter(kind=ChangeKind.PACE).exists()


def test_two_who_start_the_same_move_get_one(clinic: MovedClinic) -> None:
    other = given.a_staff_member(clinic.site, "manager")

    assert started(clinic) == started(clinic, by=other)

    assert VersionMove.objects.count() == 1


def test_run_twice_is_run_once(clinic: MovedClinic) -> None:
    move = started(clinic)
    done(move)
    before = [rows(surgery) for surgery in clinic.surgeries]

    done(move)
    done(started(clinic))

    assert [rows(surgery) for surgery in clinic.surgeries] == before
    assert PlanChange.objects.count() == 3


def test_stopped_it_waits_and_taken_up_it_goes_on_where_it_was(clinic: MovedClinic, monkeypatch) -> None:
    monkeypatch.setattr(version_moves, "BATCH", 1)
    move = started(clinic)

    def stop(_number: int) -> None:
        version_moves.stop(move, by=clinic.surgeon, now=NOW)

    done(move, each=stop)
    assert version_moves.waiting(clinic.new).count() == 1  # the batch it was at, and the one it had begun
    assert done(move).finished_at is None
    assert version_moves.unattended(LATER) == []

    version_moves.go_on(move, by=clinic.surgeon, now=NOW)

    assert version_moves.unattended(NOW) == [move.pk]
    assert (done(move).moved, move.finished_at) == (3, NOW)


def test_the_next_worker_takes_the_baton_and_nobody_else_does(clinic: MovedClinic, monkeypatch) -> None:
    monkeypatch.setattr(version_moves, "BATCH", 1)
    move = started(clinic)
    baton = version_moves.run(move.pk, clock=still, until=NOW)
    assert baton

    assert version_moves.run(move.pk, clock=still) is None
    assert version_moves.waiting(clinic.new).count() == 2
    assert version_moves.unattended(NOW) == []

    assert done(move, baton=baton).moved == 3


def test_what_a_killed_worker_left_is_taken_up_when_its_time_is_over(clinic: MovedClinic, monkeypatch) -> None:
    monkeypatch.setattr(version_moves, "BATCH", 1)
    move = started(clinic)
    version_moves.run(move.pk, clock=still, until=NOW)  # and its baton is lost

    assert version_moves.unattended(LATER) == [move.pk]
    version_moves.run(move.pk, clock=lambda: LATER)

    assert not version_moves.waiting(clinic.new).exists()


@pytest.mark.parametrize(
    ("error", "said"),
    [(ValidationError("This plan is odd. Look at it."), "Look at it"), (KeyError("x"), "failed on this plan")],
)
def test_one_patients_failure_does_not_stop_the_others(clinic: MovedClinic, monkeypatch, error, said) -> None:
    broken(clinic, monkeypatch, error)
    before = rows(clinic.surgeries[1])
    shown = version_batch.preview([one.pk for one in clinic.surgeries], clinic.new, by=clinic.surgeon, now=NOW)

    move = done(started(clinic))

    assert (move.moved, move.failed, move.finished_at) == (2, 1, NOW)
    assert rows(clinic.surgeries[1]) == before
    assert [plan.surgery for plan in version_moves.waiting(clinic.new)] == [clinic.surgeries[1]]
    entry = AuditEntry.objects.get(verb=version_moves.REFUSED)
    assert said in entry.details["reason"]
    assert [one for one in shown.values() if isinstance(one, str)] == [entry.details["reason"]]


def test_many_at_once_take_as_many_queries_as_one(django_assert_num_queries) -> None:
    clinic = a_clinic(days=(0, 1, 2, 3, 4))
    move = started(clinic)
    first, *others = [surgery.pk for surgery in clinic.surgeries]
    preview = {"version": clinic.new, "by": clinic.surgeon, "now": NOW}
    version_batch.preview([first], **preview)  # reads the versions, which are kept
    with CaptureQueriesContext(connection) as alone:
        version_batch.preview([first], **preview)
        version_batch.move([first], move, now=NOW)

    with django_assert_num_queries(len(alone)):
        version_batch.preview(others, **preview)
        version_batch.move(others, move, now=NOW)

    assert not version_moves.waiting(clinic.new).exists()


def test_who_does_not_fit_is_told_why_and_the_others_are_moved_together(clinic: MovedClinic) -> None:
    by_hand, ended, other = clinic.surgeries
    move = started(clinic)
    decide(by_hand, Wish(ChangeKind.VERSION, version=clinic.new), why="by hand", by=clinic.surgeon, now=NOW)
    actions.cancel_surgery(ended, why="other hospital", by=clinic.surgeon, now=NOW)
    before = rows(by_hand), rows(ended)

    told = version_batch.move([surgery.pk for surgery in clinic.surgeries], move, now=NOW)

    assert told[by_hand.pk] == "This patient is already on that version."
    assert told[ended.pk] == "This operation was cancelled. Enrol the patient again for a new one."
    assert told[other.pk].change.move == move
    assert (rows(by_hand), rows(ended)) == before
    assert picture(other) == laid_out_anew(other, now=NOW)


def test_two_who_wait_for_each_other_are_no_failure(clinic: MovedClinic, monkeypatch) -> None:
    real = version_batch.decide_all

    def decide_alone(surgeries, *told, **how):
        if len(surgeries) > 1:
            raise OperationalError("deadlock detected")
        return real(surgeries, *told, **how)

    monkeypatch.setattr(version_batch, "decide_all", decide_alone)

    move = done(started(clinic))

    assert (move.moved, move.failed, move.finished_at) == (3, 0, NOW)


def test_somebody_who_is_moved_by_hand_meanwhile_is_no_failure(clinic: MovedClinic) -> None:
    move = started(clinic)
    plan = clinic.surgeries[0].care_plan
    decide(plan.surgery, Wish(ChangeKind.VERSION, version=clinic.new), why="by hand", by=clinic.surgeon, now=NOW)

    assert version_moves._failed(move, [plan], now=NOW) == 0
    assert (done(move).moved, move.failed) == (2, 0)


def test_who_has_ended_is_left_alone(clinic: MovedClinic) -> None:
    actions.cancel_surgery(clinic.surgeries[0], why="other hospital", by=clinic.surgeon, now=NOW)

    assert (done(started(clinic)).moved, version_moves.waiting(clinic.new).count()) == (2, 0)


def test_a_version_retired_meanwhile_stops_the_move(clinic: MovedClinic) -> None:
    move = started(clinic)
    a_second_version(clinic.new, by=clinic.surgeon)

    assert done(move).stopped_at == NOW
    assert move.moved == 0
    move.version.refresh_from_db()
    with pytest.raises(ValidationError, match="is retired by now"):
        version_moves.go_on(move, by=clinic.surgeon, now=NOW)


def test_who_left_the_clinic_moves_nobody_any_more(clinic: MovedClinic) -> None:
    move = started(clinic)
    clinic.surgeon.memberships.all().delete()

    assert done(move).stopped_at == NOW
    assert move.moved == 0


def test_only_who_decides_there_starts_and_stops(clinic: MovedClinic) -> None:
    move = started(clinic)
    for other in (given.a_staff_member(clinic.site, "reception"), given.a_staff_member(given.a_site("hilltop"))):
        for act in (
            lambda by: version_moves.start(clinic.new, why="new days", by=by, now=NOW),
            lambda by: version_moves.stop(move, by=by, now=NOW),
            lambda by: version_moves.go_on(move, by=by, now=NOW),
            lambda by: version_batch.preview([clinic.surgeries[0].pk], clinic.new, by=by, now=NOW),
        ):
            with pytest.raises(PermissionDenied, match="Only a surgeon or a manager"):
                act(other)


def test_a_move_needs_a_reason_and_a_signed_version(clinic: MovedClinic) -> None:
    draft = signing.new_version(clinic.new, by=clinic.surgeon, now=NOW)

    with pytest.raises(ValidationError, match="only be moved to a signed version"):
        version_moves.start(draft, why="new days", by=clinic.surgeon, now=NOW)
    with pytest.raises(ValidationError, match="Give the reason"):
        version_moves.start(clinic.new, why=" ", by=clinic.surgeon, now=NOW)
