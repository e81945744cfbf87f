"""What a person is promised, over all plans and shared phones: noticed by what a played sequence truly sends."""

from tests.mutants.mutant import Mutant

PLAN = "reminders/plan/"


def _by(name: str) -> tuple[str, ...]:
    return (f"tests/plan/test_any_sequence.py::test_a_chosen_sequence_keeps_what_a_person_is_promised[{name}]",)


MUTANTS = [
    Mutant(
        "of two plans of one patient the later one says what both would say",
        PLAN + "schedule.py",
        "    once = said_once(drafts)",
        "    once = [*drafts]",
        _by("both plans run"),
    ),
    Mutant(
        "the limits are of the phone, whoever shares it",
        PLAN + "budget.py",
        "        return self.to or (self.channel,)",
        '        return tuple(f"{box} {self.person}" for box in self.to or (self.channel,))',
        _by("three people share a phone"),
    ),
    Mutant(
        "a plan that was ended says nothing more",
        "reminders/further_operation.py",
        "    one.ended_at, one.ends_with_next = (now, False) if is_over else (None, True)",
        "    one.ended_at, one.ends_with_next = None, not is_over",
        _by("the first plan ends"),
    ),
    Mutant(
        "nothing leaves to a phone that said STOP",
        "reminders/delivery/followup/opt_out.py",
        "    care.withdraw_consent(refusing, source",
        "    care.withdraw_consent([], source",
        _by("moved after a stop"),
    ),
    Mutant(
        "a time that was told is corrected when the visit moves",
        PLAN + "visit_notices.py",
        "    return NoticeKind.MOVED if stands else NoticeKind.BOOKED",
        "    return None if stands else NoticeKind.BOOKED",
        _by("a visit is moved"),
    ),
    Mutant(
        "a time that was told is taken back when the visit is freed",
        PLAN + "visit_notices.py",
        "        return NoticeKind.CANCELLED if stands else None",
        "        return None",
        _by("a visit is freed"),
    ),
    Mutant(
        "a change of a visit that is undone after it was told is corrected",
        "reminders/visit_actions.py",
        "    check_up = _synced(visit_undo.undo(check_up, by=by, now=now, change=change), now)",
        "    check_up = visit_undo.undo(check_up, by=by, now=now, change=change)",
        _by("a move is undone"),
    ),
    Mutant(
        "reception calls about the announced visit of a cancelled operation",
        PLAN + "planning.py",
        "            changes[key].added += calls",
        "            pass",
        _by("a cancelled operation"),
    ),
    Mutant(
        "a reminder that would leave minutes before the notice is left out",
        PLAN + "visit_notices.py",
        "due_at < wanted.due_at + NEAR",
        "wanted.due_at <= due_at < wanted.due_at + NEAR",
        _by("booked for tomorrow"),
    ),
    Mutant(
        "two plans do not ask on one day, in the same words, to book a visit",
        PLAN + "said_once.py",
        "        return is_gone or any(_same_words(other, row) for other in plan.rows)",
        "        return is_gone",
        (
            "tests/plan/test_plans_laid_out_together.py::test_asked_on_one_day_to_book_two_visits_the_patient_is_asked_once",
        ),
    ),
]
