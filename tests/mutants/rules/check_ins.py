"""Check-ins: whose answer it is, what must not wait, and that a better answer never hides a worse one."""

from tests.mutants.mutant import Mutant

CHECK_INS, REPLIES = "reminders/replies/checkins/", "tests/replies/"
DOUBT, SILENT = REPLIES + "test_checkins_in_doubt.py::", REPLIES + "test_checkins_unanswered.py::"
PAGE, PHONE = "tests/patient/test_check_in.py::", "tests/staff/test_check_in_by_phone.py::"

MUTANTS = [
    Mutant(
        "a better answer does not replace a worse one",
        CHECK_INS + "lifecycle.py",
        "if was_open and questionnaire.is_worse(value, before.given.get(ask))",
        "if was_open",
        (DOUBT + "test_a_correction_towards_trouble_counts_one_away_from_it_is_for_a_person",),
    ),
    Mutant(
        "a check-in that is closed changes no more",
        CHECK_INS + "lifecycle.py",
        "if was_open and questionnaire.is_worse(value, before.given.get(ask))",
        "if questionnaire.is_worse(value, before.given.get(ask))",
        (REPLIES + "test_checkins.py::test_what_was_closed_meanwhile_is_not_written_any_more",),
    ),
    Mutant(
        "what contradicts an earlier answer is read by a person",
        CHECK_INS + "lifecycle.py",
        "contrary = any(before.given.get(ask) != value for ask, value in answers.given.items() if ask not in taken)",
        "contrary = False",
        (PAGE + "test_a_better_answer_than_the_one_by_text_waits_for_a_person",),
    ),
    Mutant(
        "an answer that must not wait raises an alert",
        CHECK_INS + "lifecycle.py",
        "    if seen:\n        (level, _), signs",
        "    if False:\n        (level, _), signs",
        (PAGE + "test_what_must_not_wait_is_said_at_once_and_raises_an_alert",),
    ),
    Mutant(
        "pain far worse than the last time counts",
        CHECK_INS + "lifecycle.py",
        "seen = questionnaire.seen(told, last_pain=_pain_before(check_in))",
        "seen = questionnaire.seen(told, last_pain=None)",
        (REPLIES + "test_checkins.py::test_pain_far_worse_than_the_last_time_raises_an_alert",),
    ),
    Mutant(
        "after a refusal only an emergency is answered",
        CHECK_INS + "lifecycle.py",
        "if (Level.E in dict(signs)) else",
        "if signs else",
        (REPLIES + "test_checkins.py::test_after_a_stop_a_sign_of_the_same_day_is_an_alert_and_is_not_answered",),
    ),
    Mutant(
        "after a refusal nothing is asked",
        CHECK_INS + "lifecycle.py",
        "    if withdrawn:  # as with any other text",
        "    if False:  # as with any other text",
        (REPLIES + "test_checkins.py::test_after_a_stop_nothing_is_asked",),
    ),
    Mutant(
        "two check-ins without an answer are told to reception",
        CHECK_INS + "lifecycle.py",
        "        _tell_if_silent(check_in, now)\n",
        "",
        (SILENT + "test_two_in_a_row_without_an_answer_are_told_to_reception_once",),
    ),
    Mutant(
        "a plan that has ended calls nobody",
        CHECK_INS + "lifecycle.py",
        "    if check_in.answered_at or not running:",
        "    if check_in.answered_at:",
        (SILENT + "test_an_ended_plan_calls_nobody",),
    ),
    Mutant(
        "what never arrived was not asked",
        CHECK_INS + "lifecycle.py",
        "        if check_in.answered_at is None and not _may_have_arrived(check_in):",
        "        if False:",
        (SILENT + "test_what_waits_or_never_arrived_was_not_asked",),
    ),
    Mutant(
        "a caregiver answers only where the scope allows",
        CHECK_INS + "open_questions.py",
        "if c.relationship == Relationship.SELF or c.scope == Scope.ALL]",
        "]",
        (DOUBT + "test_a_caregiver_answers_only_where_the_scope_allows",),
    ),
    Mutant(
        "a number of two open questions answers neither",
        "reminders/replies/parsing/questionnaire.py",
        "only = asked[0] if len(asked) == 1 else None",
        "only = asked[0] if asked else None",
        (DOUBT + "test_two_patients_on_one_phone_are_not_mixed_up[7]",),
    ),
    Mutant(
        "after three days a question is closed",
        CHECK_INS + "open_questions.py",
        "OPEN_FOR = timedelta(days=3)",
        "OPEN_FOR = timedelta(days=30)",
        (DOUBT + "test_an_answer_after_three_days_goes_to_a_person_and_says_so",),
    ),
    Mutant(
        "a page opened before the next check-in answers the one it was opened with",
        "clinic/patient/checkin.py",
        'if reminder and key == f"{reminder.pk}" else None',
        "if reminder else None",
        (PAGE + "test_the_answers_to_another_check_in_wait_for_a_person",),
    ),
    Mutant(
        "an emergency among answers that come too late raises its alert",
        CHECK_INS + "by_page.py",
        "    if new and signs:",
        "    if False:",
        (PAGE + "test_an_emergency_on_a_page_that_was_left_open_raises_its_alert",),
    ),
    Mutant(
        "pressing twice writes one check-in",
        CHECK_INS + "by_phone.py",
        "    if told_so_far(surgery) != so_far:",
        "    if False:",
        (PHONE + "test_pressing_twice_writes_one_and_what_was_typed_is_still_there",),
    ),
    Mutant(
        "what a patient has answered stays the patient's own",
        CHECK_INS + "by_phone.py",
        "check_in.closed_at is None and check_in.answered_at is None else None",
        "check_in.closed_at is None else None",
        (PHONE + "test_what_a_patient_has_answered_by_text_stays_the_patients_own",),
    ),
]
