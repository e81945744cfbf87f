"""Imports: what a person or a patient decided is not undone, and a row that is in doubt is not taken."""

from tests.mutants.mutant import Mutant

EXCHANGE, TESTS = "clinic/exchange/", "tests/exchange/"
KNOWN = TESTS + "test_import_of_known_patients.py::"
NEW, WHOLE = TESTS + "test_patient_import.py::", TESTS + "test_patient_import_as_a_whole.py::"
SURGERIES = TESTS + "test_import_surgeries.py::"

MUTANTS = [
    Mutant(
        "consent in a file is the patient's, not a caregiver's",
        EXCHANGE + "contact_import.py",
        "elif agreed and given is None and contact.relationship == Relationship.SELF:",
        "elif agreed and given is None:",
        (KNOWN + "test_the_patients_consent_is_not_that_of_a_caregiver_at_the_same_address",),
    ),
    Mutant(
        "a file gives no consent to who took it back",
        EXCHANGE + "contact_import.py",
        "elif agreed and given is None and contact",
        "elif agreed and contact",
        (KNOWN + "test_an_import_never_undoes_a_stop_not_even_for_somebody_else_at_that_number[A-1]",),
    ),
    Mutant(
        "a stop at a number holds for whoever is imported with it",
        EXCHANGE + "contact_import.py",
        "    if agreed and address in stopped_here:",
        "    if False:",
        (KNOWN + "test_an_import_never_undoes_a_stop_not_even_for_somebody_else_at_that_number[A-2]",),
    ),
    Mutant(
        "who said no in the file is given no consent",
        EXCHANGE + "contact_import.py",
        "agreed = None if row.consent is False else intake.agreed",
        "agreed = intake.agreed",
        (NEW + "test_nobody_who_said_no_in_the_file_is_given_consent",),
    ),
    Mutant(
        "a contact that a person ended stays ended",
        EXCHANGE + "contact_import.py",
        "    if contact.ended_at:",
        "    if False:",
        (KNOWN + "test_a_contact_a_person_ended_stays_ended",),
    ),
    Mutant(
        "a no in the file where consent is on record is told to a person",
        EXCHANGE + "contact_import.py",
        "    elif row.consent is False and given ==",
        "    elif False and given ==",
        (KNOWN + "test_a_no_in_the_file_where_consent_is_on_record_is_left_to_a_person",),
    ),
    Mutant(
        "who has died is not registered",
        EXCHANGE + "patient_upsert.py",
        "    if row.dead:\n        dead = Fault",
        "    if False:\n        dead = Fault",
        (NEW + "test_a_refused_row_says_why_and_writes_nothing",),
    ),
    Mutant(
        "a death in the file ends every plan",
        EXCHANGE + "patient_upsert.py",
        "    if known and row.dead:",
        "    if False:",
        (KNOWN + "test_a_death_in_the_file_ends_every_plan_even_if_the_row_is_otherwise_no_good",),
    ),
    Mutant(
        "what a file leaves empty is left as it is",
        EXCHANGE + "patient_upsert.py",
        "if value and value != getattr(patient, name)}",
        "if value != getattr(patient, name)}",
        (KNOWN + "test_changed_facts_are_brought_over_and_empty_ones_left_alone",),
    ),
    Mutant(
        "a dry run writes nothing",
        EXCHANGE + "patient_batch.py",
        "            if intake.dry_run:",
        "            if False:",
        (WHOLE + "test_a_dry_run_says_the_same_and_writes_nothing",),
    ),
    Mutant(
        "a dry run enrols nobody",
        EXCHANGE + "surgery_import.py",
        "            if enrolling.dry_run:",
        "            if False:",
        (SURGERIES + "test_a_dry_run_writes_nothing",),
        times=2,
    ),
    Mutant(
        "one number on two different people refuses both",
        EXCHANGE + "duplicates.py",
        "_alike(same) if len({_facts(row) for row in same}) == 1 else _different(same)",
        "_alike(same)",
        (WHOLE + "test_one_number_on_two_different_people_refuses_both",),
    ),
    Mutant(
        "a stranger imports nobody",
        EXCHANGE + "patient_import.py",
        "    if not by.is_at(site):",
        "    if False:",
        (WHOLE + "test_a_colleague_of_the_site_may_import_and_a_stranger_may_not",),
    ),
    Mutant(
        "the same number at another site is another patient",
        EXCHANGE + "existing.py",
        "patients = Patient.objects.for_site(site).filter(number__in=numbers)",
        "patients = Patient.objects.filter(number__in=numbers)",
        (WHOLE + "test_the_same_number_at_another_site_is_another_patient",),
    ),
    Mutant(
        "minors are refused where a site does not treat them",
        EXCHANGE + "row_checks.py",
        "    if age(born.last, rules.today) < 18 and not rules.treats_minors:",
        "    if False:",
        (NEW + "test_a_refused_row_says_why_and_writes_nothing",),
    ),
    Mutant(
        "a landline is not texted",
        EXCHANGE + "row_checks.py",
        "        if phones.can_be_texted(number):",
        "        if True:",
        (NEW + "test_an_invalid_phone_beside_a_valid_address_is_a_warning",),
    ),
    Mutant(
        "a date that can be read in two ways is refused",
        EXCHANGE + "cells.py",
        "    if first <= 12 and second <= 12 and first != second:",
        "    if False:",
        (TESTS + "test_cells.py::test_a_date_that_could_be_misread_is_refused",),
    ),
    Mutant(
        "an operation that was cancelled stays cancelled",
        EXCHANGE + "surgery_import.py",
        "there = Surgery.objects.for_site(enrolling.site).filter(enrolment_key=new.key).first()",
        "there = Surgery.objects.for_site(enrolling.site).active().filter(enrolment_key=new.key).first()",
        (SURGERIES + "test_what_a_person_moved_or_cancelled_is_left_so",),
    ),
    Mutant(
        "nobody is enrolled with a surgeon who left",
        EXCHANGE + "surgery_import.py",
        "memberships__role=Role.SURGEON, is_active=True)",
        "memberships__role=Role.SURGEON)",
        (SURGERIES + "test_a_surgeon_who_left_is_none_of_the_site",),
    ),
    Mutant(
        "no cell of a file is run by a spreadsheet",
        EXCHANGE + "cells.py",
        '    return f"\'{cell}" if runs else cell',
        "    return cell",
        ("tests/staff/test_coverage.py::test_no_cell_of_the_csv_is_run_by_a_spreadsheet",),
    ),
]
