"""Protocols: only what is sound is signed, by a surgeon who read it, and then it never changes."""

from tests.mutants.mutant import Mutant

PLAN, TESTS = "reminders/plan/", "tests/plan/"
NEVER, CHECKS = TESTS + "test_signed_never_changes.py::", TESTS + "test_signing_checks.py::"

MUTANTS = [
    Mutant(
        "only a surgeon of the site signs",
        PLAN + "signing.py",
        "    if not by.is_at(version.protocol.site, Role.SURGEON):",
        "    if False:",
        (NEVER + "test_nobody_but_a_surgeon_signs", NEVER + "test_a_surgeon_of_another_site_does_not_sign"),
    ),
    Mutant(
        "what was changed while the surgeon was reading is not signed",
        PLAN + "signing.py",
        "    if seen is not None and seen != fingerprint(version):",
        "    if False:",
        (
            "tests/staff/test_protocol_editor_signing.py::"
            "test_what_a_colleague_changed_while_the_surgeon_was_reading_is_not_signed",
        ),
    ),
    Mutant(
        "what is not sound is not signed",
        PLAN + "signing.py",
        "        raise ValidationError(verdict.faults)",
        "        pass",
        (NEVER + "test_what_is_not_sound_is_not_signed",),
    ),
    Mutant(
        "every warning is read before a version is signed",
        PLAN + "signing.py",
        "[warning for warning in verdict.warnings if warning not in read]",
        "[]",
        (TESTS + "test_signing.py::test_every_warning_is_ticked_before_a_version_is_signed",),
    ),
    Mutant(
        "a version is signed once",
        PLAN + "signing.py",
        "    version.refuse_change()\n",
        "",
        (NEVER + "test_signing_twice_is_refused",),
    ),
    Mutant(
        "the version before is retired",
        PLAN + "signing.py",
        "    version.protocol.versions.signed().update(state=VersionState.RETIRED)\n",
        "",
        (NEVER + "test_signing_the_new_version_retires_the_old_one",),
    ),
    Mutant(
        "only surgeons and managers retire a version",
        PLAN + "signing.py",
        "    if not by.is_at(version.protocol.site, Role.SURGEON, Role.MANAGER):",
        "    if False:",
        (TESTS + "test_signing.py::test_surgeons_and_managers_retire_and_nobody_else",),
    ),
    Mutant(
        "only surgeons and managers edit a draft",
        PLAN + "draft_editing.py",
        "    if not by.is_at(held.protocol.site, *EDITORS):",
        "    if False:",
        (TESTS + "test_draft_editing.py::test_reception_and_a_stranger_edit_none",),
    ),
    Mutant(
        "only surgeons and managers import a draft",
        PLAN + "files/import_draft.py",
        "    if not by.is_at(site, Role.SURGEON, Role.MANAGER):",
        "    if False:",
        (TESTS + "test_files_taken.py::test_who_may_not_edit_may_not_import",),
    ),
    Mutant(
        "a signed version is moved and emptied by nobody",
        PLAN + "draft_editing.py",
        "    held.refuse_change()\n",
        "",
        (TESTS + "test_draft_editing.py::test_a_signed_version_is_edited_by_nobody",),
    ),
    Mutant(
        "a step that somebody else moved meanwhile is not moved again",
        PLAN + "draft_editing.py",
        "    if step.offset_days != was:",
        "    if False:",
        ("tests/staff/test_protocol_editor_days.py::test_a_step_somebody_else_moved_meanwhile_is_not_moved_again",),
    ),
    Mutant(
        "a signed version never changes, in the database either",
        PLAN + "signed_guard.py",
        "kept = \"to_jsonb(NEW) - 'state' = to_jsonb(OLD) - 'state' AND NEW.state IN (OLD.state, 'retired')\"",
        'kept = "true"',
        (NEVER + "test_a_signature_is_not_taken_back", NEVER + "test_a_retired_version_is_not_brought_back"),
        schema=True,
    ),
    Mutant(
        "each reminder exists once, by constraint",
        "reminders/migrations/0001_squashed_0008_messages_added_by_surgeons.py",
        'fields=("surgery", "step_code", "occurrence"), name="one_reminder_per_step_and_occurrence"',
        'fields=("surgery", "step_code", "id"), name="one_reminder_per_step_and_occurrence"',
        (TESTS + "test_constraints.py::test_what_must_never_be_true_is_refused[one_reminder_per_step_and_occurrence]",),
        schema=True,
    ),
    Mutant(
        "check-ins, day 0 and warnings carry the emergency number",
        PLAN + "must_carry.py",
        'if (what := _needs_emergency_number(step)) and "emergency_number" not in used:',
        "if False:",
        (TESTS + "test_must_carry.py::test_what_somebody_may_need_just_now_is_in_every_text",),
    ),
    Mutant(
        "a text message gives nobody away",
        PLAN + "signing_checks.py",
        "    if telling := telling_words(words.sms, language):",
        "    if telling := []:",
        (CHECKS + "test_a_text_that_breaks_a_wording_rule_cannot_be_signed",),
    ),
    Mutant(
        "a text message names neither the patient nor the surgeon",
        PLAN + "signing_checks.py",
        "    if personal := placeholders.too_personal(words.sms):",
        "    if personal := []:",
        (CHECKS + "test_each_channel_has_words_that_can_be_filled_in",),
    ),
    Mutant(
        "no text offers a word that carriers act on",
        PLAN + "signing_checks.py",
        "        if taken := forbidden_reply_words(text):",
        "        if taken := []:",
        (CHECKS + "test_a_text_that_breaks_a_wording_rule_cannot_be_signed",),
    ),
    Mutant(
        "every language of the site is asked for",
        PLAN + "signing_checks.py",
        '        if not words.all().strip():\n            yield f"{step.code} has no text in {language}."\n',
        "        if not words.all().strip():\n",
        (CHECKS + "test_every_language_of_the_site_is_asked_for",),
    ),
    Mutant(
        "phases leave no gap",
        PLAN + "signing_checks.py",
        "        if before.last_day is None or after.first_day != before.last_day + 1:",
        "        if before.last_day is None:",
        (CHECKS + "test_phases_follow_each_other_without_a_gap",),
    ),
]
