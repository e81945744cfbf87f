"""Visits: what can become of one, and that its messages follow."""

from tests.mutants.mutant import Mutant

CARE, TESTS = "patients/visit_actions.py", "tests/plan/test_visit_steps.py::"

MUTANTS = [
    Mutant(
        "no visit is booked for a time that has passed",
        CARE,
        "    if at <= now:",
        "    if False:",
        (TESTS + "test_a_visit_that_is_not_booked_cannot_be_confirmed_or_missed",),
    ),
    Mutant(
        "no visit is booked more than two years ahead",
        CARE,
        '        raise ValidationError({"booked_for": "This time is more than two years ahead. Check the year."})',
        "        pass",
        ("tests/api/test_acting.py::test_a_time_that_cannot_be_booked_is_named",),
    ),
    Mutant(
        "a visit that took place is not booked again",
        CARE,
        "    if check_up.state == CheckUpState.ATTENDED:",
        "    if False:",
        (TESTS + "test_a_visit_that_took_place_is_not_booked_again",),
    ),
    Mutant(
        "no visit is booked for a cancelled operation",
        CARE,
        "    if check_up.surgery.cancelled_at:",
        "    if False:",
        ("tests/staff/test_record.py::test_no_visit_is_booked_for_a_cancelled_operation",),
    ),
    Mutant(
        "the same click twice books once",
        CARE,
        "        return check_up  # the same click twice\n",
        "        pass  # the same click twice\n",
        (TESTS + "test_the_same_click_twice_books_once",),
    ),
    Mutant(
        "each booking has a number of its own",
        CARE,
        "    return max(check_up.bookings, used) + 1",
        "    return 1",
        (TESTS + "test_a_moved_visit_has_new_reminders_and_the_earlier_ones_go",),
    ),
    Mutant(
        "a visit still to come is not missed",
        CARE,
        "if check_up.state in COMING and check_up.booked_for and check_up.booked_for > now:",
        "if False:",
        (TESTS + "test_a_visit_still_to_come_is_not_missed",),
    ),
    Mutant(
        "what is over is not undone by a stale page",
        CARE,
        "    if check_up.state not in since:",
        "    if False:",
        ("tests/staff/test_board_visit_actions.py::test_what_is_over_cannot_be_undone_by_a_stale_page",),
    ),
    Mutant(
        "the messages follow what becomes of a visit",
        "reminders/visit_actions.py",
        "    planning.sync(check_up.surgery, now=now)\n    return check_up",
        "    return check_up",
        (TESTS + "test_booking_silences_the_invitations_and_lays_out_the_reminders",),
    ),
    Mutant(
        "a reminder on its way is recalled when its visit moves",
        "reminders/plan/row_diff.py",
        "    row.reason = why\n    return RowChange(",
        "    return RowChange(",
        (TESTS + "test_a_reminder_already_on_its_way_is_recalled_when_the_visit_moves",),
    ),
    Mutant(
        "a booked time stays when the operation moves",
        "reminders/plan/checkups.py",
        "if _is_untouched(row)]",
        "]",
        (TESTS + "test_a_visit_that_was_booked_stays_when_the_plan_does_not_call_for_it_any_more",),
    ),
    Mutant(
        "a page from before a visit moved answers nothing",
        "clinic/patient/views.py",
        'key_of(check_up) != request.POST.get("visit")',
        "False",
        ("tests/patient/test_page.py::test_a_page_from_before_the_visit_moved_answers_nothing",),
    ),
]
