"""Reception's board: what is late, who must be called, what can be done with a visit, and nothing of another site."""

from tests.mutants.mutant import Mutant

BOARD, TESTS = "clinic/staff/board/", "tests/staff/"

MUTANTS = [
    Mutant(
        "missed is offered once the visit's hour has come",
        BOARD + "visits.py",
        "missed = (MISSED,) if check_up.booked_for <= scene.now else ()",
        "missed = (MISSED,)",
        (TESTS + "test_board_visits.py::test_what_can_be_done_with_a_visit_follows_its_state_and_its_hour",),
    ),
    Mutant(
        "a visit is confirmed once",
        BOARD + "visits.py",
        "confirm = (CONFIRM,) if check_up.state == CheckUpState.BOOKED else ()",
        "confirm = (CONFIRM,)",
        (TESTS + "test_board_visits.py::test_what_can_be_done_with_a_visit_follows_its_state_and_its_hour",),
    ),
    Mutant(
        "nothing is offered for a visit that took place or was cancelled",
        BOARD + "visits.py",
        "    if check_up.state not in (CheckUpState.BOOKED, CheckUpState.CONFIRMED) or not check_up.booked_for:\n"
        "        return None, ()",
        "    if not check_up.booked_for:\n        return None, ()",
        (TESTS + "test_board_visits.py::test_what_can_be_done_with_a_visit_follows_its_state_and_its_hour",),
    ),
    Mutant(
        "who came is marked on the day, not before",
        BOARD + "visits.py",
        "    if day == scene.today:\n        return ARRIVED,",
        "    if day >= scene.today:\n        return ARRIVED,",
        (TESTS + "test_board_visits.py::test_what_can_be_done_with_a_visit_follows_its_state_and_its_hour",),
    ),
    Mutant(
        "a message is late after ten minutes",
        BOARD + "queries.py",
        "LATE_BY = timedelta(minutes=10)",
        "LATE_BY = timedelta(hours=10)",
        (TESTS + "test_board_numbers.py::test_a_message_is_late_ten_minutes_after_its_time",),
    ),
    Mutant(
        "the late of another site stand on another board",
        BOARD + "queries.py",
        "return Reminder.objects.for_staff(self.staff).for_site(self.site).late(",
        "return Reminder.objects.for_staff(self.staff).late(",
        (TESTS + "test_board_numbers.py::test_a_message_is_late_ten_minutes_after_its_time",),
    ),
    Mutant(
        "whom a warning tells of is late too",
        BOARD + "page.py",
        "late = max(desk.late(), *(warning.people for warning in warnings), 0)",
        "late = desk.late()",
        (TESTS + "test_board_numbers.py::test_who_waits_for_a_breaker_is_late_too",),
    ),
    Mutant(
        "what nobody has read is told of on the board",
        "reminders/replies/alerts/unread.py",
        "on_board=True, site=",
        "site=",
        (TESTS + "test_status.py::test_texts_nobody_has_read_are_told_of_on_the_board_on_the_page_and_to_machines",),
    ),
    Mutant(
        "what must not wait is read first",
        BOARD + "queries.py",
        'order_by("-is_urgent", "received_at", "pk")',
        'order_by("received_at", "pk")',
        (
            TESTS + "test_board_calls.py::"
            "test_a_reply_that_must_not_wait_stands_first_and_what_may_be_a_refusal_says_so",
        ),
    ),
    Mutant(
        "whose deadline comes first is called first",
        BOARD + "call_list.py",
        'F("turn").asc(nulls_last=True), F("latest").desc(nulls_last=True), "pk"',
        '"pk"',
        (TESTS + "test_board_calls.py::test_whose_deadline_comes_first_is_called_first_and_past_ones_come_last",),
    ),
    Mutant(
        "nobody is called about somebody who has died",
        "reminders/plan/models/reminder.py",
        'open_ones.filter(surgery__patient__status="active")',
        "open_ones",
        (TESTS + "test_board_calls.py::test_nobody_is_called_about_somebody_who_has_died",),
    ),
    Mutant(
        "what nobody knows the end of is called about",
        "reminders/plan/models/reminder.py",
        "    ReminderStatus.EXPIRED,\n    ReminderStatus.UNCONFIRMED,\n]",
        "    ReminderStatus.EXPIRED,\n]",
        (TESTS + "test_board_calls.py::test_whatever_found_no_way_is_called_about",),
    ),
    Mutant(
        "a call settles nothing of another person",
        "reminders/calls.py",
        "rows = Reminder.objects.to_call().filter(surgery__in=operations)",
        "rows = Reminder.objects.to_call()",
        (
            TESTS + "test_board_call_actions.py::"
            "test_a_call_settles_nothing_of_another_person_and_nothing_that_is_still_planned",
        ),
    ),
    Mutant(
        "a visit whose day is over and that nobody closed is asked about",
        BOARD + "queries.py",
        "self._check_ups().upcoming().filter(booked_for__lt=self.day[0])",
        "self._check_ups().upcoming().none()",
        (TESTS + "test_board_visits.py::test_every_open_visit_stands_in_the_list_its_facts_call_for",),
    ),
    Mutant(
        "today is the site's day",
        "patients/models/site.py",
        "return now.astimezone(self.zone).date()",
        "return now.date()",
        (TESTS + "test_board_visits.py::test_today_is_the_sites_day_and_its_hours_are_the_sites_hours",),
    ),
    Mutant(
        "a time that the clocks skip is refused",
        BOARD + "times.py",
        "    if at.astimezone(site.zone).replace(tzinfo=None) != local:",
        "    if False:",
        (TESTS + "test_board_visit_actions.py::test_a_wrong_time_comes_back_as_a_sentence_beside_the_row",),
    ),
    Mutant(
        "a site one has left is forgotten",
        BOARD + "site.py",
        "return next((site for site in sites if site.pk == remembered), sites[0])",
        "return next((site for site in Site.objects.all() if site.pk == remembered), sites[0])",
        (TESTS + "test_board_rights.py::test_a_site_they_left_is_forgotten",),
    ),
    Mutant(
        "a plan that is held says so",
        BOARD + "queries.py",
        "return frozenset(holds.filter(Q(ends=None) | Q(ends__gt=today))",
        "return frozenset(holds.filter(ends__gt=today)",
        (TESTS + "test_board_visits.py::test_a_row_says_that_a_plan_is_held_until_it_is_released",),
    ),
    Mutant(
        "no line of who missed what is lost between two pages",
        "clinic/coverage.py",
        'filter(Q(kind__in=self.kinds)).order_by("due_at", "pk")',
        'filter(Q(kind__in=self.kinds)).order_by("due_at")',
        (TESTS + "test_coverage.py::test_a_long_list_comes_in_pages_and_asks_as_few_questions_as_a_short_one",),
    ),
    Mutant(
        "the next page of who missed what goes on within the same moment",
        "clinic/staff/coverage/views.py",
        "rows.filter(Q(due_at__gt=last) | Q(due_at=last, pk__gt=after), due_at__gte=last)",
        "rows.filter(Q(due_at__gt=last), due_at__gte=last)",
        (TESTS + "test_coverage.py::test_a_long_list_comes_in_pages_and_asks_as_few_questions_as_a_short_one",),
    ),
]
