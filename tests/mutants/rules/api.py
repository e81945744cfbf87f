"""The API: no row is lost between pages, nothing misspelt passes, a look changes nothing, a repeat does no harm."""

from tests.mutants.mutant import Mutant

API, TESTS = "clinic/api/", "tests/api/"

MUTANTS = [
    Mutant(
        "rows of one value are told apart by their id",
        API + "pagination.py",
        'queryset = queryset.order_by(f"{down}{self.field}", f"{down}pk")',
        'queryset = queryset.order_by(f"{down}{self.field}")',
        (TESTS + "test_lists.py::test_rows_of_one_value_are_all_seen_one_by_one[check-ups]",),
    ),
    Mutant(
        "the next page goes on within the rows of one value",
        API + "pagination.py",
        '| Q(**{name: value, f"pk__{way}": cursor.pk})',
        "",
        (TESTS + "test_lists.py::test_rows_of_one_value_are_all_seen_one_by_one[check-ups]",),
    ),
    Mutant(
        "a page back is in the order of the list",
        API + "pagination.py",
        "            self.page.reverse()",
        "            pass",
        (TESTS + "test_lists.py::test_rows_of_one_value_are_all_seen_one_by_one[check-ups]",),
    ),
    Mutant(
        "a misspelt field is refused",
        API + "fields.py",
        "        if wrong:\n            raise serializers.ValidationError(wrong)\n",
        "",
        (TESTS + "test_enrolling.py::test_bad_input_names_the_field_and_nothing_is_kept",),
    ),
    Mutant(
        "a misspelt filter is refused",
        API + "filtering.py",
        '            refuse_unknown(request.query_params, known, BadQuery, "parameter")',
        "            pass",
        (TESTS + "test_lists.py::test_a_filter_that_cannot_be_read_is_named",),
    ),
    Mutant(
        "a moment has its offset",
        API + "fields.py",
        '        if timezone.is_naive(value):\n            self.fail("naive")',
        "        if timezone.is_naive(value):\n            value = value.replace(tzinfo=UTC)",
        (TESTS + "test_acting.py::test_a_time_that_cannot_be_booked_is_named",),
    ),
    Mutant(
        "a look at a move moves nothing",
        API + "surgeries.py",
        '        if given["dry_run"]:',
        "        if False:",
        (TESTS + "test_acting.py::test_moving_an_operation_moves_its_plan_after_a_look_at_what_would_move",),
    ),
    Mutant(
        "a look at a decision decides nothing",
        API + "decisions.py",
        "rehearse(lambda: _named(act)) if looked else _named(act)",
        "_named(act)",
        (TESTS + "test_decisions.py::test_a_hold_is_looked_at_made_released_and_taken_back",),
    ),
    Mutant(
        "a decision on an older picture of the plan is a conflict",
        API + "decisions.py",
        'return plan_changes.decide(of, wish, why=given["why"], by=me, now=clock.now(), revision=seen)',
        'return plan_changes.decide(of, wish, why=given["why"], by=me, now=clock.now())',
        (TESTS + "test_decisions.py::test_a_decision_on_an_older_picture_of_the_plan_is_a_conflict",),
    ),
    Mutant(
        "a field that does not belong to a decision is refused",
        API + "decisions.py",
        "            raise serializers.ValidationError(wrong)\n        return attrs",
        "            pass\n        return attrs",
        (TESTS + "test_decisions.py::test_what_does_not_fit_is_named",),
    ),
    Mutant(
        "a request key with other facts is refused",
        API + "surgeries.py",
        "    if any(was[name] != value for name, value in asked.named.items()):",
        "    if False:",
        (TESTS + "test_enrolling.py::test_the_same_key_with_other_facts_is_refused",),
    ),
    Mutant(
        "a site names no surgeon who left",
        API + "sites.py",
        "if m.role == Role.SURGEON and m.staff.is_active]",
        "if m.role == Role.SURGEON]",
        (TESTS + "test_acting.py::test_a_site_names_no_surgeon_who_left",),
    ),
    Mutant(
        "a contact is one number or one address",
        API + "contacts.py",
        'if bool(attrs.get("phone")) == bool(attrs.get("email")):',
        "if False:",
        (TESTS + "test_patients.py::test_bad_input_names_the_field_and_says_what_would_be_right",),
    ),
    Mutant(
        "a contact that is there already is not added again",
        API + "patients.py",
        "    if patient.contacts.filter(ended_at=None, phone=new.phone, email=new.email).exists():\n"
        "        raise taken\n",
        "",
        (TESTS + "test_patients.py::test_a_contact_is_added_and_consent_given_and_withdrawn",),
    ),
    Mutant(
        "latest consent stands in the answer",
        API + "contacts.py",
        "return events[-1].kind if events else NEVER_ASKED",
        "return events[0].kind if events else NEVER_ASKED",
        (TESTS + "test_patients.py::test_a_contact_is_added_and_consent_given_and_withdrawn",),
    ),
    Mutant(
        "what nobody foresaw is answered without its trace",
        API + "problems.py",
        "    if problem is None:\n        got_request_exception",
        "    if problem is None:\n        raise error\n        got_request_exception",
        (TESTS + "test_problems.py::test_what_nobody_foresaw_is_logged_and_shows_no_trace",),
    ),
]
