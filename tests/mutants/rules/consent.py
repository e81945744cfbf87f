"""Consent: the latest word counts, a scope is kept, and what a caregiver may not hear any more ends."""

from tests.mutants.mutant import Mutant

CONTACT, TESTS = "patients/models/contact.py", "tests/patients/test_actions.py::"
CAREGIVERS = "tests/staff/test_caregivers.py::"

MUTANTS = [
    Mutant(
        "the latest word on consent counts",
        CONTACT,
        'ConsentEvent.objects.filter(contact=OuterRef("pk")).order_by("-pk")',
        'ConsentEvent.objects.filter(contact=OuterRef("pk")).order_by("pk")',
        (TESTS + "test_the_latest_word_on_consent_counts",),
    ),
    Mutant(
        "nobody is reached who took consent back",
        CONTACT,
        "ended_at=None, unusable_since=None, consent_kind=",
        "ended_at=None, unusable_since=None, consent_kind__isnull=False and ",
        (TESTS + "test_the_latest_word_on_consent_counts",),
    ),
    Mutant(
        "a contact that has ended is not reached",
        CONTACT,
        "filter(ended_at=None, unusable_since=None, consent_kind",
        "filter(unusable_since=None, consent_kind",
        (TESTS + "test_who_is_reached_has_agreed_is_in_use_and_is_not_known_to_be_dead",),
    ),
    Mutant(
        "a number the carrier calls dead is not reached",
        CONTACT,
        "filter(ended_at=None, unusable_since=None, consent_kind",
        "filter(ended_at=None, consent_kind",
        (TESTS + "test_who_is_reached_has_agreed_is_in_use_and_is_not_known_to_be_dead",),
    ),
    Mutant(
        "a caregiver hears what the scope lets through",
        "patients/consent.py",
        "return about_a_visit if scope == VISITS else about_a_visit or is_warning",
        "return True",
        ("tests/patients/test_consent.py::test_a_caregiver_hears_what_was_agreed",),
    ),
    Mutant(
        "a message goes to nobody who has not agreed to it",
        "reminders/delivery/sending/audience.py",
        "if c.agreed and _in_scope(telling, c)]",
        "if _in_scope(telling, c)]",
        ("tests/delivery/test_opening.py::test_without_consent_on_the_preferred_channel_the_next_one_carries_it",),
    ),
    Mutant(
        "a scope gives no consent that was withdrawn",
        "patients/actions.py",
        "    if Contact.objects.reachable().filter(pk=contact.pk).exists():",
        "    if True:",
        (CAREGIVERS + "test_a_scope_gives_no_consent_that_was_withdrawn",),
    ),
    Mutant(
        "the scope, looked at when a message is claimed",
        "reminders/delivery/sending/guards.py",
        "    if not facts.in_scope:",
        "    if False:",
        ("tests/delivery/test_recipient_names.py::test_a_claim_looks_at_the_scope_itself",),
    ),
    Mutant(
        "a caregiver who hears less loses the patient's own page",
        "reminders/caregivers.py",
        "    if had_the_page and scope != Scope.ALL:",
        "    if False:",
        ("tests/patient/test_caregiver.py::test_who_had_the_patients_own_link_cannot_open_it_any_more",),
    ),
    Mutant(
        "a revoked caregiver loses the patient's own page",
        "reminders/caregivers.py",
        "    if caregiver.scope == Scope.ALL:",
        "    if False:",
        ("tests/patient/test_caregiver.py::test_who_had_the_patients_own_link_cannot_open_it_any_more",),
    ),
    Mutant(
        "the link of a revoked caregiver leads nowhere",
        "clinic/patient/caregiver.py",
        "filter(relationship=Relationship.CAREGIVER, ended_at=None)",
        "filter(relationship=Relationship.CAREGIVER)",
        ("tests/patient/test_caregiver.py::test_once_revoked_the_link_leads_nowhere",),
    ),
    Mutant(
        "a refusal on the phone covers all that arrives at the number",
        "clinic/api/patients.py",
        "replies.record_refusal(row, **given,",
        "care.withdraw_consent([row], **given,",
        ("tests/api/test_caregivers.py::test_withdrawn_is_withdrawn_for_the_number",),
    ),
    Mutant(
        "on the record silence is no consent",
        "clinic/staff/record/contact_views.py",
        'gives = request.POST.get("given") == "yes"',
        'gives = request.POST.get("given") != "no"',
        ("tests/staff/test_record.py::test_a_form_that_does_not_say_yes_gives_no_consent",),
    ),
    Mutant(
        "looking at the unsubscribe page ends nothing",
        "clinic/patient/unsubscribe.py",
        'done = request.method == "POST"',
        "done = True",
        ("tests/patient/test_unsubscribe.py::test_looking_changes_nothing",),
    ),
    Mutant(
        "consent has the words that were agreed to",
        "patients/migrations/0001_squashed_0005_mailboxes_in_one_spelling.py",
        'condition=models.Q(("wording", ""), _negated=True), name="consent_has_wording"',
        'condition=models.Q(("wording", "-"), _negated=True), name="consent_has_wording"',
        ("tests/plan/test_constraints.py::test_what_must_never_be_true_is_refused[consent_has_wording]",),
        schema=True,
    ),
]
