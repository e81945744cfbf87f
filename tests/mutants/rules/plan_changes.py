"""What staff decide about one plan: who may, what fits, and that nobody decides on an older picture of it."""

from tests.mutants.mutant import Mutant

PLAN, TESTS = "reminders/plan/", "tests/plan/test_plan_changes.py::"

MUTANTS = [
    Mutant(
        "only surgeons and managers of the site change a plan",
        "reminders/plan_changes.py",
        "        if not by.decides_at(site):",
        "        if False:",
        (TESTS + "test_only_who_decides_there_changes_a_plan",),
    ),
    Mutant(
        "the second of two who decide at once is told",
        "reminders/plan_changes.py",
        "if revision is not None and revision != plan.revision:",
        "if False:",
        (TESTS + "test_the_second_of_two_who_decide_at_once_is_told_and_nothing_is_lost",),
    ),
    Mutant(
        "a decision has a reason",
        PLAN + "decisions.py",
        "    if not change.why:",
        "    if False:",
        (TESTS + "test_a_decision_without_a_reason_is_refused",),
    ),
    Mutant(
        "a phase that has begun is not moved",
        PLAN + "decisions.py",
        "    if begins <= today:",
        "    if False:",
        (TESTS + "test_what_does_not_fit_is_refused_with_what_would_be_right[cannot be moved any more]",),
    ),
    Mutant(
        "a pace stays between 50 and 300 percent",
        PLAN + "decisions.py",
        "if not 50 <= change.percent <= 300:",
        "if False:",
        (TESTS + "test_what_does_not_fit_is_refused_with_what_would_be_right[between 50 and 300 percent]",),
    ),
    Mutant(
        "a plan only moves to a signed version",
        PLAN + "decisions.py",
        "    if version.state != VersionState.SIGNED:",
        "    if False:",
        (TESTS + "test_a_plan_moves_to_no_draft_and_to_no_other_sites_version",),
    ),
    Mutant(
        "a plan does not move to another site's version",
        PLAN + "decisions.py",
        "if version is None or version.protocol.site_id != surgery.site_id:",
        "if version is None:",
        (TESTS + "test_a_plan_moves_to_no_draft_and_to_no_other_sites_version",),
    ),
    Mutant(
        "a day that was moved again is not taken back by the first undo",
        PLAN + "decisions.py",
        "        if is_now != became:",
        "        if False:",
        (TESTS + "test_a_day_that_was_moved_again_is_not_taken_back_by_the_first_undo",),
    ),
    Mutant(
        "holds do not overlap",
        PLAN + "decisions.py",
        "if other.starts < (change.ends or date.max) and change.starts < other.ends:",
        "if False:",
        (TESTS + "test_holds_do_not_overlap_and_only_a_held_plan_is_released",),
    ),
    Mutant(
        "who does not decide at a site any more moves none of its patients",
        "reminders/version_moves.py",
        "if is_signed and move.by.decides_at(move.site):",
        "if is_signed:",
        ("tests/moves/test_version_moves.py::test_who_left_the_clinic_moves_nobody_any_more",),
    ),
    Mutant(
        "only surgeons and managers move a protocol's patients",
        "reminders/version_moves.py",
        "    if not by.decides_at(site):",
        "    if False:",
        ("tests/moves/test_version_moves.py::test_only_who_decides_there_starts_and_stops",),
    ),
    Mutant(
        "what may have arrived is never sent again",
        "reminders/actions.py",
        "    if reminder.status == ReminderStatus.UNCONFIRMED:",
        "    if False:",
        ("tests/plan/test_sending_again.py::test_what_arrived_or_may_have_is_never_sent_again",),
    ),
    Mutant(
        "what is of no use any more is not sent again",
        "reminders/actions.py",
        "    if reminder.useful_until <= now:",
        "    if False:",
        ("tests/plan/test_sending_again.py::test_what_is_of_no_use_any_more_is_not_sent_again",),
    ),
    Mutant(
        "sent again and failed again, it is back on the call list",
        "reminders/actions.py",
        "reminder.handled_at, reminder.handled_by, reminder.handled_note = None,",
        "unused, unused, unused = None,",
        ("tests/plan/test_sending_again.py::test_sending_again_brings_a_new_failure_back_to_the_call_list",),
    ),
    Mutant(
        "only surgeons and managers cancel an operation",
        "reminders/actions.py",
        '    _only_deciders(surgery.site, by, to="cancel an operation")\n',
        "",
        (
            "tests/staff/test_record.py::test_a_colleague_at_reception_sees_but_does_not_decide_a_stranger_finds_nothing",
        ),
    ),
    Mutant(
        "only surgeons and managers change the facts behind a plan",
        "reminders/actions.py",
        '    _only_deciders(surgery.site, by, to="change clinical details")\n',
        "",
        (
            "tests/staff/test_record.py::test_a_colleague_at_reception_sees_but_does_not_decide_a_stranger_finds_nothing",
        ),
    ),
    Mutant(
        "only surgeons and managers accept or decline what is proposed",
        "reminders/pace_proposals.py",
        "    if not by.decides_at(surgery.site):",
        "    if False:",
        ("tests/staff/test_proposals.py::test_a_colleague_sees_it_and_does_not_decide_a_stranger_sees_nothing",),
    ),
    Mutant(
        "what is accepted is what was shown",
        "reminders/pace_proposals.py",
        "if found is None or found.reasons != tuple(reasons):",
        "if found is None:",
        ("tests/plan/test_pace_proposals.py::test_what_is_not_proposed_any_more_is_not_done",),
    ),
]
